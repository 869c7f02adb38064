//! Starting a case.

use std::collections::BTreeMap;

use actix_web::web::Data;
use identity::{PersonRef, UnitRef, directory};
use kernel::{PersonId, UnitId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, Path, Valid, View, rules};

use super::{
    processes::{self, ProcessItem},
    views::{self, CaseDetail, FormView},
};
use crate::{
    blueprint::words::SeatPolicy,
    model::{CaseId, DraftId, ProcessId},
    service::{
        Office,
        starting::{self, NewCase},
    },
};

/// A step whose people the starter chooses.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChooseView {
    pub step: String,
    pub name: String,
}

/// What is needed to start a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StartView {
    pub process: ProcessItem,
    pub release: i32,
    pub form: FormView,
    /// Steps whose people are to be chosen.
    pub choose: Vec<ChooseView>,
    /// The reader's units, the main one first.
    pub units: Vec<UnitRef>,
}
impl View for StartView {}

/// GET /processes/{id}/start
pub async fn start_view(call: Guard<may::UseProcesses>, office: Data<Office>, id: Path<ProcessId>) -> Result<Fine<StartView>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        let me = tx.actor().require_person()?;
        let process = starting::process(tx, id)?;
        let unit = starting::unit_of(tx, me, None)?;
        let release = starting::release_for(tx, &process, unit)?;
        let blueprint = office.release(tx, release.id)?;
        starting::check_starter(tx, &blueprint, me)?;
        let step = blueprint.application();
        let work = step.and_then(|step| blueprint.settings.work.get(step));
        let rights = step.zip(work).map(|(step, work)| blueprint.rights_on(step, &work.usual_outcome())).unwrap_or_default();
        let data = blueprint.form.computed(Map::new());
        let form = views::form_view(tx, &office, &blueprint, None, &data, &rights, step)?;
        let chinese = tx.actor().chinese;
        let choose =
            starting::to_choose(&blueprint).into_iter().map(|step| ChooseView { name: blueprint.name(&step, chinese), step }).collect();
        let mut ids = vec![unit];
        ids.extend(directory::units_of(tx, me)?.into_iter().filter(|other| *other != unit));
        let names = directory::units(tx, ids.clone())?;
        let units = ids.into_iter().filter_map(|id| names.get(&id).cloned()).collect();
        Ok(StartView { process: processes::item(tx, &office, &process)?, release: release.number, form, choose, units })
    })
    .await
}

/// A case that would be sent.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewCase {
    #[schema(value_type = Object)]
    data: Map<String, Json>,
    unit_id: Option<UnitId>,
    /// People by step.
    #[serde(default)]
    chosen: BTreeMap<String, Vec<PersonId>>,
}

/// A step that is to come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ForeseenStep {
    pub step: String,
    pub name: String,
    pub people: Vec<PersonRef>,
    pub policy: SeatPolicy,
    /// Who stands in for whom.
    pub deputies: Vec<String>,
    /// Half of all cases took between these minutes here.
    #[schema(required)]
    pub usual: Option<UsualTime>,
}

/// The middle half of how long a step took, on the clock.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsualTime {
    pub p25_minutes: i64,
    pub p75_minutes: i64,
}

/// What would happen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewView {
    pub title: String,
    pub steps: Vec<ForeseenStep>,
    /// Fields that stand against sending it, by pointer.
    pub refused: Vec<String>,
}
impl View for PreviewView {}

/// POST /processes/{id}/preview
pub async fn preview(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    id: Path<ProcessId>,
    body: Valid<PreviewCase>,
) -> Result<Fine<PreviewView>, ApiError> {
    let body = body.into_inner();
    let (id, process) = (CaseId::new(), *id);
    let new = NewCase { id, process, unit: body.unit_id, data: body.data, chosen: body.chosen, draft: None, opinion: None };
    call.read(move |tx| {
        let (title, blueprint, steps, refused) = starting::foresee(tx, &office, &new)?;
        let chinese = tx.actor().chinese;
        let view = |step: starting::Foreseen| ForeseenStep {
            name: blueprint.name(&step.step, chinese),
            policy: blueprint.settings.work.get(&step.step).map_or(SeatPolicy::All, |work| work.policy),
            people: step.people.into_iter().map(|person| PersonRef { id: person.id, name: person.name }).collect(),
            deputies: step.deputies,
            usual: step.usual.map(|(p25_minutes, p75_minutes)| UsualTime { p25_minutes, p75_minutes }),
            step: step.step,
        };
        let refused = refused.into_iter().map(|field| field.pointer).collect();
        Ok(PreviewView { title, steps: steps.into_iter().map(view).collect(), refused })
    })
    .await
}

/// A case to be started.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartCase {
    process_id: ProcessId,
    /// One of the starter's units; the main one if absent.
    unit_id: Option<UnitId>,
    /// The form.
    #[schema(value_type = Object)]
    data: Map<String, Json>,
    /// People by step, where the starter chooses.
    #[serde(default)]
    chosen: BTreeMap<String, Vec<PersonId>>,
    /// The draft that this was; it is gone afterwards.
    draft_id: Option<DraftId>,
    /// Words for those who read it.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    opinion: Option<String>,
}

impl From<StartCase> for NewCase {
    fn from(body: StartCase) -> Self {
        Self {
            id: CaseId::new(),
            process: body.process_id,
            unit: body.unit_id,
            data: body.data,
            chosen: body.chosen,
            draft: body.draft_id,
            opinion: body.opinion,
        }
    }
}

/// POST /cases
pub async fn start(call: Guard<may::UseProcesses>, office: Data<Office>, body: Valid<StartCase>) -> Result<Created<CaseDetail>, ApiError> {
    let new = NewCase::from(body.into_inner());
    call.create(move |tx| starting::start(tx, &office, &new)?.and_then(|id| views::detail(tx, &office, id))).await
}
