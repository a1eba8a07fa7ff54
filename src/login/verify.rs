//! From a join to a token, once.
//!
//! The order of the steps is what keeps a join token single: it is leased, the session server is asked, and the lease becomes the
//! user's login in one transaction. Whatever ends in between leaves a lease that runs out, and no token.

use super::{Denied, Logins, challenge, vouch::Vouched};
use crate::{
    model::{ClientAddress, PlayerName, Profile, ProfileId, Question, ServerId, Timestamp, UpstreamId},
    store::{Finish, Kind, Lease, Leasing, Login, User},
    tokens::{AccessClaims, BY_JOIN, JOIN_CLIENT, Refused, fresh_id, subject},
    upstream::spelled_name,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use std::net::IpAddr;
use tokio::sync::oneshot;

/// What a client brings to show that it has joined.
#[derive(Clone)]
pub struct Proof {
    /// What was joined.
    pub server_id: String,
    /// Who joined; may be left out if the join token says it.
    pub name: Option<String>,
    /// The token that came with the serverId.
    pub join_token: String,
    /// Which player is expected.
    pub player: Option<ProfileId>,
    /// In bound mode, the secret whose hash was announced.
    pub client_secret: Option<Vec<u8>>,
    /// From where.
    pub client: IpAddr,
    /// With which program.
    pub user_agent: Option<String>,
}

/// A proof whose token is good: what is left is to ask who joined.
pub struct Claim {
    pub(super) question: Question,
    /// Which challenge, and of which flow.
    pub(super) challenge: (String, Kind),
    /// What the login asks for.
    pub(super) scopes: Vec<String>,
    /// Who is expected.
    pub(super) player: Option<ProfileId>,
    pub(super) client: IpAddr,
    pub(super) user_agent: Option<String>,
}

/// A login that has been written, and its user.
pub(super) struct Written {
    pub(super) login: Login,
    pub(super) user: User,
    pub(super) now: Timestamp,
}

/// A player who has logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// The access token.
    pub token: String,
    /// Seconds it is good for.
    pub expires_in: i64,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// What it allows.
    pub scopes: Vec<String>,
    /// Who it is, as the token has it.
    pub subject: ProfileId,
    /// The player's name, as the upstream writes it.
    pub name: String,
}

impl Claim {
    /// The player it is about.
    #[must_use]
    pub fn name(&self) -> &PlayerName {
        &self.question.name
    }
}

impl Logins {
    /// Reads the join token and compares all that it says with what the client says. Asks nobody and changes nothing.
    ///
    /// # Errors
    /// When the token is not believed, or belongs to another login.
    pub async fn check(&self, proof: Proof) -> Result<Claim, Denied> {
        let read = self.0.tokens.read_join(&proof.join_token, self.0.clock.now()).await;
        let token = read.map_err(not_believed)?.claims;
        verify_slices_are_equal(token.server_id.as_bytes(), proof.server_id.as_bytes())
            .map_err(|_| Denied::JoinToken)?;
        let name = agreed(token.name.as_deref(), proof.name.as_deref(), str::eq_ignore_ascii_case)?;
        let name = name.ok_or(Denied::NameMissing)?.to_owned();
        let player = agreed(token.player.as_ref(), proof.player.as_ref(), ProfileId::eq)?.copied();
        check_secret(token.secret_hash.as_deref(), proof.client_secret.as_deref())?;
        let question = self.question(&name, &proof.server_id, proof.client).ok_or(Denied::JoinToken)?;
        let (challenge, scopes) = ((token.jti, Kind::Join), token.scopes);
        Ok(Claim { question, challenge, scopes, player, client: proof.client, user_agent: proof.user_agent })
    }

    /// What the session server is asked; `None` when it cannot be asked about them.
    pub(super) fn question(&self, name: &str, server_id: &str, client: IpAddr) -> Option<Question> {
        let told = self.0.terms.ip_binding.then(|| client.to_string());
        Some(Question {
            name: PlayerName::new(name).ok()?,
            server_id: ServerId::new(server_id).ok()?,
            ip: told.and_then(|address| ClientAddress::new(&address).ok()),
        })
    }

    /// Asks who joined, and issues the token.
    ///
    /// # Errors
    /// When there is no token.
    pub async fn verify(&self, claim: Claim) -> Result<LoggedIn, Denied> {
        self.logged_in(self.written(claim).await?)
    }

    /// Asks who joined, and writes the login down. Goes on when nobody waits for it any more: a join that the session server has
    /// forgotten by telling of it would be lost, and the lease stay behind.
    pub(super) async fn written(&self, claim: Claim) -> Result<Written, Denied> {
        let (tell, told) = oneshot::channel();
        let logins = self.clone();
        self.0.running.spawn(async move {
            // The client may have gone.
            let _ = tell.send(logins.write(claim).await);
        });
        told.await.unwrap_or(Err(Denied::Lost))
    }

