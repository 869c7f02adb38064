//! How all stands, for whoever leads.

use std::collections::BTreeMap;

use actix_web::web::Data;
use identity::{UnitRef, directory};
use kernel::{UnitId, may};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Fine, Guard, View};

use super::{StretchView, word};
use crate::{
    model::{Numbers, RegulationId},
    service::{
        Office,
        standing::{self, Ground},
    },
    store,
};

/// A regulation among all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandingView {
    pub id: RegulationId,
    pub key: String,
    pub title: String,
    pub edition: String,
    pub numbers: Numbers,
    /// How many clauses stand how.
    pub clauses: BTreeMap<String, usize>,
    pub units: Vec<UnitStanding>,
}

/// A unit's part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitStanding {
    /// Null: what belongs to no unit.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    pub numbers: Numbers,
}

/// A clause that stands badly.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorstClause {
    pub regulation_id: RegulationId,
    pub regulation: String,
    pub clause: String,
    pub text: String,
    pub numbers: Numbers,
}

/// All regulations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverviewView {
    /// How many leaves of the log the controls have looked at.
    pub log_size: i64,
    pub regulations: Vec<StandingView>,
    /// Clauses with most findings that nobody has settled.
    pub worst: Vec<WorstClause>,
    /// The last twelve times thirty days, the oldest first.
    pub trend: Vec<StretchView>,
}
impl View for OverviewView {}

/// GET /compliance
pub async fn overview(call: Guard<may::ReadCompliance>, office: Data<Office>) -> Result<Fine<OverviewView>, ApiError> {
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let ground = Ground::load(tx, &office)?;
        let (mut regulations, mut worst) = (Vec::new(), Vec::new());
        for (row, content) in standing::in_force(tx)? {
            let standing = ground.standing(tx, row, content)?;
            let mut clauses: BTreeMap<String, usize> = BTreeMap::new();
            for clause in &standing.content.clauses {
                *clauses.entry(standing.verdict(&clause.id).to_string()).or_default() += 1;
                let numbers = standing.of_clause(&clause.id).fold(Numbers::default(), |sum, control| sum.and(control.numbers));
                if numbers.unsettled > 0 {
                    worst.push(WorstClause {
                        regulation_id: standing.row.id,
                        regulation: standing.row.title(chinese).to_owned(),
                        clause: clause.id.clone(),
                        text: word(chinese, &clause.text, &clause.en),
                        numbers,
                    });
                }
            }
            let names = directory::units(tx, standing.units.keys().flatten().copied())?;
            let unit = |id: UnitId| names.get(&id).cloned();
            let units = standing.units.iter().map(|(id, numbers)| UnitStanding { unit: id.and_then(unit), numbers: *numbers }).collect();
            regulations.push(StandingView {
                id: standing.row.id,
                key: standing.row.key.clone(),
                title: standing.row.title(chinese).to_owned(),
                edition: standing.row.edition.clone(),
                numbers: standing.numbers(),
                clauses,
                units,
            });
        }
        worst.sort_by_key(|clause| std::cmp::Reverse(clause.numbers.unsettled));
        worst.truncate(10);
        let trend = standing::over_time(tx, None, None)?.into_iter().map(StretchView::from).collect();
        Ok(OverviewView { log_size: store::cursor(tx)?, regulations, worst, trend })
    })
    .await
}
