//! One statement and its rows, for either database: the SQL text is the same, and so are the three kinds of values.

use super::StoreError;
use crate::model::{Invalid, Timestamp};
use sqlx::{
    Arguments, Database, Decode, Encode, Executor, IntoArguments, Postgres, Row as _, Sqlite, Type, postgres::PgRow,
    sqlite::SqliteRow,
};

/// A value as both databases take it.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Number(Some(time.millis()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(time: Option<Timestamp>) -> Self {
        Self::Number(time.map(Timestamp::millis))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

/// SQL with the values of `$1`, `$2` and so on.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    text: &'static str,
    values: Vec<Value>,
}

/// A statement without values yet.
pub(super) const fn sql(text: &'static str) -> Statement {
    Statement { text, values: Vec::new() }
}

/// A database that takes and gives the three kinds of values.
pub(super) trait Dialect: Database<Arguments: IntoArguments<Self>>
where
    Option<String>: Encode<'static, Self> + Type<Self>,
    Option<i64>: Encode<'static, Self> + Type<Self>,
    Vec<u8>: Encode<'static, Self> + Type<Self>,
{
    fn arguments(values: Vec<Value>) -> Result<Self::Arguments, sqlx::Error> {
        let mut arguments = Self::Arguments::default();
        for value in values {
            match value {
                Value::Text(text) => arguments.add(text),
                Value::Number(number) => arguments.add(number),
                Value::Bytes(bytes) => arguments.add(bytes),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

impl Dialect for Sqlite {}
impl Dialect for Postgres {}

impl Statement {
    /// The next value.
    pub(super) fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it for its rows.
    pub(super) async fn rows<'c, DB, E>(self, on: E) -> Result<Vec<Row>, sqlx::Error>
    where
        DB: Dialect,
        E: Executor<'c, Database = DB>,
        Row: From<DB::Row>,
        Option<String>: Encode<'static, DB> + Type<DB>,
        Option<i64>: Encode<'static, DB> + Type<DB>,
        Vec<u8>: Encode<'static, DB> + Type<DB>,
    {
        let rows = sqlx::query_with(self.text, DB::arguments(self.values)?).fetch_all(on).await?;
        Ok(rows.into_iter().map(Row::from).collect())
    }

    /// Runs it for its effect.
    pub(super) async fn run<'c, DB, E>(self, on: E) -> Result<DB::QueryResult, sqlx::Error>
    where
        DB: Dialect,
        E: Executor<'c, Database = DB>,
        Option<String>: Encode<'static, DB> + Type<DB>,
        Option<i64>: Encode<'static, DB> + Type<DB>,
        Vec<u8>: Encode<'static, DB> + Type<DB>,
    {
        sqlx::query_with(self.text, DB::arguments(self.values)?).execute(on).await
    }
}

/// A row of either database.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

impl Row {
    /// The value of a column.
    pub(super) fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|_| StoreError::Damaged(column))
    }

    /// The text of a column, read as a value of the field.
    pub(super) fn read<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<T, StoreError> {
        read(&self.get::<String>(column)?).map_err(|_| StoreError::Damaged(column))
    }

    /// The words of a column, which are parted by spaces.
    pub(super) fn words(&self, column: &'static str) -> Result<Vec<String>, StoreError> {
        Ok(self.get::<String>(column)?.split_whitespace().map(str::to_owned).collect())
    }

    /// The time in a column.
    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.get(column).map(Timestamp::from_millis)
    }
}
