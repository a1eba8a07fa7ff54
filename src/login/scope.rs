//! What a token lets its bearer do.

/// Scopes that were asked for and may be given: in the order they were asked for, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scopes(Vec<String>);

/// More than any application needs.
const MOST: usize = 32;

impl Scopes {
    /// Those that are wanted; without a wish those of `default`.
    ///
    /// # Errors
    /// When none is wanted, too many are, or one that is not `allowed`.
    pub(super) fn chosen(
        wanted: Option<Vec<String>>,
        allowed: &[String],
        default: &[String],
    ) -> Result<Self, UnknownScope> {
        let Some(wanted) = wanted else { return Ok(Self(default.to_vec())) };
        if wanted.is_empty() || wanted.len() > MOST || !wanted.iter().all(|scope| allowed.contains(scope)) {
            return Err(UnknownScope);
        }
        let mut chosen = Vec::with_capacity(wanted.len());
        for scope in wanted {
            if !chosen.contains(&scope) {
                chosen.push(scope);
            }
        }
        Ok(Self(chosen))
    }

    /// One by one.
    pub(super) fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// A scope that cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnknownScope;

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Vec<String> {
        text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn wishes_are_kept_in_order_and_nothing_more_is_given() {
        let (allowed, default) = (scopes("a b c"), scopes("a b"));
        let chosen = |wanted: Option<&str>| {
            Scopes::chosen(wanted.map(scopes), &allowed, &default).map(|it| it.as_slice().join(" "))
        };
        assert_eq!(chosen(None).as_deref(), Ok("a b"));
        assert_eq!(chosen(Some("c a c")).as_deref(), Ok("c a"));
        for refused in ["", "d", "a d", &"a ".repeat(33)] {
            assert_eq!(chosen(Some(refused)), Err(UnknownScope), "{refused:?}");
        }
    }
}
