//! Definitions: drafts, checks, trial runs, publication.

use std::collections::BTreeMap;

use bpmn::{Finding, finding::Rule};
use db::{Event, ReadTx, Recorded, WriteTx};
use identity::{directory, finding};
use kernel::{Code, Error, FieldError, Params, Permission, PersonId, UnitId, column::RawJson};
use serde_json::{Map, Value as Json};
use sha2::Digest as _;

use super::{Office, people, source_of_draft, source_of_release, starting};
use crate::{
    blueprint::{Blueprint, Data, Known, Source, StarterFacts, publishable},
    model::{Process, ProcessId, ProcessState, Release, ReleaseId, ReleaseState},
    office::{
        examples::{self, TestResult},
        trial::{self, Decision, Pretend, Trial, TrialStarter},
    },
    policy, store,
};

/// A new process.
#[derive(Clone, Debug)]
pub struct NewProcess {
    pub key: String,
    pub name: String,
    pub name_en: Option<String>,
    pub category: Option<String>,
    pub category_en: Option<String>,
    pub about: Option<String>,
    pub about_en: Option<String>,
    pub source: Option<Source>,
    pub origin: Option<(String, String)>,
}

/// What of a draft is changed.
#[derive(Clone, Debug, Default)]
pub struct DraftChange {
    pub name: Option<String>,
    pub name_en: Option<Option<String>>,
    pub category: Option<Option<String>>,
    pub category_en: Option<Option<String>>,
    pub about: Option<Option<String>>,
    pub about_en: Option<Option<String>>,
    pub bpmn: Option<String>,
    pub form: Option<Json>,
    pub decisions: Option<Map<String, Json>>,
    pub tests: Option<Vec<Json>>,
}

/// What a definition may refer to here.
pub fn known(tx: &mut ReadTx<'_>, office: &Office) -> Result<Known, Error> {
    Ok(Known { processes: store::published_keys(tx)?, ..office.actions().known() })
}

/// What a check gives: what could be read, what is wrong, what the tests say.
pub type Checked = (Option<Blueprint>, Vec<Finding>, Vec<TestResult>);

/// Everything that is wrong with a definition, and its tests.
pub fn check(tx: &mut ReadTx<'_>, office: &Office, source: &Source) -> Result<Checked, Error> {
    let known = known(tx, office)?;
    let chinese = tx.actor().chinese;
    let (blueprint, mut findings) = source.check(&known);
    // What is broken is not tried.
    let runs = blueprint.as_ref().filter(|_| publishable(&findings));
    let tests = runs.map(|blueprint| examples::run_all(blueprint, &source.tests, chinese)).unwrap_or_default();
    for test in tests.iter().filter(|test| !test.passed) {
        let reason = test.reason.clone().unwrap_or_default();
        findings.push(Finding::of_file(Rule::TestFailed).with("test", &test.name).with("reason", reason));
    }
    Ok((blueprint, findings, tests))
}

/// The template of a new process: filling in, approval by the head, the end.
#[must_use]
pub fn template(key: &str, name: &str) -> Source {
    let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let id: String = key.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let bpmn = TEMPLATE.replace("{id}", &format!("p_{id}")).replace("{name}", &name);
    let form = serde_json::json!({
        "schema": { "type": "object", "properties": {
            "事由": { "type": "string", "maxLength": 60, "x-en": "Subject" },
            "说明": { "type": "string", "maxLength": 2000, "x-widget": "textarea", "x-en": "Details" },
        } },
        "ui": { "groups": [{ "title": "申请内容", "en": "Request", "fields": ["事由", "说明"] }] },
    });
    Source { bpmn, form, decisions: Map::new(), tests: Vec::new() }
}

const TEMPLATE: &str = include_str!("template.bpmn");