    async fn write(&self, claim: Claim) -> Result<Written, Denied> {
        let lease = self.lease(&claim.challenge).await?;
        let (idp, profile) = match self.vouched(&claim.question).await {
            Vouched::Yes(idp, profile) => (idp, profile),
            Vouched::No if self.0.terms.burn_on_failure => return self.used_up(&lease, Denied::NotJoined).await,
            Vouched::No => return self.given_back(&lease, Denied::NotJoined).await,
            Vouched::Unavailable => return self.given_back(&lease, Denied::UpstreamUnavailable).await,
            Vouched::Invalid => return self.given_back(&lease, Denied::UpstreamInvalid).await,
        };
        if claim.player.is_some_and(|expected| expected != profile.id) {
            return self.used_up(&lease, Denied::Mismatch).await;
        }
        let now = self.0.clock.now();
        let login = self.login(&claim, (&idp, &profile), now);
        match self.0.store.finish(&lease, &login, now).await? {
            Finish::Finished { user, created } => {
                tracing::info!(player = ?claim.name().as_str(), upstream = %idp, new = created, "logged in by joining");
                Ok(Written { login, user, now })
            }
            Finish::LeaseLost => Err(Denied::Used),
            Finish::Disabled(_) => Err(Denied::Disabled),
        }
    }

    async fn lease(&self, (jti, kind): &(String, Kind)) -> Result<Lease, Denied> {
        match self.0.store.lease(jti, *kind, self.0.clock.now()).await? {
            Leasing::Granted(lease) => Ok(lease),
            Leasing::Unknown => Err(Denied::JoinToken),
            Leasing::Expired => Err(Denied::Expired),
            Leasing::Used | Leasing::Exhausted => Err(Denied::Used),
            Leasing::InUse => Err(Denied::InUse),
        }
    }

    async fn given_back<T>(&self, lease: &Lease, denied: Denied) -> Result<T, Denied> {
        self.0.store.release(lease).await?;
        Err(denied)
    }

    async fn used_up<T>(&self, lease: &Lease, denied: Denied) -> Result<T, Denied> {
        self.0.store.consume(lease).await?;
        Err(denied)
    }

    fn login(&self, claim: &Claim, (idp, profile): (&UpstreamId, &Profile), now: Timestamp) -> Login {
        Login {
            idp: idp.clone(),
            player: profile.id,
            name: spelled_name(profile).unwrap_or_else(|| claim.name().as_str().to_owned()),
            token_jti: fresh_id(now),
            token_expires_at: now.plus(self.0.terms.access_ttl),
            scopes: claim.scopes.clone(),
            ip: self.0.terms.address_kept.of(claim.client),
            user_agent: claim.user_agent.clone().filter(|_| self.0.terms.keeps_clients()),
        }
    }

    fn logged_in(&self, written: Written) -> Result<LoggedIn, Denied> {
        let Written { login, user, now } = written;
        let claims = AccessClaims {
            jti: login.token_jti,
            user: user.id,
            subject: subject(&login.idp, login.player),
            idp: login.idp,
            name: login.name,
            scopes: login.scopes,
            client: JOIN_CLIENT.to_owned(),
            methods: vec![BY_JOIN.to_owned()],
            authenticated_at: now,
        };
        self.issued(claims, None, now)
    }

    /// The token of these claims, until `ends` at the latest.
    pub(super) fn issued(
        &self,
        claims: AccessClaims,
        ends: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<LoggedIn, Denied> {
        let issued = self.0.tokens.issue_access_until(&claims, ends, now)?;
        let expires_in = issued.expires_at.seconds() - now.seconds();
        Ok(LoggedIn {
            token: issued.token,
            expires_in,
            expires_at: issued.expires_at,
            scopes: claims.scopes,
            subject: claims.subject,
            name: claims.name,
        })
    }
}

fn not_believed(refused: Refused) -> Denied {
    tracing::debug!(%refused, "a join token");
    match refused {
        Refused::Invalid(_) => Denied::JoinToken,
        Refused::Expired => Denied::Expired,
        Refused::Unavailable(error) => Denied::Store(error),
    }
}

/// What both say, or the one that says something.
fn agreed<'a, T: ?Sized>(
    token: Option<&'a T>,
    request: Option<&'a T>,
    same: impl Fn(&T, &T) -> bool,
) -> Result<Option<&'a T>, Denied> {
    match (token, request) {
        (Some(token), Some(request)) if !same(token, request) => Err(Denied::Mismatch),
        _ => Ok(request.or(token)),
    }
}

fn check_secret(hash: Option<&str>, secret: Option<&[u8]>) -> Result<(), Denied> {
    let Some(hash) = hash else { return Ok(()) };
    let secret = secret.ok_or(Denied::SecretMissing)?;
    let found = challenge::secret_hash(secret);
    verify_slices_are_equal(found.as_bytes(), hash.as_bytes()).map_err(|_| Denied::Secret)
}
