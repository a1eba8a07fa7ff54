//! Tokens: what is believed was signed here, for this purpose, and is what a second reader of the specification believes.
//!
//! The first byte says what the rest is: a token as it came, or a header and claims, a line each, to be signed first. A fuzzer guesses
//! no signature, so without the latter it would never get past it.
#![no_main]

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hasjoined::{
    model::{ProfileId, Timestamp, UpstreamId, UserId},
    store::{KeyState, Location, SigningKey, Store},
    tokens::{
        AccessClaims, Algorithm, Flaw, JoinClaims, KeySettings, Keyring, Lifetimes, Refused, TokenSettings, Tokens,
    },
};
use hasjoined_fuzz::{
    json::{Json, Reading},
    token::Wanted,
};
use libfuzzer_sys::fuzz_target;
use std::{sync::LazyLock, time::Duration};
use tokio::runtime::{Builder, Runtime};

const NOW: i64 = 1_768_739_696;
const ISSUER: &str = "https://login.example";
const VERIFY: &str = "https://login.example/v1/auth/session/minecraft/verify";
const LEEWAY: i64 = 30;
const DAY: i64 = 24 * 60 * 60;
/// Of access tokens.
const SECRET: &[u8] = b"a secret of this target, 32 bytes";
const ACCESS_KEY: &str = "GEUIhek-IBJL1MtX-swYpq51ILEm2EZMWqFq_Ak4lVg";
/// Of join tokens: the private key of RFC 7515 §A.3, as PKCS#8, and its thumbprint.
const JOIN_SECRET: &str = concat!(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LKhRANCAAR_zc4nc",
    "PbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt"
);
const JOIN_KEY: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

const AS_ACCESS: Wanted<'_> = Wanted {
    algorithm: "HS256",
    kind: "at+jwt",
    key: Some(ACCESS_KEY),
    parties: Some((ISSUER, ISSUER)),
    now: NOW,
    early: LEEWAY,
    late: LEEWAY,
    longest: 400 * DAY,
};
const AS_OLDER: Wanted<'_> = Wanted { kind: "JWT", key: None, parties: None, ..AS_ACCESS };
const AS_JOIN: Wanted<'_> = Wanted {
    algorithm: "ES256",
    kind: "join+jwt",
    key: Some(JOIN_KEY),
    parties: Some((ISSUER, VERIFY)),
    late: 0,
    longest: 600,
    ..AS_ACCESS
};

struct Stage {
    runtime: Runtime,
    tokens: Tokens,
    /// Tokens of the older form are read as well.
    with_older: Tokens,
    issued: [String; 2],
    join_key: EcdsaKeyPair,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let pkcs8 = URL_SAFE_NO_PAD.decode(JOIN_SECRET).expect("base64");
    let join_key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).expect("a key");
    let (store, keyring) = runtime.block_on(keys(&pkcs8));
    let tokens = |older| Tokens::new(settings(older), keyring.clone(), store.clone());
    let (tokens, with_older) = (tokens(false), tokens(true));
    let issued = [
        tokens.issue_join(&join_claims(), now()).expect("a token").token,
        tokens.issue_access(&access_claims(), now()).expect("a token").token,
    ];
    Stage { runtime, tokens, with_older, issued, join_key }
});

fuzz_target!(|input: &[u8]| {
    let Some((what, rest)) = input.split_first() else { return };
    match what % 5 {
        0 => {
            let Ok(token) = std::str::from_utf8(rest) else { return };
            let [join, access] = STAGE.issued.each_ref().map(|issued| issued == token);
            STAGE.expect(token, [join, access, access]);
        }
        1 => {
            let tampered = tampered(&STAGE.issued[usize::from(what / 5 % 2)], rest);
            let [join, access] = STAGE.issued.each_ref().map(|issued| *issued == tampered);
            STAGE.expect(&tampered, [join, access, access]);
        }
        2 => signed(
            rest,
            |message| STAGE.sign_join(message),
            |header, claims| [AS_JOIN.is_header(header) && AS_JOIN.is_join(claims), false, false],
        ),
        3 => signed(
            rest,
            |message| by_secret(SECRET, message),
            |header, claims| {
                let is_access = AS_ACCESS.is_header(header) && AS_ACCESS.is_access(claims);
                [false, is_access, is_access || AS_OLDER.is_header(header) && AS_OLDER.is_older(claims)]
            },
        ),
        _ => signed(rest, |message| by_secret(b"a secret of somebody else", message), |_, _| [false; 3]),
    }
});

