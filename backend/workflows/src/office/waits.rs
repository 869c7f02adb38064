//! What a case waits for besides people: times and messages.

use std::collections::VecDeque;

use bpmn::{
    model::{NodeKind, Timer, Trigger},
    run::{Event, Owner, Stay, started_by},
};
use kernel::{Error, Ts};
use serde_json::Value as Json;

use super::{Case, Outside};
use crate::{
    blueprint::{WorkingTime, cycle, duration_minutes},
    model::{StoryEvent, Told, Wait, WaitId},
    said::both,
};

impl Case<'_> {
    pub(super) fn arm(&mut self, owner: Owner, event: &str, out: &mut dyn Outside, queue: &mut VecDeque<Event>) -> Result<(), Error> {
        let mut wait = Wait {
            id: WaitId::new(),
            case_id: self.id,
            owner: owner_text(owner),
            element: event.to_owned(),
            due: None,
            message: None,
            remaining: None,
        };
        match self.trigger(event) {
            Some(Trigger::Timer(timer)) => {
                let (due, remaining) = match self.timer(event, &timer, out)? {
                    Ok(set) => set,
                    Err(reason) => {
                        match owner {
                            // What waits at the event itself waits for nothing.
                            Owner::Token(token) if self.control.state.tokens.get(&token).is_some_and(|token| token.stay == Stay::Event) => {
                                self.fail(token, event, &reason, queue, "timer.invalid");
                            }
                            // At a border, the work itself goes on.
                            _ => self.unset(event, reason, out)?,
                        }
                        return Ok(());
                    }
                };
                (wait.due, wait.remaining) = (Some(due), remaining);
            }
            Some(Trigger::Message { name }) => wait.message = name.or_else(|| Some(event.to_owned())),
            // Errors come from inside.
            _ => return Ok(()),
        }
        self.waits.push(wait);
        Ok(())
    }

    /// A timer beside the work could not be set: that is told, and nothing stops.
    fn unset(&mut self, event: &str, reason: String, out: &mut dyn Outside) -> Result<(), Error> {
        self.tell(StoryEvent::Incident, Some(event), None, None, Some(reason), None);
        self.told.extend(out.administrators()?.into_iter().map(|person| (person.id, Told::Incident, None)));
        Ok(())
    }

    /// When a timer is due, and how often it comes after that; or why that cannot be said.
    fn timer(&self, event: &str, timer: &Timer, out: &mut dyn Outside) -> Result<Result<(Ts, Option<i32>), String>, Error> {
        let (Timer::Duration(text) | Timer::Date(text) | Timer::Cycle(text)) = timer;
        let text = match text.strip_prefix('=').map(feel::Expression::parse) {
            Some(Ok(expression)) => match self.evaluate(&expression, out).map(|value| value.to_json()) {
                Ok(Json::String(text)) => text,
                Ok(other) => return Ok(Err(other.to_string())),
                Err(error) => return Ok(Err(both(|chinese| error.text(chinese)))),
            },
            Some(Err(problem)) => return Ok(Err(both(|chinese| problem.text(chinese)))),
            None => text.clone(),
        };
        let working = self.blueprint.settings.working.iter().any(|id| id == event);
        let now = out.now();
        let set = match timer {
            Timer::Duration(_) if working => WorkingTime::parse(&text).map(|time| out.due(time)).transpose()?.map(|due| (due, None)),
            Timer::Duration(_) => duration_minutes(&text).map(|minutes| (now.plus_seconds(minutes * 60), None)),
            Timer::Date(_) => out.calendar().and_then(|calendar| calendar.moment(&text)).or_else(|| text.parse().ok()).map(|at| (at, None)),
            Timer::Cycle(_) => cycle(&text).map(|(times, minutes)| {
                let remaining = times.map(|times| i32::try_from(times).unwrap_or(i32::MAX) - 1);
                (now.plus_seconds(minutes * 60), remaining)
            }),
        };
        Ok(set.ok_or(text))
    }

    /// What was waited for has come.
    pub fn fire(&mut self, wait: &Wait, out: &mut dyn Outside) -> Result<(), Error> {
        let owner = owner_of(&wait.owner).ok_or_else(|| Error::internal("a wait of nobody"))?;
        self.waits.retain(|other| other.id != wait.id);
        self.tell(StoryEvent::Fired, Some(&wait.element), None, None, None, None);
        self.deliver(Event::Fired { owner, event: wait.element.clone() }, out)?;
        self.again(owner, wait, out)
    }

    /// A cycle or a message comes again, as long as the case waits for it; what was missed meanwhile comes once.
    fn again(&mut self, owner: Owner, wait: &Wait, out: &mut dyn Outside) -> Result<(), Error> {
        let state = &self.control.state;
        let armed = match owner {
            Owner::Token(token) => state.tokens.get(&token).map(|token| &token.armed),
            Owner::Scope(scope) => state.scopes.get(&scope).map(|scope| &scope.armed),
        };
        let armed = armed.is_some_and(|armed| armed.contains(&wait.element));
        let already = self.waits.iter().any(|other| other.owner == wait.owner && other.element == wait.element);
        if !armed || already || wait.remaining == Some(0) {
            return Ok(());
        }
        match self.trigger(&wait.element) {
            Some(Trigger::Timer(timer)) => match self.timer(&wait.element, &timer, out)? {
                Ok((due, _)) => {
                    let remaining = wait.remaining.map(|left| left - 1);
                    self.waits.push(Wait { id: WaitId::new(), due: Some(due), remaining, ..wait.clone() });
                }
                Err(reason) => self.unset(&wait.element, reason, out)?,
            },
            Some(Trigger::Message { .. }) => self.waits.push(Wait { id: WaitId::new(), ..wait.clone() }),
            _ => {}
        }
        Ok(())
    }

    /// What an event waits for.
    fn trigger(&self, event: &str) -> Option<Trigger> {
        let node = self.blueprint.node(event)?;
        match &node.kind {
            NodeKind::Catch(trigger) | NodeKind::Boundary { trigger, .. } | NodeKind::Start(Some(trigger)) => Some(trigger.clone()),
            _ => started_by(node),
        }
    }
}

/// How a wait's owner is written.
pub(super) fn owner_text(owner: Owner) -> String {
    match owner {
        Owner::Token(token) => format!("token:{token}"),
        Owner::Scope(scope) => format!("scope:{scope}"),
    }
}

/// The owner of a wait.
pub(super) fn owner_of(text: &str) -> Option<Owner> {
    let (kind, number) = text.split_once(':')?;
    let number = number.parse().ok()?;
    match kind {
        "token" => Some(Owner::Token(number)),
        "scope" => Some(Owner::Scope(number)),
        _ => None,
    }
}
