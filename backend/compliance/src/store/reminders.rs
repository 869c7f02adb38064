//! Of which duties people have to be told, and were told.

use db::{ReadTx, Rows};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use kernel::{Error, Ts};

use super::finding_states;
use crate::{
    model::{Finding, FindingId, FindingState, ObligationRow, Stage},
    schema::{finding, obligation, obligation_notice},
};

/// So many at a time; the rest has its turn a minute later.
const MANY: i64 = 2_000;

/// Open duties that fall due within a time, and of which nobody was told yet; the next first.
pub fn falling_due(tx: &mut ReadTx<'_>, until: Ts) -> Result<Vec<ObligationRow>, Error> {
    let told = obligation_notice::table
        .filter(obligation_notice::obligation_id.eq(obligation::id))
        .filter(obligation_notice::stage.eq(Stage::Due))
        .filter(obligation_notice::due_at.nullable().eq(obligation::due_at));
    let now = tx.now();
    let query = obligation::table
        .filter(obligation::state.eq(controls::State::Open))
        .filter(obligation::due_at.gt(now).and(obligation::due_at.le(until)))
        .filter(not(exists(told)));
    Ok(query.order((obligation::due_at, obligation::id)).limit(MANY).select(ObligationRow::as_select()).load(tx.conn())?)
}

/// Missed duties that nobody has to correct yet, and of which nobody was told.
pub fn newly_missed(tx: &mut ReadTx<'_>) -> Result<Vec<ObligationRow>, Error> {
    let told = obligation_notice::table
        .filter(obligation_notice::obligation_id.eq(obligation::id))
        .filter(obligation_notice::stage.eq(Stage::Missed));
    let query = obligation::table
        .filter(db::one_of(obligation::state, finding_states()))
        .filter(obligation::id.ne_all(finding::table.select(finding::id)))
        .filter(not(exists(told)));
    Ok(query.order((obligation::changed_at, obligation::id)).limit(MANY).select(ObligationRow::as_select()).load(tx.conn())?)
}

/// Findings that are to be corrected after one time and until another, and of which nobody was told at this stage.
pub fn corrections(tx: &mut ReadTx<'_>, stage: Stage, after: Option<Ts>, until: Ts) -> Result<Vec<(ObligationRow, Finding)>, Error> {
    let told = obligation_notice::table
        .filter(obligation_notice::obligation_id.eq(finding::id))
        .filter(obligation_notice::stage.eq(stage))
        .filter(obligation_notice::due_at.eq(finding::due_at));
    let query = finding::table
        .inner_join(obligation::table.on(obligation::id.eq(finding::id)))
        .filter(finding::state.eq(FindingState::Assigned))
        .filter(finding::due_at.le(until))
        .filter(not(exists(told)))
        .into_boxed();
    let query = match after {
        Some(after) => query.filter(finding::due_at.gt(after)),
        None => query,
    };
    let query = query.order((finding::due_at, finding::id)).limit(MANY);
    Ok(query.select((ObligationRow::as_select(), Finding::as_select())).load(tx.conn())?)
}

/// People were told.
pub fn set_told(rows: &mut Rows<'_>, stage: Stage, told: &[(FindingId, Ts)]) -> Result<(), Error> {
    use obligation_notice::dsl;
    for (id, due) in told {
        let row = (dsl::obligation_id.eq(*id), dsl::stage.eq(stage), dsl::due_at.eq(*due));
        diesel::insert_into(obligation_notice::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}