impl Stage {
    /// Reads a token as one to join with, one to use the API with, and one of either form to use the API with.
    fn expect(&self, token: &str, expected: [bool; 3]) {
        let join = self.runtime.block_on(self.tokens.read_join(token, now()));
        let access =
            [&self.tokens, &self.with_older].map(|tokens| self.runtime.block_on(tokens.read_access(token, now())));
        // The store has no users: a token is believed when nothing else is wrong with it.
        let believed = access.map(|read| matches!(read, Ok(_) | Err(Refused::Invalid(Flaw::Nobody))));
        assert_eq!([join.is_ok(), believed[0], believed[1]], expected, "{join:?} {token}");
    }

    fn sign_join(&self, message: &[u8]) -> Vec<u8> {
        self.join_key.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
    }
}

/// Signs a header and claims and reads them as a token; `expected` says as what it is to be believed.
fn signed(lines: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>, expected: impl Fn(&Json, &Json) -> [bool; 3]) {
    let at = lines.iter().position(|byte| *byte == b'\n').unwrap_or(lines.len());
    let (header, claims) = (&lines[..at], lines.get(at + 1..).unwrap_or_default());
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(message.as_bytes())));
    // Members that nobody looks at may hold anything.
    let is_doubtful = |bytes| std::str::from_utf8(bytes).is_err() || Reading::of(bytes, 9_000) == Reading::Doubtful;
    if is_doubtful(header) || is_doubtful(claims) {
        return;
    }
    let expected = match (Json::read(header, 9_000), Json::read(claims, 9_000)) {
        (Some(header), Some(claims)) if token.len() <= 8 * 1024 => expected(&header, &claims),
        _ => [false; 3],
    };
    STAGE.expect(&token, expected);
}

fn by_secret(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

/// The token with some characters changed: each three bytes say where, and to what.
fn tampered(token: &str, edits: &[u8]) -> String {
    let mut bytes = token.as_bytes().to_vec();
    for edit in edits.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % bytes.len();
        bytes[at] = edit[2] & 0x7f;
    }
    String::from_utf8(bytes).expect("ASCII")
}

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

async fn keys(join_key: &[u8]) -> (Store, Keyring) {
    let store = Store::open(&Location::Memory).await.expect("a store");
    let row = SigningKey {
        kid: JOIN_KEY.to_owned(),
        class: "join".to_owned(),
        alg: "ES256".to_owned(),
        state: KeyState::Active,
        // Not sealed.
        wrapped_private: [&[0], join_key].concat(),
        public_jwk: String::new(),
        not_before: now(),
        retire_at: None,
    };
    assert!(store.put_key(&row).await.expect("a store"));
    let lifetimes = Lifetimes {
        join: Duration::from_secs(60),
        access: Duration::from_secs(2_592_000),
        feather: Duration::from_secs(230_400),
    };
    let settings = KeySettings {
        algorithm: Algorithm::Hs256,
        secret: Some(SECRET.to_vec().into()),
        feather: None,
        services: false,
        kek: None,
        lifetimes,
    };
    let keyring = Keyring::open(store.clone(), settings, now()).await.expect("keys");
    (store, keyring)
}

fn settings(older: bool) -> TokenSettings {
    TokenSettings {
        issuer: ISSUER.to_owned(),
        audience: ISSUER.to_owned(),
        leeway: Duration::from_secs(30),
        older,
        feather_strict: false,
        scopes: vec!["profile:read".to_owned()],
    }
}

fn join_claims() -> JoinClaims {
    JoinClaims {
        jti: "019bd1a4-6fb5-7d3b-9c3a-0d5a4b8e7f10".to_owned(),
        server_id: "b3f0a1c2d3e4f5061728394a5b6c7d8e9fa0b1c2".to_owned(),
        scopes: vec!["profile:read".to_owned()],
        player: None,
        name: Some("Notch".to_owned()),
        secret_hash: None,
    }
}

fn access_claims() -> AccessClaims {
    AccessClaims {
        jti: "019bd1a4-6fb5-7d3b-9c3a-0d5a4b8e7f10".to_owned(),
        user: UserId::parse("019bd1a4-6fb5-7d3b-9c3a-0d5a4b8e7f11").expect("an id"),
        subject: ProfileId::parse("069a79f444e94726a5befca90e38aaf5").expect("an id"),
        idp: UpstreamId::new("mojang").expect("an id"),
        name: "Notch".to_owned(),
        scopes: vec!["profile:read".to_owned()],
        client: "mc-join".to_owned(),
        methods: vec!["mc_join".to_owned()],
        authenticated_at: now(),
    }
}
