//! The part of Minecraft's services: who plays with this Xbox account.
//!
//! Whether the account owns the game is not asked: who plays by a subscription owns nothing, and has a profile all the same.

use super::{
    Player, SignInError,
    chain::{Answer, Chain, Failed, Step},
    token::{Token, Wiped},
    xbox::Ticket,
};
use crate::model::ProfileId;
use http::{HeaderMap, header::AUTHORIZATION};
use serde::{Deserialize, Serialize};

const LONGEST_NAME: usize = 16;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    identity_token: &'a str,
}

#[derive(Deserialize)]
struct LoggedIn {
    access_token: Token,
}

#[derive(Deserialize)]
struct Profile {
    id: String,
    name: String,
}

pub(super) async fn login(chain: &Chain<'_>, xsts: &Ticket) -> Result<Token, Failed> {
    let identity = xsts.token.joined(&format!("XBL3.0 x={};", xsts.uhs));
    let body = Wiped::json(&Identity { identity_token: identity.as_text() });
    let body = body.ok_or_else(|| Failed::of(SignInError::MinecraftRejected))?;
    let answer = chain.post(Step::Minecraft, "application/json", body).await?;
    if !answer.is_ok() {
        return Err(refused(&answer));
    }
    let logged_in: LoggedIn = answer.json().ok_or_else(|| answer.unusable())?;
    Ok(logged_in.access_token)
}

pub(super) async fn profile(chain: &Chain<'_>, minecraft: &Token) -> Result<Player, Failed> {
    let mut headers = HeaderMap::new();
    let bearer = minecraft.bearer().map_err(|_| Failed::of(SignInError::MinecraftUnavailable))?;
    headers.insert(AUTHORIZATION, bearer);
    let answer = chain.get(Step::Profile, headers).await?;
    match answer.reply.status.as_u16() {
        200 => player(&answer).ok_or_else(|| answer.unusable()),
        404 if !answer.is_html() => Err(answer.failed(SignInError::NoMinecraftProfile)),
        _ => Err(refused(&answer)),
    }
}

/// The profile, if it is one of Mojang's: 32 digits, a name of up to 16 visible characters.
fn player(answer: &Answer) -> Option<Player> {
    let Profile { id, name } = answer.json()?;
    let known = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    let id = ProfileId::parse(&id).ok().filter(|_| known && id.len() == 32)?;
    Some(Player { id, name })
}

fn refused(answer: &Answer) -> Failed {
    if answer.reply.status == 429 {
        return answer.failed(SignInError::MinecraftRateLimited);
    }
    if answer.is_outage() || answer.is_html() {
        return answer.unusable();
    }
    let unregistered = String::from_utf8_lossy(&answer.reply.body).contains("AppRegInfo");
    match answer.reply.status == 403 && unregistered {
        true => answer.failed(SignInError::AppNotApproved),
        false => answer.failed(SignInError::MinecraftRejected),
    }
}
