//! Whose player a name is, for the proxy to know after a restart. Bounded for each upstream, so that none can push out the names of
//! another by vouching for many.

use super::{Store, StoreError, statement::sql};
use crate::model::{Timestamp, UpstreamId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Names of one upstream.
const MOST_NAMES: i64 = 100_000;
/// So many new names of an upstream come before its oldest are looked for: finding them means walking over all.
const BETWEEN_TRIMS: i64 = 1_000;
/// A name that is seen again is written again no more often than this.
const TOUCH: Duration = Duration::from_secs(24 * 3600);

/// New names since each upstream's were last trimmed, by this process.
#[derive(Debug, Default)]
pub(super) struct Fresh(Mutex<HashMap<UpstreamId, i64>>);

impl Fresh {
    /// Counts a new name. Whether it is time to trim: at the first, and at every thousandth after it.
    fn one_more(&self, upstream: &UpstreamId) -> bool {
        let mut fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let names = fresh.entry(upstream.clone()).or_insert(BETWEEN_TRIMS);
        *names = *names % BETWEEN_TRIMS + 1;
        *names == 1
    }
}

impl Store {
    /// Binds a name in its folded spelling to an upstream, unless another holds it. Who holds it now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bind_name(
        &self,
        folded: &str,
        upstream: &UpstreamId,
        now: Timestamp,
    ) -> Result<UpstreamId, StoreError> {
        // What most logins end with: nothing to write.
        match self.holder(folded).await? {
            Some((holder, seen_at)) if holder != *upstream || now.since(seen_at) < TOUCH => return Ok(holder),
            Some(_) => {}
            None if self.fresh.one_more(upstream) => self.trim(upstream).await?,
            None => {}
        }
        let bind = "INSERT INTO name_bindings (folded, upstream, seen_at) VALUES ($1, $2, $3) \
            ON CONFLICT (folded) DO UPDATE SET seen_at = excluded.seen_at \
            WHERE name_bindings.upstream = excluded.upstream AND name_bindings.seen_at < excluded.seen_at";
        self.database.run(sql(bind).with(folded).with(upstream.as_str()).with(now)).await?;
        // Gone again already: released at this moment.
        Ok(self.holder(folded).await?.map_or_else(|| upstream.clone(), |(holder, _)| holder))
    }

    async fn holder(&self, folded: &str) -> Result<Option<(UpstreamId, Timestamp)>, StoreError> {
        let held = sql("SELECT upstream, seen_at FROM name_bindings WHERE folded = $1").with(folded);
        let Some(row) = self.database.row(held).await? else { return Ok(None) };
        Ok(Some((row.read("upstream", UpstreamId::new)?, row.time("seen_at")?)))
    }

    /// Makes room for the names until the next trim: those not seen longest go.
    async fn trim(&self, upstream: &UpstreamId) -> Result<(), StoreError> {
        let trim = "DELETE FROM name_bindings WHERE upstream = $1 AND (seen_at, folded) <= \
            (SELECT seen_at, folded FROM name_bindings WHERE upstream = $1 \
            ORDER BY seen_at DESC, folded DESC LIMIT 1 OFFSET $2)";
        self.database.run(sql(trim).with(upstream.as_str()).with(MOST_NAMES - BETWEEN_TRIMS)).await?;
        Ok(())
    }

    /// Names and who holds them, in the database's order of names, from the one after `after`; at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bindings(&self, after: &str, limit: u32) -> Result<Vec<(String, UpstreamId)>, StoreError> {
        let page = sql("SELECT folded, upstream FROM name_bindings WHERE folded > $1 ORDER BY folded LIMIT $2");
        let rows = self.database.rows(page.with(after).with(i64::from(limit))).await?;
        rows.iter().map(|row| Ok((row.get("folded")?, row.read("upstream", UpstreamId::new)?))).collect()
    }

    /// Frees a name. Whether anybody held it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_name(&self, folded: &str) -> Result<bool, StoreError> {
        Ok(self.database.run(sql("DELETE FROM name_bindings WHERE folded = $1").with(folded)).await? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_at_the_first_name_and_then_rarely() {
        let fresh = Fresh::default();
        let (one, other) = (UpstreamId::new("one").unwrap(), UpstreamId::new("other").unwrap());
        let trims: Vec<_> = (0..3 * BETWEEN_TRIMS).filter(|_| fresh.one_more(&one)).collect();
        assert_eq!(trims, [0, BETWEEN_TRIMS, 2 * BETWEEN_TRIMS]);
        assert!(fresh.one_more(&other));
    }
}