/// Adds a process with a draft.
pub fn create(tx: &mut WriteTx<'_>, new: &NewProcess) -> Result<Recorded<ProcessId>, Error> {
    if store::process_by_key(tx, &new.key)?.is_some() {
        return Err(Error::invalid("/key", Code::ProcessKeyTaken));
    }
    let source = new.source.clone().unwrap_or_else(|| template(&new.key, &new.name));
    let row = Process {
        id: ProcessId::new(),
        key: new.key.clone(),
        name: new.name.clone(),
        name_en: new.name_en.clone(),
        category: new.category.clone(),
        category_en: new.category_en.clone(),
        about: new.about.clone(),
        about_en: new.about_en.clone(),
        state: ProcessState::Draft,
        bpmn: source.bpmn,
        form: RawJson::of(&source.form)?,
        decisions: RawJson::of(&source.decisions)?,
        tests: RawJson::of(&source.tests)?,
        origin: new.origin.as_ref().map(|(origin, _)| origin.clone()),
        origin_hash: new.origin.as_ref().map(|(_, hash)| hash.clone()),
        draft_changed_at: tx.now(),
        draft_changed_by: tx.actor().name.clone(),
        version: 1,
    };
    let id = row.id;
    let event = Event::new("process.created", id, row.name.clone()).created().set("key", &row.key).set("origin", &row.origin);
    tx.record(event, |rows| store::insert_process(rows, &row)).map(|recorded| recorded.map(|()| id))
}

