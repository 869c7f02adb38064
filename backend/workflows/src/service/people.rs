//! Finding people by the rules of a step.

use db::ReadTx;
use identity::finding::{self, Found};
use kernel::{Error, PersonId, UnitId};
use serde_json::Value as Json;

use crate::{
    blueprint::{People, words::PeopleRule},
    model::Colleague,
    office::Case,
};

/// As this slice calls them.
pub fn colleague(found: Found) -> Colleague {
    Colleague { id: found.id, name: found.name, login: found.login }
}

/// The people of a rule, for this case.
pub fn find(tx: &mut ReadTx<'_>, rule: &People, case: &Case<'_>) -> Result<Vec<Colleague>, Error> {
    let value = rule.value.as_deref().unwrap_or_default();
    let found = match rule.by {
        PeopleRule::Starter => return Ok(vec![case.starter.clone()]),
        PeopleRule::Head => each(&units_of(rule, case, Some(case.unit)), |unit| Ok(finding::head(tx, unit)?.into_iter().collect()))?,
        PeopleRule::Heads => each(&units_of(rule, case, Some(case.unit)), |unit| {
            let up = usize::try_from(rule.up).unwrap_or(1);
            // Nobody approves as one's own head.
            Ok(finding::heads(tx, unit, up + 1)?.into_iter().filter(|head| head.id != case.starter.id).take(up).collect())
        })?,
        PeopleRule::Role | PeopleRule::Post => {
            let holders = |tx: &mut ReadTx<'_>, unit| match rule.by {
                PeopleRule::Role => finding::holders(tx, value, unit),
                _ => finding::posted(tx, value, unit),
            };
            let otherwise = (rule.by == PeopleRule::Role).then_some(case.unit);
            if rule.of.as_deref() == Some("company") || (rule.of.is_none() && otherwise.is_none()) {
                holders(tx, None)?
            } else {
                each(&units_of(rule, case, otherwise), |unit| holders(tx, Some(unit)))?
            }
        }
        PeopleRule::Person => finding::by_login(tx, value)?.into_iter().collect(),
        PeopleRule::Field => {
            let ids: Vec<PersonId> = match case.data.get(value) {
                Some(Json::String(one)) => one.parse().into_iter().collect(),
                Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).filter_map(|id| id.parse().ok()).collect(),
                _ => Vec::new(),
            };
            finding::people(tx, &ids)?
        }
        PeopleRule::Chosen => {
            let step = if value.is_empty() { step_of(rule, case) } else { Some(value.to_owned()) };
            let ids = step.and_then(|step| case.control.chosen.get(&step)).cloned().unwrap_or_default();
            finding::people(tx, &ids)?
        }
        PeopleRule::Handler => finding::people(tx, &case.control.handlers.get(value).cloned().unwrap_or_default())?,
        PeopleRule::Members => each(&units_of(rule, case, Some(case.unit)), |unit| finding::members(tx, unit))?,
    };
    Ok(found.into_iter().map(colleague).collect())
}

/// The step that has this rule.
fn step_of(rule: &People, case: &Case<'_>) -> Option<String> {
    let steps = case.blueprint.settings.work.iter();
    steps.filter(|(_, work)| work.people.iter().any(|people| std::ptr::eq(people, rule))).map(|(id, _)| id.clone()).next()
}

/// The units that a rule speaks of: one, or those that stand in a field.
fn units_of(rule: &People, case: &Case<'_>, otherwise: Option<UnitId>) -> Vec<UnitId> {
    match rule.of.as_deref() {
        None => otherwise.into_iter().collect(),
        Some("starter") => vec![case.unit],
        Some("company") => Vec::new(),
        Some(of) => match of.strip_prefix("field:").and_then(|field| case.data.get(field)) {
            Some(Json::String(one)) => one.parse().into_iter().collect(),
            Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).filter_map(|id| id.parse().ok()).collect(),
            _ => Vec::new(),
        },
    }
}

/// The people of several units, each once.
fn each(units: &[UnitId], mut find: impl FnMut(UnitId) -> Result<Vec<Found>, Error>) -> Result<Vec<Found>, Error> {
    let mut all: Vec<Found> = Vec::new();
    for unit in units {
        all.extend(find(*unit)?.into_iter().filter(|found| all.iter().all(|known| known.id != found.id)).collect::<Vec<_>>());
    }
    Ok(all)
}
