//! Many names, looked for at the trusted upstreams; what they do not know, at the others.
//!
//! A name that is nobody's is left out of the answer, which the client takes for a "no". So no answer is given while an upstream
//! that may know one of them is silent.

use super::{
    answer::Answer,
    batch::{self, Silent},
    place::{Form, may_be_mojangs},
};
use crate::{model::PlayerName, session::Entrant, upstream::Presented};
use bytes::Bytes;
use futures::{
    future::{BoxFuture, FutureExt},
    stream::{FuturesUnordered, StreamExt},
};

type Calls<'a> = FuturesUnordered<BoxFuture<'a, Result<Vec<Presented>, Silent>>>;

/// A question that has not been put yet.
pub(super) struct Names {
    entrants: Vec<Entrant>,
    /// No two of the same player.
    asked: Vec<PlayerName>,
    form: Form,
}

impl Names {
    pub(super) fn new(entrants: Vec<Entrant>, names: Vec<PlayerName>, form: Form) -> Self {
        let mut asked: Vec<PlayerName> = Vec::with_capacity(names.len());
        for name in names {
            if !asked.iter().any(|known| known.names(name.as_str())) {
                asked.push(name);
            }
        }
        Self { entrants, asked, form }
    }

    /// Runs to the end of the last call; `tell` is called as soon as all names are found, or all have spoken.
    pub(super) async fn run(self, tell: impl FnOnce(Answer)) {
        let mut calls = Calls::new();
        let answer = self.decide(&mut calls).await;
        tell(answer);
        while calls.next().await.is_some() {}
    }

    async fn decide<'a>(&'a self, calls: &mut Calls<'a>) -> Answer {
        let mut found: Vec<Option<Bytes>> = vec![None; self.asked.len()];
        for trusted in [true, false] {
            let unknown = self.asked.iter().zip(&found).filter(|(_, body)| body.is_none());
            let open: Vec<_> = unknown.map(|(name, _)| name).collect();
            for entrant in self.entrants.iter().filter(|entrant| entrant.trusted == trusted) {
                calls.extend(self.calls(entrant, &open));
            }
            let mut silent = false;
            while found.iter().any(Option::is_none)
                && let Some(said) = calls.next().await
            {
                match said {
                    Ok(people) => self.note(people, &mut found),
                    Err(Silent) => silent = true,
                }
            }
            // A name that a silent upstream may know is not left to those who are trusted less.
            if silent && found.iter().any(Option::is_none) {
                return Answer::Undecided;
            }
        }
        Answer::Found(array(found.iter().flatten()))
    }

    fn calls<'a>(
        &'a self,
        entrant: &'a Entrant,
        open: &[&'a PlayerName],
    ) -> Vec<BoxFuture<'a, Result<Vec<Presented>, Silent>>> {
        let asked = open.iter().filter(|name| !entrant.trusted || may_be_mojangs(name));
        let asked: Vec<&'a str> = asked.map(|name| name.as_str()).collect();
        let batches = asked.chunks(batch::MOST).map(<[_]>::to_vec);
        batches.map(|names| async move { batch::ask(entrant, &names, self.form).await }.boxed()).collect()
    }

    /// Who was found first stays; who was not asked about is nobody's business.
    fn note(&self, people: Vec<Presented>, found: &mut [Option<Bytes>]) {
        for person in people {
            let place = self.asked.iter().position(|name| name.names(&person.name));
            if let Some(place) = place.filter(|place| found[*place].is_none()) {
                found[place] = Some(person.profile.body);
            }
        }
    }
}

fn array<'a>(bodies: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let bodies: Vec<&[u8]> = bodies.map(|body| &body[..]).collect();
    [b"[", &bodies.join(&b","[..])[..], b"]"].concat().into()
}
