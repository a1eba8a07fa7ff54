//! Services: those of the configuration file, and those that an operator has added by command.

use super::{
    Store, StoreError,
    database::Transaction,
    statement::{Row, Statement, sql},
};
use crate::model::{Invalid, ServiceSlug, Timestamp, UserId};

/// What a service is registered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What programs call it.
    pub slug: ServiceSlug,
    /// What people call it.
    pub name: String,
    /// Where browsers may be sent with its tokens.
    pub redirects: Vec<String>,
    /// What it may ask for.
    pub permissions: Vec<String>,
    /// How far the operator has looked into it; may be empty.
    pub verification_level: String,
    /// Whether the operator knows who runs it.
    pub verified: bool,
    /// It runs on players' own machines.
    pub native: bool,
    /// The SHA-256 of its secret, in hexadecimal, if it has one.
    pub secret_hash: Option<String>,
    /// It may ask for nothing, and its tokens are void.
    pub disabled: bool,
}

/// Who has registered a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The configuration file.
    File,
    /// A command.
    Command,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Given once and never again.
    pub id: String,
    /// What it is registered with.
    pub registered: Registration,
    /// By whom.
    pub origin: Origin,
    /// When.
    pub created_at: Timestamp,
}

impl Origin {
    const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Command => "command",
        }
    }

    fn parse(text: &str) -> Result<Self, Invalid> {
        let found = [Self::File, Self::Command].into_iter().find(|origin| origin.name() == text);
        found.ok_or(Invalid { what: "origin", fault: "is none of a service" })
    }
}

impl Service {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let flag = |column| Ok::<_, StoreError>(row.get::<i64>(column)? != 0);
        let registered = Registration {
            slug: row.read("slug", ServiceSlug::new)?,
            name: row.get("name")?,
            redirects: row.words("redirects")?,
            permissions: row.words("permissions")?,
            verification_level: row.get("verification_level")?,
            verified: flag("verified")?,
            native: flag("native")?,
            secret_hash: row.get("secret_hash")?,
            disabled: flag("disabled")?,
        };
        Ok(Self {
            id: row.get("id")?,
            registered,
            origin: row.read("origin", Origin::parse)?,
            created_at: row.time("created_at")?,
        })
    }
}

const ADD: &str = "INSERT INTO services (slug, name, redirects, permissions, verification_level, verified, native, \
    secret_hash, disabled, id, origin, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (slug) DO NOTHING";
/// The file's word stands over that of a command.
const PUT: &str = "INSERT INTO services (slug, name, redirects, permissions, verification_level, verified, native, \
    secret_hash, disabled, id, origin, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (slug) DO UPDATE SET name = excluded.name, redirects = excluded.redirects, \
    permissions = excluded.permissions, verification_level = excluded.verification_level, \
    verified = excluded.verified, native = excluded.native, secret_hash = excluded.secret_hash, \
    disabled = excluded.disabled, origin = excluded.origin";

fn written(text: &'static str, new: &Registration, origin: Origin, now: Timestamp) -> Statement {
    sql(text)
        .with(new.slug.as_str())
        .with(&*new.name)
        .with(new.redirects.join(" "))
        .with(new.permissions.join(" "))
        .with(&*new.verification_level)
        .with(i64::from(new.verified))
        .with(i64::from(new.native))
        .with(new.secret_hash.as_deref())
        .with(i64::from(new.disabled))
        // As users' ids are made.
        .with(UserId::new(now).to_string())
        .with(origin.name())
        .with(now)
}

impl Store {
    /// All services by their slugs, each with the number of players who let it use their account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn services(&self) -> Result<Vec<(Service, u64)>, StoreError> {
        let all = "SELECT services.*, (SELECT count(*) FROM consents WHERE service_id = services.id AND revoked_at IS NULL) \
            AS players FROM services ORDER BY slug";
        let rows = self.database.rows(sql(all)).await?;
        rows.iter().map(|row| Ok((Service::read(row)?, row.get::<i64>("players")?.unsigned_abs()))).collect()
    }

    /// A service by what programs call it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn service(&self, slug: &ServiceSlug) -> Result<Option<Service>, StoreError> {
        let found = self.database.row(sql("SELECT * FROM services WHERE slug = $1").with(slug.as_str())).await?;
        found.map(|row| Service::read(&row)).transpose()
    }

    /// A service by its id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn service_by_id(&self, id: &str) -> Result<Option<Service>, StoreError> {
        let found = self.database.row(sql("SELECT * FROM services WHERE id = $1").with(id)).await?;
        found.map(|row| Service::read(&row)).transpose()
    }

    /// Adds a service by command. Not when there is one of that slug: whether it was added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_service(&self, new: &Registration, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.database.run(written(ADD, new, Origin::Command, now)).await? == 1)
    }

    /// Makes the services of the file what it says, and switches off those that stand in it no more: their slugs.
    ///
    /// # Errors
    /// When the database fails. Then nothing has changed.
    pub async fn put_services(&self, file: &[Registration], now: Timestamp) -> Result<Vec<ServiceSlug>, StoreError> {
        let mut within = self.database.begin().await?;
        for service in file {
            within.run(written(PUT, service, Origin::File, now)).await?;
        }
        let gone = switched_off(&mut within, file).await?;
        within.commit().await?;
        Ok(gone)
    }

    /// Switches a service off, or on again. Whether there is such a service.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_service_disabled(&self, slug: &ServiceSlug, disabled: bool) -> Result<bool, StoreError> {
        let switch = sql("UPDATE services SET disabled = $1 WHERE slug = $2");
        Ok(self.database.run(switch.with(i64::from(disabled)).with(slug.as_str())).await? == 1)
    }

    /// Removes a service, and all that players have allowed it. Whether there was such a service.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_service(&self, slug: &ServiceSlug) -> Result<bool, StoreError> {
        Ok(self.database.run(sql("DELETE FROM services WHERE slug = $1").with(slug.as_str())).await? == 1)
    }
}

/// Switches off the services of the file that stand in it no more.
async fn switched_off(within: &mut Transaction, file: &[Registration]) -> Result<Vec<ServiceSlug>, StoreError> {
    let known = within.rows(sql("SELECT slug FROM services WHERE origin = 'file' AND disabled = 0")).await?;
    let mut gone = Vec::new();
    for row in &known {
        let slug = row.read("slug", ServiceSlug::new)?;
        if !file.iter().any(|service| service.slug == slug) {
            within.run(sql("UPDATE services SET disabled = 1 WHERE slug = $1").with(slug.as_str())).await?;
            gone.push(slug);
        }
    }
    Ok(gone)
}
