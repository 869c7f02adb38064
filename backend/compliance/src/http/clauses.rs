//! Clauses: what serves them, what shows that they are kept, who answers, who attests.

use actix_web::web::Data;
use files::{AttachedFile, Blobs, FileId};
use identity::{UnitRef, directory};
use kernel::{Error, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Download, Fine, Guard, Path, Valid, View, rules};

use super::{ControlView, StretchView, regulations::standing_of, word};
use crate::{
    model::{AttestationId, Numbers, RegulationId, Verdict},
    policy,
    service::{
        Office, regulations as service,
        standing::{self, Ground, RegulationStanding},
    },
    store,
};

/// A clause in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseItem {
    /// Its stable key.
    pub id: String,
    /// As it is numbered.
    pub number: String,
    pub text: String,
    pub verdict: Verdict,
    pub numbers: Numbers,
    pub controls: usize,
    /// Processes that serve it and can be used.
    pub processes: usize,
    /// Who answers for it.
    #[schema(required)]
    pub owner: Option<UnitRef>,
}

pub fn clause_items(tx: &mut db::ReadTx<'_>, ground: &Ground, standing: &RegulationStanding) -> Result<Vec<ClauseItem>, Error> {
    let chinese = tx.actor().chinese;
    let owners = store::owners(tx, &standing.row.key)?;
    let units = directory::units(tx, owners.values().map(|owner| owner.unit_id))?;
    let clauses = standing.content.clauses.iter();
    Ok(clauses
        .map(|clause| ClauseItem {
            id: clause.id.clone(),
            number: clause.number.clone(),
            text: word(chinese, &clause.text, &clause.en),
            verdict: standing.verdict(&clause.id),
            numbers: standing.of_clause(&clause.id).fold(Numbers::default(), |sum, control| sum.and(control.numbers)),
            controls: standing.of_clause(&clause.id).count(),
            processes: ground.serving(&clause.id).count(),
            owner: owners.get(&clause.id).and_then(|owner| units.get(&owner.unit_id)).cloned(),
        })
        .collect())
}

/// A process that serves a clause.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServingView {
    pub id: workflows::ProcessId,
    pub name: String,
}

/// Somebody's word.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttestationView {
    pub id: AttestationId,
    pub statement: String,
    /// Whether it is kept, by this word.
    pub kept: bool,
    /// What shows it.
    pub evidence: Vec<AttachedFile>,
    pub attested_by: String,
    pub attested_at: Ts,
}

/// A clause.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseDetail {
    #[serde(flatten)]
    pub clause: ClauseItem,
    /// The version of the regulation.
    pub regulation_id: RegulationId,
    pub regulation_title: String,
    pub control_items: Vec<ControlView>,
    pub process_items: Vec<ServingView>,
    /// The last twelve times thirty days, the oldest first.
    pub trend: Vec<StretchView>,
    /// The newest first.
    pub attestations: Vec<AttestationView>,
    /// `attest`, `set_owner`
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for ClauseDetail {}

fn clause_detail(tx: &mut db::ReadTx<'_>, office: &Office, id: RegulationId, of: &str) -> Result<ClauseDetail, Error> {
    let (ground, standing) = standing_of(tx, office, id)?;
    let actor = tx.actor();
    let chinese = actor.chinese;
    let clause = clause_items(tx, &ground, &standing)?.into_iter().find(|clause| clause.id == of).ok_or_else(|| Error::absent(id))?;
    let control_items = standing.of_clause(of).map(|control| ControlView::of(control, chinese)).collect::<Result<_, _>>()?;
    let name = |process: &workflows::Process| word(chinese, &process.name, process.name_en.as_deref().unwrap_or_default());
    let process_items = ground.serving(of).map(|served| ServingView { id: served.process.id, name: name(&served.process) }).collect();
    let trend = standing::over_time(tx, Some(&standing.row.key), Some(of))?.into_iter().map(StretchView::from).collect();
    let said = store::attestations(tx, &standing.row.key, of, 20)?;
    let mut evidence = store::evidence(tx, said.iter().map(|row| row.id).collect())?;
    let attestations = said
        .into_iter()
        .map(|row| AttestationView {
            evidence: evidence.remove(&row.id).unwrap_or_default(),
            id: row.id,
            statement: row.statement,
            kept: row.kept,
            attested_by: row.attested_by_name,
            attested_at: row.attested_at,
        })
        .collect();
    let of_owner = service::answers(tx, clause.owner.as_ref().map(|owner| owner.id))?;
    let attest = policy::check_in_force(&standing.row).and_then(|()| policy::check_attest(actor, &standing.row, of_owner));
    let set_owner = policy::check_in_force(&standing.row).and_then(|()| policy::check_manage(actor));
    Ok(ClauseDetail {
        clause,
        regulation_id: id,
        regulation_title: standing.row.title(chinese).to_owned(),
        control_items,
        process_items,
        trend,
        attestations,
        allowed_actions: vec![AllowedAction::of("attest", attest, chinese), AllowedAction::of("set_owner", set_owner, chinese)],
    })
}

/// GET /regulations/{id}/clauses/{clause}
pub async fn clause(
    call: Guard<may::ReadCompliance>,
    office: Data<Office>,
    path: Path<(RegulationId, String)>,
) -> Result<Fine<ClauseDetail>, ApiError> {
    let (id, of) = path.into_inner();
    call.read(move |tx| clause_detail(tx, &office, id, &of)).await
}

/// Who answers.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetOwner {
    unit_id: UnitId,
}

/// PUT /regulations/{id}/clauses/{clause}/owner
pub async fn set_owner(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    path: Path<(RegulationId, String)>,
    body: Valid<SetOwner>,
) -> Result<Fine<ClauseDetail>, ApiError> {
    let ((id, of), body) = (path.into_inner(), body.into_inner());
    call.change(move |tx| service::set_owner(tx, id, &of, body.unit_id)?.and_then(|()| clause_detail(tx, &office, id, &of))).await
}

/// One's word.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// What was looked at, and what was found.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    statement: String,
    /// Whether the clause is kept.
    kept: bool,
    /// Own uploads that show it; at least one, if it is said to be kept.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    file_ids: Vec<FileId>,
}

/// POST /regulations/{id}/clauses/{clause}/attestations
pub async fn attest(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    path: Path<(RegulationId, String)>,
    body: Valid<Attest>,
) -> Result<Created<ClauseDetail>, ApiError> {
    let ((id, of), body) = (path.into_inner(), body.into_inner());
    let word = service::Word { statement: body.statement, kept: body.kept, evidence: body.file_ids };
    call.create(move |tx| service::attest(tx, id, &of, &word)?.and_then(|()| clause_detail(tx, &office, id, &of))).await
}

/// GET /attestations/{id}/evidence/{file_id}
pub async fn evidence(
    call: Guard<may::ReadCompliance>,
    blobs: Data<Blobs>,
    ids: Path<(AttestationId, FileId)>,
) -> Result<Download, ApiError> {
    let (id, file) = *ids;
    let file = call.db().read(call.actor(), move |tx| service::evidence(tx, id, file)).await?;
    Ok(Download(files::deliver(&blobs, &file).await?))
}
