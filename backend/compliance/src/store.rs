//! Queries on regulations, obligations and what is done about them.

use std::collections::{BTreeMap, BTreeSet};

use controls::{Obligation, State};
use db::{
    ReadTx, Rows, one_of,
    schema::{audit_leaf, audit_record},
};
use diesel::{dsl::count_star, prelude::*};
use identity::schema::{org_unit_tree, person};
use kernel::{Error, PageRequest, PersonId, Reach, Ts, UnitId, Uuid, column::AnyId};

use crate::{
    model::{
        Attestation, Finding, FindingId, FindingState, ObligationRow, Owner, Regulation, RegulationId, RegulationState, Waiver, WaiverId,
        WaiverState,
    },
    schema::{
        acknowledgement, attestation, clause_owner, control_cursor, control_snapshot, finding, kept_text, obligation, regulation, waiver,
    },
};

db::joinable!(obligation::table, org_unit_tree::table);
db::joinable!(acknowledgement::table, person::table);

// Regulations

pub fn regulations(tx: &mut ReadTx<'_>, states: &[RegulationState]) -> Result<Vec<Regulation>, Error> {
    let query = regulation::table.filter(one_of(regulation::state, states.to_vec()));
    Ok(query.order((regulation::key, regulation::proposed_at.desc())).select(Regulation::as_select()).load(tx.conn())?)
}

pub fn regulation(tx: &mut ReadTx<'_>, id: RegulationId) -> Result<Option<Regulation>, Error> {
    Ok(regulation::table.find(id).select(Regulation::as_select()).get_result(tx.conn()).optional()?)
}

pub fn in_force(tx: &mut ReadTx<'_>, key: &str) -> Result<Option<Regulation>, Error> {
    let query = regulation::table.filter(regulation::key.eq(key)).filter(regulation::state.eq(RegulationState::InForce));
    Ok(query.select(Regulation::as_select()).first(tx.conn()).optional()?)
}

