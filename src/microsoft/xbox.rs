//! Xbox Live's part: a Microsoft token becomes one that Minecraft's services take.

use super::{
    SignInError,
    chain::{Answer, Chain, Failed, Step},
    token::{Token, Wiped},
};
use serde::{Deserialize, Serialize};

const JSON: &str = "application/json";

/// What both steps ask with.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Question<'a, P> {
    properties: P,
    relying_party: &'a str,
    token_type: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rps<'a> {
    auth_method: &'a str,
    site_name: &'a str,
    rps_ticket: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sandboxed<'a> {
    sandbox_id: &'a str,
    user_tokens: [&'a str; 1],
}

/// A token of Xbox Live, and the hash of the user it is for.
pub(super) struct Ticket {
    pub(super) token: Token,
    pub(super) uhs: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answered {
    token: Token,
    display_claims: Claims,
}

#[derive(Deserialize)]
struct Claims {
    xui: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    uhs: String,
}

/// For Microsoft's token.
pub(super) async fn live(chain: &Chain<'_>, microsoft: &Token) -> Result<Ticket, Failed> {
    // `d=` marks tokens of registered applications.
    let ticket = microsoft.joined("d=");
    let properties = Rps { auth_method: "RPS", site_name: "user.auth.xboxlive.com", rps_ticket: ticket.as_text() };
    ask(chain, Step::Xbl, properties, "http://auth.xboxlive.com").await.map(|(ticket, _)| ticket)
}

/// For Xbox Live's token: one for Minecraft's services, of the same user.
pub(super) async fn for_minecraft(chain: &Chain<'_>, live: &Ticket) -> Result<Ticket, Failed> {
    let properties = Sandboxed { sandbox_id: "RETAIL", user_tokens: [live.token.reveal()] };
    let (ticket, answer) = ask(chain, Step::Xsts, properties, "rp://api.minecraftservices.com/").await?;
    match ticket.uhs == live.uhs {
        true => Ok(ticket),
        false => Err(answer.failed(SignInError::XboxError)),
    }
}

async fn ask(
    chain: &Chain<'_>,
    step: Step,
    properties: impl Serialize,
    relying_party: &str,
) -> Result<(Ticket, Answer), Failed> {
    let question = Question { properties, relying_party, token_type: "JWT" };
    let body = Wiped::json(&question).ok_or_else(|| Failed::of(SignInError::XboxError))?;
    let answer = chain.post(step, JSON, body).await?;
    if !answer.is_ok() {
        return Err(refused(&answer));
    }
    let answered: Answered = answer.json().ok_or_else(|| answer.unusable())?;
    let user = answered.display_claims.xui.into_iter().next().filter(|user| is_hash(&user.uhs));
    let uhs = user.ok_or_else(|| answer.unusable())?.uhs;
    Ok((Ticket { token: answered.token, uhs }, answer))
}

/// It stands between `=` and `;` in the next question.
fn is_hash(uhs: &str) -> bool {
    (1..=64).contains(&uhs.len()) && uhs.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn refused(answer: &Answer) -> Failed {
    let Some(number) = xerr(answer) else {
        return match answer.is_outage() || answer.is_html() {
            true => answer.unusable(),
            false => answer.failed(SignInError::XboxError),
        };
    };
    answer.failed(meaning(number)).numbered(Some(number))
}

/// The body's word, or else the header's.
fn xerr(answer: &Answer) -> Option<u64> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(rename = "XErr")]
        xerr: u64,
    }
    let said = answer.json::<Refusal>().map(|refusal| refusal.xerr);
    let header = || {
        let text = answer.reply.headers.text("x-err")?;
        match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    };
    said.filter(|number| *number != 0).or_else(header)
}

const fn meaning(number: u64) -> SignInError {
    match number {
        0x8015_DC03 => SignInError::XboxBanned,
        0x8015_DC05 => SignInError::XboxParentalRestriction,
        0x8015_DC09 => SignInError::XboxNoAccount,
        0x8015_DC0A => SignInError::XboxTerms,
        0x8015_DC0B => SignInError::XboxRegion,
        0x8015_DC0C | 0x8015_DC0D => SignInError::XboxAgeVerification,
        0x8015_DC0E => SignInError::XboxChildAccount,
        _ => SignInError::XboxError,
    }
}
