//! Controls at work, and drafts that are tried on the log.

use std::collections::BTreeMap;

use actix_web::web::Data;
use controls::{EventKind, State};
use kernel::{Error, Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Fine, Guard, Valid, View};

use super::{ControlView, word};
use crate::{
    following,
    model::Numbers,
    service::{
        Office, catalogue,
        regulations::content_of,
        standing::{self, Ground},
    },
    store,
};

/// The controls at work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlList {
    pub items: Vec<ControlView>,
}
impl View for ControlList {}

/// GET /compliance/controls
pub async fn list(call: Guard<may::ReadCompliance>, office: Data<Office>) -> Result<Fine<ControlList>, ApiError> {
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let ground = Ground::load(tx, &office)?;
        let mut items = Vec::new();
        for (row, content) in standing::in_force(tx)? {
            let standing = ground.standing(tx, row, content)?;
            for control in &standing.controls {
                items.push(ControlView::of(control, chinese)?);
            }
        }
        Ok(ControlList { items })
    })
    .await
}

/// A kind of event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventKindView {
    /// `noun.participle`, as records have it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its impersonal attributes with their types: string, number, boolean, date.
    pub facts: BTreeMap<String, String>,
}

/// The catalogue of events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventKinds {
    pub items: Vec<EventKindView>,
}
impl View for EventKinds {}

/// GET /compliance/events
pub async fn events(call: Guard<may::UseAccount>) -> Result<Fine<EventKinds>, ApiError> {
    call.read(|tx| {
        let chinese = tx.actor().chinese;
        let view = |kind: &EventKind| EventKindView {
            name: kind.name.clone(),
            title: word(chinese, &kind.title, &kind.en),
            facts: kind.facts.clone(),
        };
        Ok(EventKinds { items: catalogue()?.all().map(view).collect() })
    })
    .await
}

/// A pack that can be proposed, with its controls as they are written.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlsOfPack {
    pub key: String,
    pub title: String,
    pub version: String,
    /// `controls.toml`
    pub controls: String,
}

/// Packs that can be proposed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlsOfPacks {
    pub items: Vec<ControlsOfPack>,
}
impl View for ControlsOfPacks {}

/// GET /compliance/packs
pub async fn packs(call: Guard<may::ManageCompliance>) -> Result<Fine<ControlsOfPacks>, ApiError> {
    call.read(|tx| {
        let chinese = tx.actor().chinese;
        let mut items = Vec::new();
        for pack in workflows::packs::shipped()?.values() {
            let controls = pack.files.get("controls.toml").map(|bytes| String::from_utf8(bytes.clone())).transpose();
            items.push(ControlsOfPack {
                key: pack.key.clone(),
                title: word(chinese, &pack.title, &pack.title_en),
                version: pack.version.clone(),
                controls: controls.map_err(Error::internal)?.unwrap_or_default(),
            });
        }
        Ok(ControlsOfPacks { items })
    })
    .await
}

/// Draft controls.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// The key of the pack whose clauses they serve.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    pack: String,
    /// As in `controls.toml`; the pack's own without.
    #[validate(length(max = 200_000))]
    #[schema(max_length = 200_000)]
    controls: Option<String>,
}

/// What a draft control would have found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulatedView {
    pub control: String,
    pub title: String,
    pub clause: String,
    pub numbers: Numbers,
    /// The newest that were missed or breached.
    pub examples: Vec<SimulatedExample>,
}

/// Something that would have been missed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulatedExample {
    pub state: State,
    pub opened_at: Ts,
    #[schema(required)]
    pub due_at: Option<Ts>,
    #[schema(required)]
    pub subject: Option<String>,
    /// The record that would have created it.
    #[schema(required)]
    pub record_id: Option<kernel::Uuid>,
}

/// What draft controls would have found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulationView {
    /// On so many leaves of the log, from the first on.
    pub log_size: i64,
    pub controls: Vec<SimulatedView>,
}
impl View for SimulationView {}

/// POST /compliance/simulate
pub async fn simulate(call: Guard<may::ManageCompliance>, body: Valid<Simulate>) -> Result<Fine<SimulationView>, ApiError> {
    let body = body.into_inner();
    let pack = workflows::packs::shipped()?.get(&body.pack).ok_or_else(|| Error::invalid("/pack", kernel::Code::NotFound))?;
    let content = content_of(pack, body.controls.as_deref())?;
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let size = store::cursor(tx)?;
        let found = following::simulate(tx, &content, size)?;
        let mut controls = Vec::new();
        for definition in &content.controls {
            let mut numbers = Numbers::default();
            let mut missed = Vec::new();
            for duty in found.values().filter(|duty| *duty.control == *definition.id) {
                numbers.count(duty.state, 1);
                if duty.state.is_finding() {
                    missed.push(duty);
                }
            }
            numbers.unsettled = numbers.missed;
            missed.sort_by_key(|duty| std::cmp::Reverse(duty.trigger));
            missed.truncate(5);
            let leaf = |leaf: u64| i64::try_from(leaf).map_err(Error::internal);
            let leaves = missed.iter().map(|duty| leaf(duty.trigger)).collect::<Result<Vec<_>, _>>()?;
            let records = audit::at_leaves(tx, &leaves)?;
            let examples = missed.iter().zip(leaves).map(|(duty, leaf)| SimulatedExample {
                state: duty.state,
                opened_at: duty.opened_at,
                due_at: duty.due_at,
                subject: records.get(&leaf).and_then(|record| record.subject.label.clone()),
                record_id: records.get(&leaf).map(|record| record.id.uuid()),
            });
            controls.push(SimulatedView {
                control: definition.id.clone(),
                title: word(chinese, &definition.title, &definition.en),
                clause: definition.clause.clone(),
                numbers,
                examples: examples.collect(),
            });
        }
        Ok(SimulationView { log_size: size, controls })
    })
    .await
}