/// Changes a draft, which may be wrong as long as it is not published.
pub fn change(tx: &mut WriteTx<'_>, id: ProcessId, expected: i32, change: &DraftChange) -> Result<Recorded<()>, Error> {
    let before = starting::process(tx, id)?;
    let mut after = before.clone();
    if let Some(name) = &change.name {
        after.name.clone_from(name);
    }
    if let Some(name) = &change.name_en {
        after.name_en.clone_from(name);
    }
    if let Some(category) = &change.category {
        after.category.clone_from(category);
    }
    if let Some(category) = &change.category_en {
        after.category_en.clone_from(category);
    }
    if let Some(about) = &change.about {
        after.about.clone_from(about);
    }
    if let Some(about) = &change.about_en {
        after.about_en.clone_from(about);
    }
    if let Some(bpmn) = &change.bpmn {
        after.bpmn.clone_from(bpmn);
    }
    if let Some(form) = &change.form {
        after.form = RawJson::of(form)?;
    }
    if let Some(decisions) = &change.decisions {
        after.decisions = RawJson::of(decisions)?;
    }
    if let Some(tests) = &change.tests {
        after.tests = RawJson::of(tests)?;
    }
    (after.draft_changed_at, after.draft_changed_by) = (tx.now(), tx.actor().name.clone());
    let (old, new) = (source_of_draft(&before)?, source_of_draft(&after)?);
    let event = Event::new("process.changed", id, after.name.clone())
        .step(expected)
        .change("name", &before.name, &after.name)
        .change("name_en", &before.name_en, &after.name_en)
        .change("category", &before.category, &after.category)
        .change("category_en", &before.category_en, &after.category_en)
        .change("about", &before.about, &after.about)
        .change("about_en", &before.about_en, &after.about_en)
        .change("bpmn", &hash(&old.bpmn), &hash(&new.bpmn))
        .change("form", &old.form, &new.form)
        .change("decisions", &old.decisions, &new.decisions)
        .change("tests", &old.tests, &new.tests);
    if event.changes_nothing() {
        return if before.version == expected { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_process(rows, &after, expected))
}

fn hash(text: &str) -> String {
    kernel::hex(&sha2::Sha256::digest(text))
}

/// The hash of everything that is published.
pub fn hash_of(source: &Source) -> Result<String, Error> {
    Ok(hash(&serde_json::to_string(source).map_err(Error::internal)?))
}

/// Publishes the draft: as the current release, or as a pilot of some units.
pub fn publish(
    tx: &mut WriteTx<'_>,
    office: &Office,
    id: ProcessId,
    expected: i32,
    notes: Option<&str>,
    pilot: &[UnitId],
    second: Option<PersonId>,
) -> Result<Recorded<()>, Error> {
    let process = starting::process(tx, id)?;
    if process.version != expected {
        return Err(Error::new(Code::Stale));
    }
    let source = source_of_draft(&process)?;
    let (blueprint, findings, _) = check(tx, office, &source)?;
    let chinese = tx.actor().chinese;
    let Some(blueprint) = blueprint.filter(|_| publishable(&findings)) else {
        return Err(Error::new(Code::ProcessNotPublishable).fields_of(problems(&findings, chinese)));
    };
    let approver = check_actions(tx, office, id, &blueprint, second)?;
    for unit in pilot {
        directory::active_unit(tx, *unit, "/pilot_unit_ids")?;
    }
    let releases = store::releases(tx, id)?;
    let hash = hash_of(&source)?;
    let standing = releases.iter().find(|release| release.state != ReleaseState::Former && release.hash == hash);
    if standing.is_some_and(|release| (release.state == ReleaseState::Pilot) != pilot.is_empty())
        && process.state == ProcessState::Published
    {
        return Err(Error::new(Code::ProcessNoDraft));
    }
    let number = releases.first().map_or(1, |last| last.number + 1);
    let state = if pilot.is_empty() { ReleaseState::Current } else { ReleaseState::Pilot };
    let me = tx.actor().require_person()?;
    let release = Release {
        id: ReleaseId::new(),
        process_id: id,
        number,
        state,
        bpmn: source.bpmn,
        form: RawJson::of(&source.form)?,
        decisions: RawJson::of(&source.decisions)?,
        tests: RawJson::of(&source.tests)?,
        bindings: RawJson::of(&bindings(tx, &blueprint)?)?,
        hash: hash.clone(),
        notes: notes.map(str::to_owned),
        published_at: tx.now(),
        published_by: me,
        published_by_name: tx.actor().name.clone(),
    };
    let mut units = Vec::new();
    units.extend_from_slice(pilot);
    let event = Event::new(if pilot.is_empty() { "process.published" } else { "process.piloted" }, id, process.name.clone())
        .step(expected)
        .fact("release", number)
        .fact("hash", &hash)
        .clauses(&blueprint.settings.process.clauses)
        .set("pilot_units", &units)
        .note(notes.map(str::to_owned));
    let event = match approver {
        Some((person, name)) => event.related(person, "approver", name),
        None => event,
    };
    let after = Process { state: ProcessState::Published, ..process };
    tx.record(event, |rows| {
        store::set_release_state(rows, id, ReleaseState::Pilot, ReleaseState::Former)?;
        if state == ReleaseState::Current {
            store::set_release_state(rows, id, ReleaseState::Current, ReleaseState::Former)?;
        }
        store::insert_release(rows, &release)?;
        store::set_pilot_units(rows, id, &units)?;
        store::update_process(rows, &after, expected)
    })
}

/// What a process does by itself, somebody answers for: whoever publishes it holds the permission of each action, or a second person who
/// agrees does (given back if so). Where accounts or rights are touched, one of the two is the security administrator.
fn check_actions(
    tx: &mut ReadTx<'_>,
    office: &Office,
    id: ProcessId,
    blueprint: &Blueprint,
    second: Option<PersonId>,
) -> Result<Option<(PersonId, String)>, Error> {
    let mut approver = None;
    for call in blueprint.settings.actions.values() {
        let Some(action) = office.actions().get(&call.name) else { continue };
        let security = action.security().then_some(Permission::AssignRoles);
        for permission in action.permission().into_iter().chain(security) {
            if tx.actor().holds(permission) {
                continue;
            }
            let agrees = match second {
                Some(second) => identity::finding::permitted(tx, permission)?.into_iter().find(|found| found.id == second),
                None => None,
            };
            let Some(agrees) = agrees else {
                let code = if security == Some(permission) { Code::ProcessSecurity } else { Code::ProcessActionDenied };
                return Err(Error::forbidden(code).with("action", &call.name).with("permission", permission).about(id));
            };
            approver = Some((agrees.id, agrees.name));
        }
    }
    Ok(approver)
}

/// The current releases of the processes that are called.
fn bindings(tx: &mut ReadTx<'_>, blueprint: &Blueprint) -> Result<BTreeMap<String, ReleaseId>, Error> {
    let mut keys = Vec::new();
    blueprint.definition.scope.each(&mut |scope| {
        keys.extend(scope.nodes.values().filter_map(|node| match &node.kind {
            bpmn::model::NodeKind::CallActivity { called } => called.clone(),
            _ => None,
        }));
    });
    let mut bound = BTreeMap::new();
    for key in keys {
        let process = store::process_by_key(tx, &key)?.ok_or_else(|| Error::new(Code::ProcessNotPublished))?;
        let release =
            store::release_in_state(tx, process.id, ReleaseState::Current)?.ok_or_else(|| Error::new(Code::ProcessNotPublished))?;
        bound.insert(key, release.id);
    }
    Ok(bound)
}

/// Findings as fields of a problem.
fn problems(findings: &[Finding], chinese: bool) -> Vec<FieldError> {
    let errors = findings.iter().filter(|finding| finding.rule.severity() == bpmn::Severity::Error);
    errors
        .map(|finding| FieldError {
            pointer: finding.element.as_ref().map_or_else(|| "/bpmn".to_owned(), |id| format!("/bpmn/{id}")),
            code: Code::ProcessFinding,
            params: Params::from([("rule", finding.rule.to_string()), ("text", finding.text(chinese))]),
        })
        .collect()
}

/// The pilot becomes the release of everybody.
pub fn promote(tx: &mut WriteTx<'_>, id: ProcessId, expected: i32) -> Result<Recorded<()>, Error> {
    let process = starting::process(tx, id)?;
    let pilot = store::release_in_state(tx, id, ReleaseState::Pilot)?.ok_or_else(|| Error::new(Code::ProcessNoPilot))?;
    let event = Event::new("process.promoted", id, process.name.clone()).step(expected).fact("release", pilot.number);
    tx.record(event, |rows| {
        store::set_release_state(rows, id, ReleaseState::Current, ReleaseState::Former)?;
        store::set_one_release_state(rows, pilot.id, ReleaseState::Current)?;
        store::set_pilot_units(rows, id, &[])?;
        store::update_process(rows, &process, expected)
    })
}

/// No new cases; those that run go on.
pub fn withdraw(tx: &mut WriteTx<'_>, id: ProcessId, expected: i32, reason: &str) -> Result<Recorded<()>, Error> {
    let process = starting::process(tx, id)?;
    if process.state != ProcessState::Published {
        return Err(Error::new(Code::ProcessNotPublished));
    }
    let event = Event::new("process.withdrawn", id, process.name.clone()).step(expected).note(Some(reason.to_owned()));
    let after = Process { state: ProcessState::Withdrawn, ..process };
    tx.record(event, |rows| store::update_process(rows, &after, expected))
}

/// A withdrawn process can be started again.
pub fn restore(tx: &mut WriteTx<'_>, id: ProcessId, expected: i32) -> Result<Recorded<()>, Error> {
    let process = starting::process(tx, id)?;
    if process.state != ProcessState::Withdrawn {
        return Err(Error::new(Code::NoChange));
    }
    let event = Event::new("process.restored", id, process.name.clone()).step(expected);
    let after = Process { state: ProcessState::Published, ..process };
    tx.record(event, |rows| store::update_process(rows, &after, expected))
}

/// May this actor do that to processes?
pub fn check_design(tx: &ReadTx<'_>, permission: Permission) -> Result<(), Error> {
    if tx.actor().holds(permission) { Ok(()) } else { Err(Error::forbidden(Code::Forbidden).with("permission", permission)) }
}

/// A trial run of a draft: real people, nothing written.
pub fn try_out(
    tx: &mut ReadTx<'_>,
    office: &Office,
    source: &Source,
    starter: Option<PersonId>,
    unit: Option<UnitId>,
    data: &Data,
    decisions: &[Decision],
) -> Result<(Trial, Vec<Finding>), Error> {
    let known = known(tx, office)?;
    let chinese = tx.actor().chinese;
    let (blueprint, findings) = source.check(&known);
    let Some(blueprint) = blueprint else {
        return Err(Error::new(Code::ProcessNotPublishable).fields_of(problems(&findings, chinese)));
    };
    let person = match starter {
        Some(starter) => directory::active_person(tx, starter, "/starter_id")?.id,
        None => tx.actor().require_person()?,
    };
    let unit = starting::unit_of(tx, person, unit)?;
    let found = finding::people(tx, &[person])?.pop().map(people::colleague).ok_or_else(|| Error::absent(person))?;
    let facts = StarterFacts { name: found.name.clone(), unit: finding::unit_code(tx, unit)? };
    let starter = TrialStarter { person: found, unit, facts, chosen: BTreeMap::new() };
    let (calendar, now) = (office.calendar(tx)?, tx.now());
    let mut out =
        Pretend { repeats: office.actions().repeats(), ..Pretend::new(now, calendar, Box::new(|rule, case| people::find(tx, rule, case))) };
    let trial = trial::run(&blueprint, &starter, data, decisions, &mut out, chinese);
    Ok((trial, findings))
}

/// A finished case, walked again by the draft.
#[derive(Clone, Debug)]
pub struct Replayed {
    pub case: crate::model::CaseRow,
    pub was: Vec<String>,
    pub now: Vec<String>,
    pub problem: Option<String>,
}

/// The last finished cases through the draft: with the data and the results that they had.
pub fn replay(tx: &mut ReadTx<'_>, office: &Office, id: ProcessId, last: i64) -> Result<Vec<Replayed>, Error> {
    let process = starting::process(tx, id)?;
    let source = source_of_draft(&process)?;
    let known = known(tx, office)?;
    let chinese = tx.actor().chinese;
    let (blueprint, findings) = source.check(&known);
    let Some(blueprint) = blueprint.filter(|_| publishable(&findings)) else {
        return Err(Error::new(Code::ProcessNotPublishable).fields_of(problems(&findings, chinese)));
    };
    let mut all = Vec::new();
    for row in store::finished_of(tx, id, last)? {
        if !policy::reads(tx.actor(), &row) {
            continue;
        }
        let seats = store::seats(tx, row.id)?;
        let label = |step: &str, people: &[String]| format!("{}（{}）", blueprint.name(step, chinese), people.join("、"));
        let mut was: Vec<(String, Vec<String>)> = Vec::new();
        let mut decisions = Vec::new();
        let mut done: Vec<_> = seats.iter().filter(|seat| seat.done_at.is_some()).collect();
        done.sort_by_key(|seat| (seat.done_at, seat.token, seat.position));
        let application = blueprint.application();
        for seat in &done {
            let person = seat.done_by_name.clone().unwrap_or_default();
            match was.last_mut().filter(|(step, _)| *step == seat.element) {
                Some((_, people)) => people.push(person),
                None => was.push((seat.element.clone(), vec![person])),
            }
            let returned = seat.outcome.as_deref() == Some("return");
            if Some(seat.element.as_str()) != application && !returned {
                decisions.push(Decision {
                    step: seat.element.clone(),
                    outcome: seat.outcome.clone(),
                    opinion: None,
                    data: Map::new(),
                    all: false,
                });
            }
        }
        let data: Data = row.data.parse()?;
        let code = finding::unit_code(tx, row.unit_id)?;
        let found = finding::people(tx, &[row.starter_id])?.pop().map(people::colleague);
        let person = found.unwrap_or_else(|| trial::somebody(&row.starter_name));
        let facts = StarterFacts { name: row.starter_name.clone(), unit: code };
        let starter = TrialStarter { person, unit: row.unit_id, facts, chosen: BTreeMap::new() };
        let rights = application.map(|step| blueprint.rights(step)).unwrap_or_default();
        let sent: Data = data
            .iter()
            .filter(|(name, _)| rights.get(*name).is_some_and(|right| right.writes()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let (calendar, at) = (office.calendar(tx)?, row.started_at);
        let mut out = Pretend {
            outputs: data,
            repeats: office.actions().repeats(),
            ..Pretend::new(at, calendar, Box::new(|rule, case| people::find(tx, rule, case)))
        };
        let run = trial::replayed(&blueprint, &starter, &sent, &decisions, &mut out);
        let was = was.iter().map(|(step, people)| label(step, people)).collect();
        let now = run.0.iter().map(|(step, people)| label(step, people)).collect();
        all.push(Replayed { case: row, was, now, problem: run.1.map(|error| error.code().text(chinese, error.params())) });
    }
    Ok(all)
}

/// A release as it was published.
pub fn release(tx: &mut ReadTx<'_>, id: ProcessId, number: i32) -> Result<(Release, Source), Error> {
    starting::process(tx, id)?;
    let row = store::release_numbered(tx, id, number)?.ok_or_else(|| Error::new(Code::NotFound))?;
    let source = source_of_release(&row)?;
    Ok((row, source))
}
