//! Duties, and how many stand how.

use controls::{Obligation, State};
use db::{ReadTx, Rows, one_of};
use diesel::{dsl::count_star, prelude::*};
use identity::schema::org_unit_tree;
use kernel::{Error, PageRequest, PersonId, Reach, Ts, UnitId, Uuid, column::AnyId};

use crate::{
    model::{FindingId, FindingState, ObligationRow, WaiverState},
    schema::{clause_owner, finding, obligation, waiver},
};

db::joinable!(obligation::table, org_unit_tree::table);

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
    /// About one of these units, or of a clause that one of them answers for.
    pub concerning: Option<Vec<UnitId>>,
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
    if let Some(units) = &filter.concerning {
        let owned = clause_owner::table
            .filter(clause_owner::regulation.eq(obligation::regulation))
            .filter(clause_owner::clause.eq(obligation::clause))
            .filter(clause_owner::unit_id.eq_any(units.clone()));
        query = query.filter(one_of(obligation::unit_id, units.clone()).or(diesel::dsl::exists(owned).nullable()));
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
            control: duty.control.to_string(),
            control_version: duty.version.to_string(),
            regulation: duty.regulation.to_string(),
            clause: duty.clause.to_string(),
            severity: duty.severity,
            key: duty.key.to_string(),
            trigger_leaf: leaf(duty.trigger)?,
            opened_at: duty.opened_at,
            due_at: duty.due_at,
            state: duty.state,
            closed_leaf: duty.closed_by.map(leaf).transpose()?,
            changed_at: duty.changed_at,
            subject_kind: duty.subject_kind.to_string(),
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
