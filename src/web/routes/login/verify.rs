//! `POST /v1/auth/session/minecraft/verify`: a join for a token.

use super::{LoginApi, denied::denied, join};
use crate::{
    login::{LoggedIn, Proof},
    web::{
        answer::Body,
        edge::{Admitted, Code, Limit, Object, Refusal, Who},
    },
};
use http::Response;
use serde::Serialize;

const LONGEST_SERVER_ID: usize = 64;
const LONGEST_JOIN_TOKEN: usize = 4_096;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    access_token: &'a str,
    expires_in: i64,
    scopes: &'a [String],
    #[serde(flatten)]
    more: Option<More<'a>>,
}

/// What the application that asked for this API does not know, but others like to have.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct More<'a> {
    token_type: &'static str,
    expires_at: String,
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    id: String,
    name: &'a str,
}

pub(super) async fn verify(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let claim = api.logins.check(proof(admitted, &admitted.object()?)?).await.map_err(denied)?;
    // Only who holds a join token for a name counts against it, and only questions that will be asked against all.
    api.edge.take(Limit::VerifyName, api.edge.named(claim.name().as_str()))?;
    api.edge.take(Limit::Outbound, Who::All).map_err(|_| Refusal::from(Code::UpstreamUnavailable))?;
    let logged_in = api.logins.verify(claim).await.map_err(denied)?;
    Ok(admitted.envelope.json(&answer(&logged_in, api.extended_responses)))
}

fn answer(logged_in: &LoggedIn, extended: bool) -> Answer<'_> {
    let LoggedIn { token, expires_in, expires_at, scopes, subject, name } = logged_in;
    let more = extended.then(|| More {
        token_type: "Bearer",
        expires_at: expires_at.to_string(),
        user: User { id: subject.dashed().to_string(), name },
    });
    Answer { access_token: token, expires_in: *expires_in, scopes, more }
}

fn proof(admitted: &Admitted, object: &Object) -> Result<Proof, Refusal> {
    let bounded = |field, longest| {
        let text = object.needed_text(field)?;
        let fits = (1..=longest).contains(&text.len());
        if fits { Ok(text.to_owned()) } else { Err(Refusal::field(field)) }
    };
    let secret = |text| join::thirty_two_bytes(text).ok_or(Refusal::field("clientSecret"));
    Ok(Proof {
        server_id: bounded("serverId", LONGEST_SERVER_ID)?,
        join_token: bounded("joinToken", LONGEST_JOIN_TOKEN)?,
        name: join::name(object)?.map(str::to_owned),
        player: join::player(object)?,
        client_secret: object.text("clientSecret")?.map(secret).transpose()?,
        client: admitted.client,
        user_agent: admitted.user_agent(),
    })
}
