//! What controls pass over: whoever records a thing as something else than it is evades a condition, and only somebody who looks sees it.

use std::collections::BTreeMap;

use controls::{Catalogue, Control, Entry, Pattern};
use kernel::{Code, Error, FieldError, Permission, Ts, UnitId, Uuid, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Fine, Guard, Path, Query, View};

use super::word;
use crate::{following, service::standing, store};

/// Which sample.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SampleQuery {
    /// Names the draw: the same seed on the same size of the log draws the same. The server makes one up without.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    seed: Option<String>,
    /// Only the first so many records of the log; all that the controls have looked at without.
    #[validate(range(min = 0))]
    #[param(minimum = 0)]
    size: Option<i64>,
    /// Only records written since then.
    since: Option<Ts>,
    /// How many are drawn.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20)]
    count: Option<u8>,
}

/// An event that can activate a control, and on which condition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConditionView {
    pub event: String,
    /// FEEL; null if every record of the event counts.
    #[schema(required)]
    pub condition: Option<String>,
}

/// A record that was passed over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassedOver {
    pub record_id: Uuid,
    /// Its leaf in the log.
    pub leaf: i64,
    pub time: Ts,
    pub action: String,
    #[schema(required)]
    pub subject: Option<String>,
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(required)]
    pub actor: Option<String>,
    #[schema(required)]
    pub unit_id: Option<UnitId>,
    /// What the conditions look at.
    pub facts: BTreeMap<String, String>,
}

/// Some of what a control passes over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SampleView {
    pub control: String,
    pub title: String,
    pub clause: String,
    pub conditions: Vec<ConditionView>,
    /// With these two anybody who may read as much draws the same again.
    pub seed: String,
    pub log_size: i64,
    /// Records of these events, as far as the reader may see them.
    pub seen: i64,
    /// Those of them on which no condition holds.
    pub passed_over: i64,
    pub items: Vec<PassedOver>,
}
impl View for SampleView {}

/// GET /compliance/controls/{id}/sample
pub async fn sample(call: Guard<may::ReadCompliance>, id: Path<String>, query: Query<SampleQuery>) -> Result<Fine<SampleView>, ApiError> {
    let (id, query) = (id.into_inner(), query.into_inner());
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let mut found = None;
        for (_, content) in standing::in_force(tx)? {
            if let Some(definition) = content.controls.iter().find(|definition| definition.id == id) {
                let control = Control::check(definition.clone(), &Catalogue::of(content.events.iter().cloned()));
                found = Some(control.map_err(|flaws| Error::internal(format!("a control in force: {flaws:?}")))?);
            }
        }
        let control = found.ok_or_else(|| Error::new(Code::NotFound))?;
        let looked_at = store::cursor(tx)?;
        let log_size = query.size.unwrap_or(looked_at);
        if log_size > looked_at {
            let params = [("min", "0".to_owned()), ("max", looked_at.to_string())].into();
            let refused = FieldError { pointer: "?size".to_owned(), code: Code::OutOfRange, params };
            return Err(Error::new(Code::Invalid).fields_of(vec![refused]));
        }
        let seed = query.seed.clone().unwrap_or_else(|| crate::model::FindingId::new().uuid().simple().to_string());
        let count = usize::from(query.count.unwrap_or(20));
        let reach = |actor: &kernel::Actor, entry: &Entry| actor.may_in(Permission::ReadCompliance, entry.unit.map(UnitId::from_uuid));
        let sample = following::sample(tx, &control, log_size, query.since, &seed, count, reach)?;
        let leaf_of = |leaf: u64| i64::try_from(leaf).map_err(Error::internal);
        let leaves = sample.drawn.keys().map(|leaf| leaf_of(*leaf)).collect::<Result<Vec<_>, _>>()?;
        let mut records = audit::at_leaves(tx, &leaves)?;
        let passed_over = |(leaf, entry): (i64, Entry)| {
            let record = records.remove(&leaf).ok_or_else(|| Error::internal(format!("the record at leaf {leaf} is gone")))?;
            Ok::<_, Error>(PassedOver {
                record_id: record.id.uuid(),
                leaf,
                time: record.time,
                action: record.action,
                subject: record.subject.label,
                subject_kind: entry.subject_kind.to_string(),
                subject_id: entry.subject,
                actor: record.actor.name,
                unit_id: record.unit_id,
                facts: entry.facts,
            })
        };
        let items = leaves.into_iter().zip(sample.drawn.into_values()).map(passed_over).collect::<Result<Vec<_>, _>>()?;
        let definition = &control.definition;
        let condition = |pattern: &Pattern| ConditionView { event: pattern.event.clone(), condition: pattern.filter.clone() };
        let conditions = control.conditions().map(condition).collect();
        Ok(SampleView {
            control: definition.id.clone(),
            title: word(chinese, &definition.title, &definition.en),
            clause: definition.clause.clone(),
            conditions,
            seed,
            log_size,
            seen: sample.seen,
            passed_over: sample.passed_over,
            items,
        })
    })
    .await
}
