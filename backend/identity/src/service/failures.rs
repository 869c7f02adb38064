//! Failed log-ins in the log: each of the first five of an account and address in a minute, then one with a count, so
//! that a flood of attempts does not become a flood of records.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use db::{Database, Event};
use kernel::{Actor, ActorKind, Code, Error, Kind as _, PersonKind, Uuid};

use crate::model::Person;

/// Records of this many attempts are written one by one.
const EACH: u32 = 5;

struct Count {
    seen: u32,
    unwritten: u32,
    actor: Arc<Actor>,
    subject: (Uuid, String),
}

/// Counters of this process, by account, address and minute.
#[derive(Default)]
pub struct FailedLogins(Mutex<HashMap<Key, Count>>);

/// Account, address, minute.
type Key = (String, Option<String>, i64);

impl FailedLogins {
    pub(crate) async fn count(
        &self,
        db: &Database,
        actor: &Arc<Actor>,
        login: &str,
        person: Option<&Person>,
        reason: Code,
    ) -> Result<(), Error> {
        let minute = db.clock().now().micros() / 60_000_000;
        let subject = person.map_or((Uuid::nil(), String::new()), |person| (person.id.uuid(), person.name.clone()));
        let write = {
            let mut counts = self.0.lock().map_err(Error::internal)?;
            let key = (login.to_owned(), actor.address.clone(), minute);
            let count =
                counts.entry(key).or_insert_with(|| Count { seen: 0, unwritten: 0, actor: Arc::clone(actor), subject: subject.clone() });
            count.seen += 1;
            if count.seen > EACH {
                count.unwritten += 1;
            }
            count.seen <= EACH
        };
        if write { db.note(actor, event(subject, 1, reason)).await } else { Ok(()) }
    }

    /// Writes what has been counted in minutes that are over.
    pub async fn flush(&self, db: &Database) -> Result<(), Error> {
        let minute = db.clock().now().micros() / 60_000_000;
        let over: Vec<Count> = {
            let mut counts = self.0.lock().map_err(Error::internal)?;
            let keys: Vec<_> = counts.keys().filter(|(_, _, counted)| *counted < minute).cloned().collect();
            keys.iter().filter_map(|key| counts.remove(key)).collect()
        };
        for count in over.into_iter().filter(|count| count.unwritten > 0) {
            let actor = Arc::new(Actor { kind: ActorKind::SystemJob, ..(*count.actor).clone() });
            db.note(&actor, event(count.subject, count.unwritten, Code::LoginFailed)).await?;
        }
        Ok(())
    }
}

fn event((id, name): (Uuid, String), count: u32, reason: Code) -> Event {
    Event::about("login.failed", PersonKind::NAME, id, name).fact("count", count).outcome(db::Outcome::Denied, reason.as_str())
}
