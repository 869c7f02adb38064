//! Two versions of a regulation beside each other.

use std::collections::BTreeMap;

use controls::{Definition, EventKind};
use identity::{UnitRef, directory};
use kernel::{Error, Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Fine, Guard, Path, Query, View};
use workflows::packs::Clause;

use super::word;
use crate::{
    comparison::{Difference, Pair, PartDifference, Piece, difference, pairs, parts, pieces},
    model::{Content, Regulation, RegulationId, RegulationState},
    service::regulations as service,
    store,
};

/// A version of a regulation among the others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionItem {
    pub id: RegulationId,
    pub edition: String,
    pub title: String,
    pub state: RegulationState,
    pub proposed_at: Ts,
    /// When it was approved or declined.
    #[schema(required)]
    pub decided_at: Option<Ts>,
}

impl VersionItem {
    pub fn of(row: &Regulation, chinese: bool) -> Self {
        Self {
            id: row.id,
            edition: row.edition.clone(),
            title: row.title(chinese).to_owned(),
            state: row.state,
            proposed_at: row.proposed_at,
            decided_at: row.decided_at,
        }
    }
}

/// The versions of a regulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionList {
    pub items: Vec<VersionItem>,
}
impl View for VersionList {}

/// GET /regulations/{id}/versions
pub async fn versions(call: Guard<may::UseAccount>, id: Path<RegulationId>) -> Result<Fine<VersionList>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        let row = service::find(tx, id)?;
        let chinese = tx.actor().chinese;
        Ok(VersionList { items: store::versions(tx, &row.key)?.iter().map(|row| VersionItem::of(row, chinese)).collect() })
    })
    .await
}

/// With which version.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComparisonQuery {
    /// Another version of the same regulation; by default the one that held before.
    with: Option<RegulationId>,
}

/// What became of a clause.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseComparison {
    /// Its stable key.
    pub id: String,
    pub difference: Difference,
    /// As it is numbered; if it was removed, as it was.
    pub number: String,
    /// As it was numbered before, if that is not the same.
    #[schema(required)]
    pub number_before: Option<String>,
    /// What it says and said, in the reader's language.
    pub text: Vec<Piece>,
    /// Whether what it says in the other language was changed.
    pub other_language_changed: bool,
}

fn clause_comparison(pair: &Pair<'_, Clause>, chinese: bool) -> Option<ClauseComparison> {
    let one = pair.1.or(pair.0)?;
    let text = |clause: Option<&Clause>, chinese| clause.map(|clause| word(chinese, &clause.text, &clause.en)).unwrap_or_default();
    let number_before = pair.0.filter(|before| before.number != one.number).map(|before| before.number.clone());
    // Who reads English, and reads Chinese where there is no English, has no other language there.
    let other = |clause: &Clause| {
        if chinese {
            clause.en.clone()
        } else if clause.en.is_empty() {
            String::new()
        } else {
            clause.text.clone()
        }
    };
    let other_language_changed = difference(pair) == Difference::Changed && pair.0.map(other) != pair.1.map(other);
    Some(ClauseComparison {
        id: one.id.clone(),
        difference: difference(pair),
        number: one.number.clone(),
        number_before,
        text: pieces(&text(pair.0, chinese), &text(pair.1, chinese)),
        other_language_changed,
    })
}

/// What everybody reads of two versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TextComparison {
    pub before: VersionItem,
    pub after: VersionItem,
    /// All clauses of both, in the order of the later version.
    pub clauses: Vec<ClauseComparison>,
}
impl View for TextComparison {}

/// What became of a control.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlComparison {
    /// Its stable key.
    pub id: String,
    /// The clause that it serves; if it was removed, that it served.
    pub clause: String,
    /// What it says.
    pub title: String,
    pub difference: Difference,
    /// The parts that differ; all of them if it was added or removed.
    pub parts: Vec<PartDifference>,
}

fn control_comparison(pair: &Pair<'_, Definition>, chinese: bool) -> Result<Option<ControlComparison>, Error> {
    let Some(one) = pair.1.or(pair.0) else { return Ok(None) };
    Ok(Some(ControlComparison {
        id: one.id.clone(),
        clause: one.clause.clone(),
        title: word(chinese, &one.title, &one.en),
        difference: difference(pair),
        parts: parts(pair)?,
    }))
}

/// What became of an event that controls look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventComparison {
    pub name: String,
    /// What people call it.
    pub title: String,
    pub difference: Difference,
}

fn event_comparison(pair: &Pair<'_, EventKind>, chinese: bool) -> Option<EventComparison> {
    let one = pair.1.or(pair.0)?;
    Some(EventComparison { name: one.name.clone(), title: word(chinese, &one.title, &one.en), difference: difference(pair) })
}

/// Two versions with their controls.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationComparison {
    #[serde(flatten)]
    pub texts: TextComparison,
    /// Which unit answers for a clause now, by the clause's key.
    pub owners: BTreeMap<String, UnitRef>,
    /// All controls of both.
    pub controls: Vec<ControlComparison>,
    /// The events that the controls of both look at, as each version knows them.
    pub events: Vec<EventComparison>,
}
impl View for RegulationComparison {}

type Contents = (Content, Content);

fn texts(tx: &mut db::ReadTx<'_>, id: RegulationId, with: Option<RegulationId>) -> Result<(TextComparison, Regulation, Contents), Error> {
    let (before, after) = service::to_compare(tx, id, with)?;
    let contents = (service::content(tx, &before)?, service::content(tx, &after)?);
    let chinese = tx.actor().chinese;
    let clauses = pairs(&contents.0.clauses, &contents.1.clauses, |clause| &clause.id);
    let texts = TextComparison {
        before: VersionItem::of(&before, chinese),
        after: VersionItem::of(&after, chinese),
        clauses: clauses.iter().filter_map(|pair| clause_comparison(pair, chinese)).collect(),
    };
    Ok((texts, after, contents))
}

/// GET /regulations/{id}/text/comparison
pub async fn text(
    call: Guard<may::UseAccount>,
    id: Path<RegulationId>,
    query: Query<ComparisonQuery>,
) -> Result<Fine<TextComparison>, ApiError> {
    let (id, with) = (*id, query.into_inner().with);
    call.read(move |tx| Ok(texts(tx, id, with)?.0)).await
}

/// GET /regulations/{id}/comparison
pub async fn regulation(
    call: Guard<may::ReadCompliance>,
    id: Path<RegulationId>,
    query: Query<ComparisonQuery>,
) -> Result<Fine<RegulationComparison>, ApiError> {
    let (id, with) = (*id, query.into_inner().with);
    call.read(move |tx| {
        let (texts, row, (before, after)) = texts(tx, id, with)?;
        let chinese = tx.actor().chinese;
        let owners = store::owners(tx, &row.key)?;
        let units = directory::units(tx, owners.values().map(|owner| owner.unit_id))?;
        let unit = |(clause, owner): (String, crate::model::Owner)| Some((clause, units.get(&owner.unit_id)?.clone()));
        let controls = pairs(&before.controls, &after.controls, |control| &control.id);
        let events = pairs(&before.events, &after.events, |event| &event.name);
        Ok(RegulationComparison {
            texts,
            owners: owners.into_iter().filter_map(unit).collect(),
            controls: controls.iter().filter_map(|pair| control_comparison(pair, chinese).transpose()).collect::<Result<_, _>>()?,
            events: events.iter().filter_map(|pair| event_comparison(pair, chinese)).collect(),
        })
    })
    .await
}
