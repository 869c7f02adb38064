//! Who may use a data set: given by hand or by a case, and taken back.

use db::{Event, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Date, Error, Id, Kind, PersonId, Uuid, column::AnyId};

use super::entry;
use crate::{
    model::{Classification, DatasetId, Grant, GrantId, GrantMode, GrantState},
    policy, store,
};

/// What is given to whom.
#[derive(Clone, Debug)]
pub struct Giving {
    pub person: PersonId,
    pub mode: GrantMode,
    pub purpose: String,
    /// Today, if not said.
    pub from: Option<Date>,
    /// The last day.
    pub until: Date,
}

/// The case that gives it.
#[derive(Clone, Debug)]
pub struct ByCase {
    pub id: Uuid,
    pub number: String,
    /// As which class the data set was approved, if the case says so.
    pub approved: Option<Classification>,
}

/// The kind of cases, named here because they are above.
enum CaseKind {}
impl Kind for CaseKind {
    const NAME: &'static str = "case";
}

/// Lets somebody use a data set: somebody else, since what one needs oneself is for others to decide.
pub fn give(tx: &mut WriteTx<'_>, id: DatasetId, giving: &Giving) -> Result<Recorded<GrantId>, Error> {
    if tx.actor().is(giving.person) {
        return Err(Error::forbidden(Code::PersonSelf).about(id));
    }
    if giving.from.is_some_and(|from| from < tx.now().office_date()) {
        return Err(Error::invalid("/valid_from", Code::InThePast));
    }
    record(tx, id, giving, None)
}

/// The same at the end of a case, which may have taken longer than until the day from which it was asked for. What was approved as
/// less than the catalogue says was not approved by those who should have.
pub fn give_for_case(tx: &mut WriteTx<'_>, id: DatasetId, giving: &Giving, case: ByCase) -> Result<Recorded<GrantId>, Error> {
    let row = entry(tx, id)?;
    if let Some(approved) = case.approved.filter(|approved| policy::lowers(row.classification, *approved)) {
        let chinese = tx.actor().chinese;
        let (approved, actual) = (approved.title(chinese), row.classification.title(chinese));
        return Err(Error::new(Code::DatasetApprovedLower).with("approved", approved).with("actual", actual).about(id));
    }
    let today = tx.now().office_date();
    let giving = Giving { from: giving.from.map(|from| from.max(today)), ..giving.clone() };
    record(tx, id, &giving, Some(case))
}

fn record(tx: &mut WriteTx<'_>, id: DatasetId, giving: &Giving, case: Option<ByCase>) -> Result<Recorded<GrantId>, Error> {
    let row = entry(tx, id)?;
    policy::check_give(tx.actor(), &row)?;
    let person = directory::active_person(tx, giving.person, "/person_id")?;
    let now = tx.now();
    let today = now.office_date();
    let from = giving.from.unwrap_or(today);
    if giving.until < today {
        return Err(Error::invalid("/valid_until", Code::InThePast));
    }
    if giving.until < from {
        return Err(Error::invalid("/valid_until", Code::TimeOrder));
    }
    let grant = Grant {
        id: GrantId::new(),
        dataset_id: id,
        person_id: person.id,
        mode: giving.mode,
        purpose: giving.purpose.clone(),
        valid_from: from,
        valid_until: giving.until,
        given_at: now,
        given_by: tx.actor().name.clone(),
        case_id: case.as_ref().map(|case| AnyId(case.id)),
        case_number: case.as_ref().map(|case| case.number.clone()),
        revoked_at: None,
        revoked_by: None,
        revoked_reason: None,
        version: 1,
    };
    let mut event = Event::new("dataset_grant.given", grant.id, format!("{} {}", row.label(), grant.mode.title(true)))
        .created()
        .unit(row.unit_id)
        .related(id, "dataset", row.label())
        .related(person.id, "to", person.name)
        .fact("classification", row.classification)
        .fact("mode", grant.mode)
        .fact("until", grant.valid_until)
        .set("dataset_id", &grant.dataset_id)
        .set("person_id", &grant.person_id)
        .set("mode", &grant.mode)
        .set("purpose", &grant.purpose)
        .set("valid_from", &grant.valid_from)
        .set("valid_until", &grant.valid_until);
    if let Some(case) = case {
        event = event.related(Id::<CaseKind>::from_uuid(case.id), "case", case.number);
    }
    tx.record(event, |rows| store::grants::insert(rows, &grant))?.and_then(|()| Ok(grant.id))
}

/// Takes a grant back before its end.
pub fn revoke(tx: &mut WriteTx<'_>, id: GrantId, expected: i32, reason: &str) -> Result<Recorded<()>, Error> {
    let (grant, row) = store::grants::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if !policy::sees_grant(tx.actor(), &row, &grant) {
        return Err(Error::hidden(id));
    }
    policy::check_manage(tx.actor(), &row)?;
    if expected != grant.version {
        return Err(Error::new(Code::Stale));
    }
    if !matches!(grant.state(tx.now().office_date()), GrantState::InForce | GrantState::Upcoming) {
        return Err(Error::new(Code::DatasetGrantOver).about(id));
    }
    let person = directory::people(tx, [grant.person_id])?.remove(&grant.person_id);
    let by = tx.actor().name.clone();
    let mut event = Event::new("dataset_grant.revoked", id, format!("{} {}", row.label(), grant.mode.title(true)))
        .step(grant.version)
        .unit(row.unit_id)
        .related(row.id, "dataset", row.label())
        .fact("classification", row.classification)
        .fact("mode", grant.mode)
        .note(reason.to_owned());
    if let Some(person) = person {
        event = event.related(person.id, "to", person.name);
    }
    tx.record(event, |rows| store::grants::revoke(rows, &grant, &by, reason, expected))
}

/// Takes back what a case gave, since the case goes back across it. What is over already stays as it is.
pub fn take_back(tx: &mut WriteTx<'_>, id: GrantId, reason: &str) -> Result<(), Error> {
    let (grant, _) = store::grants::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    match grant.state(tx.now().office_date()) {
        GrantState::InForce | GrantState::Upcoming => revoke(tx, id, grant.version, reason).map(Recorded::into_inner),
        GrantState::Ended | GrantState::Revoked => Ok(()),
    }
}