pub fn insert_regulation(rows: &mut Rows<'_>, row: &Regulation) -> Result<(), Error> {
    diesel::insert_into(regulation::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_regulation(rows: &mut Rows<'_>, row: &Regulation, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(regulation::table.find(row.id).filter(regulation::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Keeps a text by its hash; one that is known already stays.
pub fn keep(rows: &mut Rows<'_>, hash: &str, kind: &str, content: &str) -> Result<(), Error> {
    let known: i64 = kept_text::table.filter(kept_text::hash.eq(hash)).count().get_result(rows.conn())?;
    if known == 0 {
        let now = rows.now();
        let row = (kept_text::hash.eq(hash), kept_text::kind.eq(kind), kept_text::content.eq(content), kept_text::kept_at.eq(now));
        diesel::insert_into(kept_text::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

pub fn kept(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<String>, Error> {
    Ok(kept_text::table.find(hash).select(kept_text::content).get_result(tx.conn()).optional()?)
}

// Clauses

pub fn owners(tx: &mut ReadTx<'_>, regulation: &str) -> Result<BTreeMap<String, Owner>, Error> {
    let rows: Vec<Owner> =
        clause_owner::table.filter(clause_owner::regulation.eq(regulation)).select(Owner::as_select()).load(tx.conn())?;
    Ok(rows.into_iter().map(|row| (row.clause.clone(), row)).collect())
}

pub fn insert_owner(rows: &mut Rows<'_>, row: &Owner) -> Result<(), Error> {
    diesel::insert_into(clause_owner::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_owner(rows: &mut Rows<'_>, row: &Owner, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(clause_owner::table.find(row.id).filter(clause_owner::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn attestations(tx: &mut ReadTx<'_>, regulation: &str, clause: &str, limit: i64) -> Result<Vec<Attestation>, Error> {
    let query = attestation::table.filter(attestation::regulation.eq(regulation)).filter(attestation::clause.eq(clause));
    Ok(query.order(attestation::attested_at.desc()).limit(limit).select(Attestation::as_select()).load(tx.conn())?)
}

pub fn insert_attestation(rows: &mut Rows<'_>, row: &Attestation) -> Result<(), Error> {
    diesel::insert_into(attestation::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn acknowledged(tx: &mut ReadTx<'_>, id: RegulationId, who: PersonId) -> Result<Option<Ts>, Error> {
    Ok(acknowledgement::table.find((id, who)).select(acknowledgement::acknowledged_at).get_result(tx.conn()).optional()?)
}

pub fn acknowledge(rows: &mut Rows<'_>, id: RegulationId, who: PersonId) -> Result<(), Error> {
    let now = rows.now();
    let row = (acknowledgement::regulation_id.eq(id), acknowledgement::person_id.eq(who), acknowledgement::acknowledged_at.eq(now));
    diesel::insert_into(acknowledgement::table).values(row).execute(rows.conn())?;
    Ok(())
}

/// How many have, of how many who are at work.
pub fn acknowledgement_counts(tx: &mut ReadTx<'_>, id: RegulationId) -> Result<(i64, i64), Error> {
    let active = person::table.filter(person::active.eq(true)).select(person::id);
    let of = person::table.filter(person::active.eq(true)).count().get_result(tx.conn())?;
    let done = acknowledgement::table
        .filter(acknowledgement::regulation_id.eq(id))
        .filter(acknowledgement::person_id.eq_any(active))
        .count()
        .get_result(tx.conn())?;
    Ok((done, of))
}

/// Who at work has not yet, by name.
pub fn not_acknowledged(tx: &mut ReadTx<'_>, id: RegulationId, page: &PageRequest) -> Result<Vec<(PersonId, String)>, Error> {
    let done = acknowledgement::table.filter(acknowledgement::regulation_id.eq(id)).select(acknowledgement::person_id);
    let mut query =
        person::table.filter(person::active.eq(true)).filter(person::id.ne_all(done)).select((person::id, person::name)).into_boxed();
    if let Some(after) = &page.after {
        let (name, last): (String, PersonId) = after.key()?;
        query = query.filter(person::name.ge(name.clone()).and(person::name.gt(name).or(person::id.gt(last))));
    }
    Ok(query.order((person::name, person::id)).limit(page.limit + 1).load(tx.conn())?)
}

// Obligations

/// Which obligations are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub regulation: Option<String>,
    pub clause: Option<String>,
    pub control: Option<String>,
    pub states: Vec<State>,
    pub unit_id: Option<UnitId>,
    pub subject_id: Option<Uuid>,
    /// Findings that nobody has settled, and no waiver covers.
    pub unsettled: bool,
    pub responsible: Option<PersonId>,
    pub due_before: Option<Ts>,
}

type Boxed<'a> = obligation::BoxedQuery<
    'a,
    db::MultiBackend,
    diesel::helper_types::SqlTypeOf<diesel::helper_types::AsSelect<ObligationRow, db::MultiBackend>>,
>;

/// States that somebody has to answer for.
pub fn finding_states() -> Vec<State> {
    State::ALL.iter().copied().filter(|state| state.is_finding()).collect()
}

fn filtered<'a>(now: Ts, filter: &Filter, reach: &Reach) -> Boxed<'a> {
    let mut query = obligation::table.select(ObligationRow::as_select()).into_boxed();
    let below = |unit: UnitId| org_unit_tree::table.filter(org_unit_tree::ancestor.eq(unit)).select(org_unit_tree::descendant.nullable());
    if !reach.all {
        query = query.filter(one_of(obligation::unit_id, reach.closure.iter().copied().collect::<Vec<_>>()));
    }
    if let Some(regulation) = &filter.regulation {
        query = query.filter(obligation::regulation.eq(regulation.clone()));
    }
    if let Some(clause) = &filter.clause {
        query = query.filter(obligation::clause.eq(clause.clone()));
    }
    if let Some(control) = &filter.control {
        query = query.filter(obligation::control.eq(control.clone()));
    }
    if !filter.states.is_empty() {
        query = query.filter(one_of(obligation::state, filter.states.clone()));
    }
    if let Some(unit) = filter.unit_id {
        query = query.filter(obligation::unit_id.eq_any(below(unit)));
    }
    if let Some(subject) = filter.subject_id {
        query = query.filter(obligation::subject_id.eq(AnyId(subject)));
    }
    if filter.unsettled {
        let closed = finding::table.filter(finding::state.eq(FindingState::Closed)).select(finding::id);
        let by_waiver = |all: bool| {
            let holding = waiver::table.filter(waiver::state.eq(WaiverState::Approved)).filter(waiver::until.gt(now));
            holding.filter(waiver::subject_id.is_null().eq(all))
        };
        query = query.filter(one_of(obligation::state, finding_states()));
        query = query.filter(obligation::id.ne_all(closed));
        query = query.filter(obligation::control.ne_all(by_waiver(true).select(waiver::control)));
        query = query.filter(diesel::dsl::not(diesel::dsl::exists(
            by_waiver(false)
                .filter(waiver::control.eq(obligation::control))
                .filter(waiver::subject_id.eq(obligation::subject_id.nullable())),
        )));
    }
    if let Some(person) = filter.responsible {
        query = query.filter(obligation::id.eq_any(finding::table.filter(finding::responsible_id.eq(person)).select(finding::id)));
    }
    if let Some(due) = filter.due_before {
        query = query.filter(obligation::due_at.lt(due));
    }
    query
}

/// One page, the newest first.
pub fn obligations(tx: &mut ReadTx<'_>, filter: &Filter, reach: &Reach, page: &PageRequest) -> Result<Vec<ObligationRow>, Error> {
    let mut query = filtered(tx.now(), filter, reach);
    if let Some(after) = &page.after {
        let (opened, id): (Ts, FindingId) = after.key()?;
        query = query.filter(obligation::opened_at.le(opened).and(obligation::opened_at.lt(opened).or(obligation::id.lt(id))));
    }
    Ok(query.order((obligation::opened_at.desc(), obligation::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

pub fn obligation(tx: &mut ReadTx<'_>, id: FindingId) -> Result<Option<ObligationRow>, Error> {
    Ok(obligation::table.find(id).select(ObligationRow::as_select()).get_result(tx.conn()).optional()?)
}

/// How many are in which state, by regulation, clause, control and unit, opened since then.
pub type Count = (String, String, String, Option<UnitId>, State, i64);

pub fn counts(tx: &mut ReadTx<'_>, since: Option<Ts>, until: Option<Ts>, reach: &Reach) -> Result<Vec<Count>, Error> {
    let by = (obligation::regulation, obligation::clause, obligation::control, obligation::unit_id, obligation::state);
    let mut query = obligation::table.group_by(by).select((by.0, by.1, by.2, by.3, by.4, count_star())).into_boxed();
    if !reach.all {
        query = query.filter(one_of(obligation::unit_id, reach.closure.iter().copied().collect::<Vec<_>>()));
    }
    if let Some(since) = since {
        query = query.filter(obligation::opened_at.ge(since));
    }
    if let Some(until) = until {
        query = query.filter(obligation::opened_at.lt(until));
    }
    Ok(query.load(tx.conn())?)
}

/// Findings that nobody has settled, whether waived or not: what they are about is looked at one by one.
pub fn unsettled(tx: &mut ReadTx<'_>, reach: &Reach) -> Result<Vec<ObligationRow>, Error> {
    let closed = finding::table.filter(finding::state.eq(FindingState::Closed)).select(finding::id);
    let mut query =
        obligation::table.filter(one_of(obligation::state, finding_states())).filter(obligation::id.ne_all(closed)).into_boxed();
    if !reach.all {
        query = query.filter(one_of(obligation::unit_id, reach.closure.iter().copied().collect::<Vec<_>>()));
    }
    Ok(query.select(ObligationRow::as_select()).load(tx.conn())?)
}

/// Writes what the evaluator gave out: each as it is now.
pub fn set_obligations(rows: &mut Rows<'_>, all: &[Obligation]) -> Result<(), Error> {
    for duty in all {
        let leaf = |leaf: u64| i64::try_from(leaf).map_err(Error::internal);
        let row = ObligationRow {
            id: FindingId::from_uuid(duty.id),
            control: duty.control.clone(),
            control_version: duty.version.clone(),
            regulation: duty.regulation.clone(),
            clause: duty.clause.clone(),
            severity: duty.severity,
            key: duty.key.to_string(),
            trigger_leaf: leaf(duty.trigger)?,
            opened_at: duty.opened_at,
            due_at: duty.due_at,
            state: duty.state,
            closed_leaf: duty.closed_by.map(leaf).transpose()?,
            changed_at: duty.changed_at,
            subject_kind: duty.subject_kind.clone(),
            subject_id: AnyId(duty.subject),
            unit_id: duty.unit.map(UnitId::from_uuid),
        };
        let changed = diesel::update(obligation::table.find(row.id))
            .set((
                obligation::due_at.eq(row.due_at),
                obligation::state.eq(row.state),
                obligation::closed_leaf.eq(row.closed_leaf),
                obligation::changed_at.eq(row.changed_at),
            ))
            .execute(rows.conn())?;
        if changed == 0 {
            diesel::insert_into(obligation::table).values(&row).execute(rows.conn())?;
        }
    }
    Ok(())
}

// Findings, waivers

pub fn finding(tx: &mut ReadTx<'_>, id: FindingId) -> Result<Option<Finding>, Error> {
    Ok(finding::table.find(id).select(Finding::as_select()).get_result(tx.conn()).optional()?)
}

pub fn findings(tx: &mut ReadTx<'_>, ids: Vec<FindingId>) -> Result<BTreeMap<FindingId, Finding>, Error> {
    let rows: Vec<Finding> = finding::table.filter(one_of(finding::id, ids)).select(Finding::as_select()).load(tx.conn())?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub fn insert_finding(rows: &mut Rows<'_>, row: &Finding) -> Result<(), Error> {
    diesel::insert_into(finding::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_finding(rows: &mut Rows<'_>, row: &Finding, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(finding::table.find(row.id).filter(finding::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// One page, the newest first.
pub fn waivers(tx: &mut ReadTx<'_>, page: &PageRequest) -> Result<Vec<Waiver>, Error> {
    let mut query = waiver::table.select(Waiver::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (at, id): (Ts, WaiverId) = after.key()?;
        query = query.filter(waiver::requested_at.le(at).and(waiver::requested_at.lt(at).or(waiver::id.lt(id))));
    }
    Ok(query.order((waiver::requested_at.desc(), waiver::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// All that hold now.
pub fn holding_waivers(tx: &mut ReadTx<'_>) -> Result<Vec<Waiver>, Error> {
    let now = tx.now();
    let query = waiver::table.filter(waiver::state.eq(WaiverState::Approved)).filter(waiver::until.gt(now));
    Ok(query.select(Waiver::as_select()).load(tx.conn())?)
}

pub fn waiver(tx: &mut ReadTx<'_>, id: WaiverId) -> Result<Option<Waiver>, Error> {
    Ok(waiver::table.find(id).select(Waiver::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_waiver(rows: &mut Rows<'_>, row: &Waiver) -> Result<(), Error> {
    diesel::insert_into(waiver::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_waiver(rows: &mut Rows<'_>, row: &Waiver, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(waiver::table.find(row.id).filter(waiver::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

// The log

/// Leaves from a place on: index, time, event.
pub fn leaves(tx: &mut ReadTx<'_>, from: i64, limit: i64) -> Result<Vec<(i64, Ts, String)>, Error> {
    Ok(audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from))
        .order(audit_leaf::leaf_index)
        .limit(limit)
        .select((audit_leaf::leaf_index, audit_record::time, audit_record::action))
        .load(tx.conn())?)
}

/// The canonical bytes at these leaves.
pub fn canonical(tx: &mut ReadTx<'_>, leaves: &[i64]) -> Result<BTreeMap<i64, String>, Error> {
    let mut all = BTreeMap::new();
    for part in leaves.chunks(256) {
        let rows: Vec<(i64, String)> = audit_leaf::table
            .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
            .filter(one_of(audit_leaf::leaf_index, part.to_vec()))
            .select((audit_leaf::leaf_index, audit_record::canonical))
            .load(tx.conn())?;
        all.extend(rows);
    }
    Ok(all)
}

/// Records of these events from one leaf until another, in order, at most so many.
pub fn of_events(tx: &mut ReadTx<'_>, events: &BTreeSet<&str>, from: i64, until: i64, limit: i64) -> Result<Vec<(i64, String)>, Error> {
    let names: Vec<String> = events.iter().map(|name| (*name).to_owned()).collect();
    Ok(audit_record::table
        .inner_join(audit_leaf::table.on(audit_leaf::record_id.eq(audit_record::id)))
        .filter(one_of(audit_record::action, names))
        .filter(audit_leaf::leaf_index.ge(from))
        .filter(audit_leaf::leaf_index.lt(until))
        .order(audit_leaf::leaf_index)
        .limit(limit)
        .select((audit_leaf::leaf_index, audit_record::canonical))
        .load(tx.conn())?)
}

/// Which of these events there are any records of. One look at the index for each: a list of all would walk through the whole log.
pub fn seen_events(tx: &mut ReadTx<'_>, events: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let mut seen = BTreeSet::new();
    for name in events {
        let one = audit_record::table.filter(audit_record::action.eq(name)).select(audit_record::action).limit(1);
        seen.extend(one.get_result::<String>(tx.conn()).optional()?);
    }
    Ok(seen)
}

/// The hash of the calendar that entered the log last.
pub fn last_calendar(tx: &mut ReadTx<'_>) -> Result<Option<String>, Error> {
    let last: Option<String> = audit_record::table
        .filter(audit_record::action.eq(controls::CALENDAR))
        .order(audit_record::id.desc())
        .select(audit_record::canonical)
        .first(tx.conn())
        .optional()?;
    let entry = last.map(|canonical| controls::Entry::read(0, &canonical)).transpose()?;
    Ok(entry.and_then(|mut entry| entry.facts.remove("calendar")))
}

// The evaluator

/// How far the log is evaluated.
pub fn cursor(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(control_cursor::table.find(1).select(control_cursor::next_leaf).get_result(tx.conn())?)
}

/// Takes or keeps the lease; none while another's is running.
pub fn lease(rows: &mut Rows<'_>, holder: Uuid, until: Ts) -> Result<Option<i64>, Error> {
    let now = rows.now();
    let taken = diesel::update(control_cursor::table.find(1))
        .filter(control_cursor::holder.is_null().or(control_cursor::holder.eq(AnyId(holder))).or(control_cursor::lease_until.lt(now)))
        .set((control_cursor::holder.eq(AnyId(holder)), control_cursor::lease_until.eq(until)))
        .execute(rows.conn())?;
    if taken == 0 {
        return Ok(None);
    }
    Ok(Some(control_cursor::table.find(1).select(control_cursor::next_leaf).get_result(rows.conn())?))
}

/// Goes on, if nobody else has meanwhile.
pub fn advance(rows: &mut Rows<'_>, holder: Uuid, from: i64, to: i64) -> Result<bool, Error> {
    let moved = diesel::update(control_cursor::table.find(1))
        .filter(control_cursor::holder.eq(AnyId(holder)))
        .filter(control_cursor::next_leaf.eq(from))
        .set(control_cursor::next_leaf.eq(to))
        .execute(rows.conn())?;
    Ok(moved == 1)
}

/// The newest state that was kept at or before a leaf.
pub fn snapshot(tx: &mut ReadTx<'_>, until: i64) -> Result<Option<String>, Error> {
    let query = control_snapshot::table.filter(control_snapshot::next_leaf.le(until)).order(control_snapshot::next_leaf.desc());
    Ok(query.select(control_snapshot::saved).first(tx.conn()).optional()?)
}

/// Keeps the state at a leaf, and forgets those before `since`.
pub fn keep_snapshot(rows: &mut Rows<'_>, next: i64, since: i64, saved: &str) -> Result<(), Error> {
    let old = control_snapshot::next_leaf.lt(since).or(control_snapshot::next_leaf.eq(next));
    diesel::delete(control_snapshot::table.filter(old)).execute(rows.conn())?;
    let row = (control_snapshot::next_leaf.eq(next), control_snapshot::saved.eq(saved));
    diesel::insert_into(control_snapshot::table).values(row).execute(rows.conn())?;
    Ok(())
}
