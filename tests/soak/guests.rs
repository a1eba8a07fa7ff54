//! Game servers of every manner, and what each answer has to be.

use super::{
    figures::{Figures, Kind},
    houses::{House, TRUE},
};
use crate::support::{
    dice::Dice,
    doors::{Doors, Manner},
};
use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

/// Logins a second.
const RATE: u32 = 120;
/// As many at one time as there may be.
const AT_ONCE: usize = 300;
/// Nothing takes longer: the race has its deadline.
const PATIENCE: Duration = Duration::from_secs(8);

/// All of them.
pub(super) struct Guests {
    doors: Doors,
    houses: Vec<Arc<House>>,
    figures: Arc<Figures>,
}

/// One question, and what is true of it.
struct Question {
    path: String,
    house: Arc<House>,
    player: usize,
    impostor: bool,
    was_well: bool,
}

impl Guests {
    pub(super) fn new(address: SocketAddr, houses: Vec<Arc<House>>, figures: Arc<Figures>) -> Self {
        Self { doors: Doors::to(address), houses, figures }
    }

    /// They come until it is over, and are waited for.
    pub(super) async fn come(self: Arc<Self>, mut dice: Dice, over: CancellationToken) {
        let (mut guests, mut number) = (JoinSet::new(), 0);
        let mut ticks = interval(Duration::from_secs(1) / RATE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while over.run_until_cancelled(ticks.tick()).await.is_some() {
            while guests.len() >= AT_ONCE {
                guests.join_next().await;
            }
            while guests.try_join_next().is_some() {}
            number += 2;
            let (all, questions) = (self.clone(), [number, number + 1].map(|number| self.question(&mut dice, number)));
            let (manner, late) = (dice.below(20), dice.ms(0..60));
            guests.spawn(async move { all.ask(questions, manner, late).await });
        }
        while guests.join_next().await.is_some() {}
    }

    fn question(&self, dice: &mut Dice, number: u64) -> Question {
        let (house, player, impostor) = (dice.of(&self.houses).clone(), dice.below(100), dice.below(5) == 0);
        let start = if impostor { "-2" } else { TRUE };
        let path =
            format!("/session/minecraft/hasJoined?username={}&serverId={start}{number:x}", house.player(player).0);
        let was_well = house.is_well();
        Question { path, house, player, impostor, was_well }
    }

    async fn ask(&self, [one, other]: [Question; 2], manner: usize, late: Duration) {
        let began = Instant::now();
        let manner = match manner {
            0 | 1 => {
                // Who hangs up hears nothing; only the connection itself may not be refused.
                let gone = self.doors.hang_up(&one.path, late).await;
                return self.figures.count(gone.map(|()| Kind::HungUp).map_err(|error| format!("hang-up: {error}")));
            }
            2 | 3 => {
                let answers = timeout(PATIENCE, self.doors.pipelined([&one.path, &other.path])).await;
                match answers {
                    Ok(Ok([first, second])) => {
                        self.judge(&one, Ok(first), "pipelined", began);
                        self.judge(&other, Ok(second), "pipelined", began);
                    }
                    Ok(Err(error)) => self.judge(&one, Err(error), "pipelined", began),
                    Err(_) => self.judge(&one, Err(io::ErrorKind::TimedOut.into()), "pipelined", began),
                }
                return;
            }
            4 | 5 => Manner::Multiplexed,
            6..=9 => Manner::Kept,
            _ => Manner::Anew,
        };
        let answer = timeout(PATIENCE, self.doors.ask(manner, &one.path)).await;
        let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        self.judge(&one, answer, &format!("{manner:?}"), began);
    }

    fn judge(&self, asked: &Question, answer: io::Result<(u16, Vec<u8>)>, manner: &str, began: Instant) {
        let Question { path, house, player, impostor, was_well } = asked;
        let profile = house.player(*player).1;
        let wrong = |why: &str| {
            let well = if *was_well { "well" } else { "not well" };
            Err(format!("{manner} {path} ({} was {well}) after {:?}: {why}", house.id, began.elapsed()))
        };
        self.figures.count(match answer {
            Err(error) => wrong(&format!("{error:?}")),
            Ok((200, _)) if *impostor => wrong("200 for an impostor"),
            Ok((200, body)) if body == profile => Ok(Kind::Joined),
            Ok((200, body)) => wrong(&format!("200 with {}", String::from_utf8_lossy(&body))),
            Ok((204, _)) if *impostor => Ok(Kind::Refused),
            Ok((503, _)) if *impostor || !was_well || !house.is_well() => Ok(Kind::Down),
            Ok((status, _)) => wrong(&status.to_string()),
        });
    }
}
