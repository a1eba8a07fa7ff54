//! T1, T2, T4, T19: upstreams that say what is not true.

use super::*;
use crate::support::{
    client::{self, Answer},
    proxy::Proxy,
    upstream::{Reply, Upstream},
};
use futures::future::join_all;

/// The UUID that an answer lets somebody in with.
fn id_in(answer: &Answer) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    Some(body["id"].as_str()?.replace('-', "").to_ascii_lowercase())
}

/// Every way to write the admin's UUID that a parser might take for it.
fn lies() -> Vec<String> {
    let dashed = "069a79f4-44e9-4726-a5be-fca90e38aaf5";
    let whole = |id: &str, more: &str| format!(r#"{{{more}"id":"{id}","name":"{ADMIN}","properties":[]}}"#);
    let (plain, own) = (format!(r#""id":"{ADMIN_ID}","#), "11111111222233334444555555555555");
    vec![
        whole(ADMIN_ID, ""),
        whole(dashed, ""),
        whole(&ADMIN_ID.to_uppercase(), ""),
        whole(&format!("\\u0030{}", &ADMIN_ID[1..]), ""),
        // Twice: some parsers take the last, others the first, others any case.
        whole(own, &plain),
        whole(ADMIN_ID, &format!(r#""id":"{own}","#)),
        whole(own, &plain.replace("id", "ID")),
        whole(own, &plain.replace("id", "i\\u0064")),
        whole(own, &plain.replace("id", "\\u0049d")),
        format!(r#"[{}]"#, whole(ADMIN_ID, "")),
        format!("{}{}", whole(own, ""), whole(ADMIN_ID, "")),
    ]
}

/// Mojang in one weather, and a liar that answers after so long: what the game server of a player who says he is the admin gets.
async fn attacked(mojang: Option<Reply>, lie: Reply) -> Vec<Answer> {
    let (m, liar) =
        (if mojang.is_some() { Upstream::start().await } else { Upstream::refused() }, Upstream::start().await);
    if let Some(reply) = mojang {
        m.answers(reply);
    }
    liar.answers(lie);
    let proxy = Proxy::builder()
        .race("deadline = \"1500ms\"\ntrust_grace = \"300ms\"")
        .upstream("mojang", &m, &quiet_mojang(&m))
        .upstream("drasl", &liar, &format!("{OWN}{}", hosts(&liar)))
        .start()
        .await;
    let mut answers = Vec::new();
    // More than it takes to open a breaker.
    for login in 0..7 {
        answers.push(client::get(&proxy, &question(ADMIN, &format!("-{login}"))).await);
    }
    // Who asks for the admin by UUID or name must not find the liar's either.
    for path in [
        format!("/session/minecraft/profile/{ADMIN_ID}"),
        format!("/users/profiles/minecraft/{ADMIN}"),
        format!("/minecraft/profile/lookup/{ADMIN_ID}"),
    ] {
        answers.push(client::get(&proxy, &path).await);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn t1_a_lying_upstream_never_lends_an_admins_uuid() {
    let weathers = [
        ("up", Some(Reply::no())),
        ("slow", Some(Reply::no().after(ms(150)))),
        ("too slow", Some(Reply::no().after(ms(600)))),
        ("hanging", Some(Reply::no().hang())),
        ("failing", Some(Reply::status(500))),
        ("limiting", Some(Reply::status(429))),
        ("down", None),
    ];
    let timings = [ms(0), ms(200), ms(450)];
    let attacks = weathers.iter().flat_map(|(weather, mojang)| {
        timings.iter().map(move |delay| async move {
            let lie = Reply::status(200).json(bare(ADMIN_ID, ADMIN)).after(*delay);
            (format!("Mojang {weather}, liar after {delay:?}"), attacked(mojang.clone(), lie).await)
        })
    });
    for (attack, answers) in join_all(attacks).await {
        let ids: Vec<_> = answers.iter().map(id_in).collect();
        assert!(!ids.contains(&Some(ADMIN_ID.to_owned())), "{attack}: {ids:?}");
        // The liar is heard at all: its own player of that name is let in as its own.
        assert!(ids.contains(&Some(ADMIN_ID_IN_DRASL.to_owned())), "{attack}: {answers:?}");
    }
}

#[tokio::test]
async fn t1_no_spelling_of_the_uuid_slips_through() {
    for lie in lies() {
        let liar = Upstream::start().await;
        liar.answers(Reply::status(200).json(lie.clone()));
        let proxy = Proxy::builder().upstream("drasl", &liar, OWN).start().await;
        let answer = client::has_joined(&proxy).await;
        let text = answer.text().replace(['-', '\\'], "").to_ascii_lowercase();
        assert!(!text.contains(&ADMIN_ID[1..]), "{lie}: {answer:?}");
        assert!(matches!(answer.status, 200 | 503), "{lie}: {answer:?}");
    }
}

#[tokio::test]
async fn t2_a_fast_liar_does_not_beat_a_slower_mojang() {
    let (m, other, liars) =
        (Upstream::start().await, Upstream::start().await, [Upstream::start().await, Upstream::start().await]);
    for liar in &liars {
        liar.answers(Reply::profile(ADMIN));
    }
    let before = || {
        Proxy::builder()
            .race("deadline = \"3s\"\ntrust_grace = \"600ms\"")
            .upstream("drasl", &liars[0], OWN)
            .upstream("elyby", &liars[1], OWN)
            .upstream("minehut", &other, "")
            .upstream("mojang", &m, "")
            .start()
    };
    let proxy = before().await;
    // Another trusted upstream's "no", or its failure, does not speak for Mojang.
    for others in [Reply::no(), Reply::status(500)] {
        other.answers(others);
        for delay in [0, 50, 200, 400] {
            m.answers(Reply::profile(ADMIN).after(ms(delay)));
            client::has_joined(&proxy).await.assert_profile(&profile::notch());
        }
    }
    // The grace begins once, however many liars come one after the other. A name that nobody has had yet:
    let proxy = before().await;
    other.answers(Reply::no());
    m.answers(Reply::no().hang());
    liars[1].answers(Reply::profile(ADMIN).after(ms(500)));
    let answer = client::has_joined(&proxy).await;
    assert_eq!(id_in(&answer).as_deref(), Some(ADMIN_ID_IN_DRASL), "{answer:?}");
    assert!(answer.took >= ms(600) && answer.took < ms(1000), "{:?}", answer.took);
}

/// Asked for, and returned.
const NAMES: [(&str, &str); 13] = [
    ("Notch", "Steve"),
    ("Notch", ""),
    ("Notch", "Notch "),
    ("Notch", " Notch"),
    ("Notch", "Notch\\u0000"),
    ("Notch", "Notch\\u200b"),
    ("Notch", "N\u{43e}tch"),
    ("Notch", "\u{ff2e}otch"),
    ("Notch", "Notch_"),
    ("Kim", "\u{212a}im"),
    ("boss", "bo\u{17f}\u{17f}"),
    ("Igor", "\u{131}gor"),
    ("strasse", "stra\u{df}e"),
];

#[tokio::test]
async fn t4_a_profile_of_another_name_is_nobodys() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h)]).await;
    for (number, (asked, returned)) in NAMES.iter().enumerate() {
        let ask = async |login: &str| client::get(&proxy, &question(asked, &format!("-{number}{login}"))).await;
        // Plain answers between, so that it is never the breaker that says "down".
        m.answers(Reply::no());
        h.answers(Reply::no());
        ask("a").await.assert_no();
        ask("again").await.assert_no();
        m.answers(Reply::status(200).json(bare(ADMIN_ID, returned)));
        ask("b").await.assert_down();
        assert_eq!(asked_about(&m, &format!("-{number}b")), 1, "it was asked");
        // Nor does it keep anyone out whom another vouches for.
        h.answers(Reply::profile(asked).after(ms(20)));
        ask("c").await.assert_profile(&profile::for_name(asked));
        m.answers(Reply::no());
        ask("d").await.assert_profile(&profile::for_name(asked));
    }
    // The case is the upstream's to choose.
    m.answers(Reply::status(200).json(bare(ADMIN_ID, "nOTCH")));
    client::get(&proxy, &question("Notch", "-5")).await.assert_profile(bare(ADMIN_ID, "nOTCH").as_bytes());
}

#[tokio::test]
async fn t19_properties_carry_nothing_but_properties() {
    let m = Upstream::start().await;
    let with = |properties: &str| format!(r#"{{"id":"{ADMIN_ID}","name":"{ADMIN}","properties":{properties}}}"#);
    for smuggled in [
        r#"{"name":"textures","value":"x"}"#.to_owned(),
        r#"[{"name":"textures","value":{"x":1}}]"#.to_owned(),
        r#"[{"name":"textures","value":"x","value":"y"}]"#.to_owned(),
        r#"[{"name":"textures","value":null}]"#.to_owned(),
        r#"[null]"#.to_owned(),
        r#"[["textures","x"]]"#.to_owned(),
        r#"[],"Properties":[{"name":"textures","value":"x"}]"#.to_owned(),
        format!(r#"[{{"name":"textures","value":"{}"}}]"#, "x".repeat(64 * 1024)),
        format!("[{}]", [r#"{"name":"x","value":"y"}"#; 4_000].join(",")),
    ] {
        m.answers(Reply::status(200).json(with(&smuggled)));
        let proxy = Proxy::with([("mojang", &m)]).await;
        client::has_joined(&proxy).await.assert_down();
    }
    // What is a property passes as it is and means nothing here: this program adds none of its own that could be forged.
    let foreign =
        with(r#"[{"name":"provenance","value":"mojang"},{"name":"upstream","value":"mojang","signature":"x"}]"#);
    let reply = Reply::status(200).json(foreign.clone());
    let smuggling = ["Set-Cookie", "Location", "X-Authlib-Injector-API-Location", "Connection-Token", "Cache-Control"];
    m.answers(smuggling.into_iter().fold(reply, |reply, name| reply.header(name, "smuggled")));
    let proxy = Proxy::with([("mojang", &m)]).await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_profile(foreign.as_bytes());
    let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    assert_eq!(names, ["content-length", "content-type", "date"]);
}
