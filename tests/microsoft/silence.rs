//! What is written down of a sign-in: never a secret, and a failure once.

use std::{
    io,
    sync::{Arc, Mutex},
};

use hasjoined::microsoft::{FlowSecret, Stored};
use tracing::level_filters::LevelFilter;

use super::stage::{CLIENT_SECRET, Returned, Stage};
use crate::support::microsoft::{Knob, Step};

/// All that is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Takes what was logged so far.
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

#[tokio::test]
async fn no_secret_is_written_down_at_any_level() {
    let (log, _guard) = Log::start();
    let stage = Stage::configured().await;
    let (state, mut hidden) = (FlowSecret::generate().unwrap(), vec![CLIENT_SECRET.to_owned()]);
    hidden.push(state.reveal().to_owned());
    tracing::trace!(?state, microsoft = ?stage.microsoft, stored = ?Stored::of(state.reveal()), "shown as anybody might");
    let Returned { code, verifier } = stage.returned().await;
    hidden.extend([code.clone(), verifier.reveal().to_owned()]);
    tracing::trace!(?verifier, "shown as anybody might");
    stage.microsoft.sign_in(&code, verifier.reveal()).await.unwrap();
    stage.microsoft.sign_in(&code, verifier.reveal()).await.unwrap_err();
    for step in Step::CHAIN {
        for knob in
            [Knob::json(401, r#"{"error":"invalid_client","error_description":"upstream text"}"#), Knob::drops()]
        {
            stage.when(step, knob).await;
        }
    }
    stage.fake.turn(Step::Authorize, Knob::declines_with("<script>upstream text"));
    let _ = stage.microsoft.declined("<script>upstream text");
    hidden.extend(stage.fake.secrets());
    hidden.push("upstream text".to_owned());
    let text = log.text();
    assert!(text.contains("TRACE") && text.contains("a sign-in goes on"), "it was not listened at all: {text}");
    assert!(hidden.len() > 20);
    for secret in hidden {
        assert!(!text.contains(&secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_failure_is_written_down_once_for_whom_it_concerns() {
    let stage = Stage::start().await;
    let (log, _guard) = Log::start();
    let said = |text: &str, level: &str| {
        text.lines().filter(|line| line.contains(level)).map(str::to_owned).collect::<Vec<_>>()
    };
    let unregistered = Knob::json(403, r#"{"errorMessage":"Invalid app registration, see https://aka.ms/AppRegInfo"}"#);
    for (step, knob, level, wanted) in [
        (
            Step::LoginWithXbox,
            unregistered,
            "ERROR",
            vec!["app_not_approved", "login_with_xbox", "status=403", "AppRegInfo"],
        ),
        (
            Step::Token,
            Knob::json(401, r#"{"error":"invalid_client","error_codes":[7000215]}"#),
            "ERROR",
            vec!["microsoft_misconfigured", "step=\"token\"", "number=7000215", "login.microsoft"],
        ),
        (Step::Xsts, Knob::drops(), "WARN", vec!["xbox_unavailable", "step=\"xsts\"", "failure=reset"]),
        (Step::Xbl, Knob::empty(401).header("X-Err", "42"), "WARN", vec!["xbox_error", "number=42"]),
        (Step::Profile, Knob::empty(404), "DEBUG", vec!["no_minecraft_profile"]),
    ] {
        log.take();
        stage.when(step, knob).await;
        let text = log.take();
        let lines: Vec<_> = said(&text, level).into_iter().filter(|line| line.contains("code=")).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert!(wanted.iter().all(|part| lines[0].contains(part)), "{wanted:?}: {}", lines[0]);
        let louder = said(&text, "ERROR").len() + said(&text, "WARN").len();
        assert_eq!(louder, usize::from(level != "DEBUG"), "{text}");
    }
}
