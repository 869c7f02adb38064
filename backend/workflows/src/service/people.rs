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
        PeopleRule::Head => match unit_of(rule, case, Some(case.unit)) {
            Some(unit) => finding::head(tx, unit)?.into_iter().collect(),
            None => Vec::new(),
        },
        PeopleRule::Heads => match unit_of(rule, case, Some(case.unit)) {
            Some(unit) => {
                let heads = finding::heads(tx, unit, usize::try_from(rule.up).unwrap_or(1) + 1)?;
                // Nobody approves as one's own head.
                let others = heads.into_iter().filter(|head| head.id != case.starter.id);
                others.take(usize::try_from(rule.up).unwrap_or(1)).collect()
            }
            None => Vec::new(),
        },
        PeopleRule::Role => finding::holders(tx, value, unit_of(rule, case, Some(case.unit)))?,
        PeopleRule::Post => finding::posted(tx, value, unit_of(rule, case, None))?,
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
        PeopleRule::Members => match unit_of(rule, case, Some(case.unit)) {
            Some(unit) => finding::members(tx, unit)?,
            None => Vec::new(),
        },
    };
    Ok(found.into_iter().map(colleague).collect())
}

/// The step that has this rule.
fn step_of(rule: &People, case: &Case<'_>) -> Option<String> {
    let steps = case.blueprint.settings.work.iter();
    steps.filter(|(_, work)| work.people.iter().any(|people| std::ptr::eq(people, rule))).map(|(id, _)| id.clone()).next()
}

fn unit_of(rule: &People, case: &Case<'_>, otherwise: Option<UnitId>) -> Option<UnitId> {
    match rule.of.as_deref() {
        None => otherwise,
        Some("starter") => Some(case.unit),
        Some("company") => None,
        Some(of) => {
            let field = of.strip_prefix("field:")?;
            case.data.get(field)?.as_str()?.parse().ok()
        }
    }
}
