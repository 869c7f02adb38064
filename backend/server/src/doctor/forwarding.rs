//! Whether the log reaches those whom it is forwarded to.

use db::look::Look;
use kernel::Ts;

use super::{Finding, count, database::read, moment, words};
use crate::Serve;

const CHECK: &str = "forwarding";

/// One for each receiver that is named.
pub fn checks(serve: &Serve, look: Option<&mut Look>, now: Ts) -> Vec<Finding> {
    let settings = &serve.forwarding;
    let names = settings.receivers.iter().map(|receiver| receiver.name.as_str());
    let strangers = settings.authorizations.iter().filter(|one| !names.clone().any(|name| name == one.name));
    let mut found: Vec<Finding> = strangers
        .map(|one| {
            let advice = "correct the name, or leave the option out";
            Finding::warn(CHECK, format!("--forward-authorization {}: there is no receiver of that name", one.name), advice)
        })
        .collect();
    if let Some(name) = forwarding::named_twice(&settings.receivers) {
        let advice = "give each receiver a name of its own: the server does not start with this";
        found.push(Finding::wrong(CHECK, format!("two receivers are called {name}"), advice));
    }
    found.extend(settings.receivers.iter().filter_map(|receiver| {
        let usable = forwarding::usable(receiver, &settings.authorizations, settings.ca.as_deref()).err()?;
        let advice = "correct --forward-authorization or --forward-ca: the server does not start with it";
        Some(Finding::wrong(CHECK, format!("{}: {}", receiver.name, words(&usable)), advice))
    }));
    if let Some(look) = look {
        let standings = look.read(now, |tx| Ok((audit::size(tx)?, forwarding::standings(tx)?)));
        match standings {
            Ok((size, standings)) => found.extend(settings.receivers.iter().map(|receiver| {
                let known = standings.iter().find(|standing| standing.name == receiver.name);
                let behind = |next: i64| count(usize::try_from((size - next).max(0)).unwrap_or_default(), "record");
                match known {
                    None => Finding::ok(CHECK, format!("{} is new, and will get {}", receiver.name, behind(0))),
                    Some(known) => match (known.failing_since, &known.failure) {
                        (Some(since), Some(failure)) => Finding::warn(
                            CHECK,
                            format!(
                                "{} has confirmed nothing since {}: {failure}; {} waiting",
                                receiver.name,
                                moment(since),
                                behind(known.next_leaf)
                            ),
                            format!("see to it that {} answers; nothing is lost meanwhile", receiver.address),
                        ),
                        _ => Finding::ok(CHECK, format!("{} has confirmed all but {}", receiver.name, behind(known.next_leaf))),
                    },
                }
            })),
            Err(error) => found.push(read(CHECK, Err(error))),
        }
    }
    found
}
