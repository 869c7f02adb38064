//! What data sets and grants look like to readers.

use db::ReadTx;
use identity::{PersonRef, UnitRef, directory::Names};
use kernel::{Code, Date, Error, Page, PageRequest, Permission, Reach, Ts, Uuid};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    model::{Classification, Dataset, DatasetAction, DatasetId, DatasetState, Grant, GrantId, GrantMode, GrantState},
    policy, service,
    store::{self, Filter, grants::GrantFilter},
};

/// A data set as everybody may know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DatasetItem {
    pub id: DatasetId,
    pub number: String,
    pub name: String,
    pub classification: Classification,
    /// Whose it is.
    pub unit: UnitRef,
    pub state: DatasetState,
    pub updated_at: Ts,
    /// For If-Match.
    pub version: i32,
}

/// What readers of data sets, the custodian and holders of a grant know besides.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DatasetInside {
    /// What it is for.
    pub purpose: String,
    /// Where it lies.
    pub location: String,
    /// Who keeps it.
    pub custodian: PersonRef,
    pub created_at: Ts,
}

/// One data set, as far as the reader may know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DatasetDetail {
    #[serde(flatten)]
    pub item: DatasetItem,
    /// Null for whoever knows the catalogue only.
    #[schema(required)]
    pub inside: Option<DatasetInside>,
    /// Whether the reader sees everybody's grants of it.
    pub grants_visible: bool,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for DatasetDetail {
    fn version(&self) -> Option<i32> {
        Some(self.item.version)
    }
}

fn item(row: &Dataset, names: &Names) -> DatasetItem {
    DatasetItem {
        id: row.id,
        number: row.number.clone(),
        name: row.name.clone(),
        classification: row.classification,
        unit: names.unit(row.unit_id),
        state: row.state,
        updated_at: row.updated_at,
        version: row.version,
    }
}

/// One page of the catalogue.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, page: &PageRequest) -> Result<Page<DatasetItem>, Error> {
    let today = tx.now().office_date();
    let rows = store::page(tx, filter, today, page)?;
    let names = Names::load(tx, [], rows.iter().map(|row| row.unit_id))?;
    Ok(page.page(rows, |row| (row.updated_at, row.id)).map(|row| item(&row, &names)))
}

/// One data set with what the reader may do.
pub fn detail(tx: &mut ReadTx<'_>, id: DatasetId) -> Result<DatasetDetail, Error> {
    let row = service::entry(tx, id)?;
    let today = tx.now().office_date();
    let mine = match tx.actor().person() {
        Some(me) => store::grants::standing(tx, id, Some(me), today)?,
        None => Vec::new(),
    };
    let granted = mine.iter().any(|grant| grant.state(today) == GrantState::InForce);
    let standing = store::grants::count_standing(tx, id, today)?;
    let names = Names::load(tx, [row.custodian_id], [row.unit_id])?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let steps = DatasetAction::ALL.iter().map(|action| {
        let verdict = policy::check_step(actor, &row, *action, standing).map(drop);
        AllowedAction::of(action.as_str(), verdict, chinese)
    });
    let others = [("update", policy::check_manage(actor, &row)), ("give", policy::check_give(actor, &row))];
    let others = others.into_iter().map(|(name, verdict)| AllowedAction::of(name, verdict, chinese));
    let inside = policy::sees_details(actor, &row, granted).then(|| DatasetInside {
        purpose: row.purpose.clone(),
        location: row.location.clone(),
        custodian: names.person(row.custodian_id),
        created_at: row.created_at,
    });
    Ok(DatasetDetail {
        item: item(&row, &names),
        inside,
        grants_visible: policy::sees_grants(actor, &row),
        allowed_actions: others.chain(steps).collect(),
    })
}

/// A data set as a grant names it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DatasetRef {
    pub id: DatasetId,
    pub number: String,
    pub name: String,
    pub classification: Classification,
}

/// Somebody's right to use a data set.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DatasetGrantView {
    pub id: GrantId,
    pub dataset: DatasetRef,
    pub person: PersonRef,
    pub mode: GrantMode,
    pub purpose: String,
    pub valid_from: Date,
    /// Its last day.
    pub valid_until: Date,
    /// As it stands today.
    pub state: GrantState,
    pub given_at: Ts,
    /// Who gave it, as they were called then.
    pub given_by: String,
    /// The case that gave it.
    #[schema(required)]
    pub case_id: Option<Uuid>,
    #[schema(required)]
    pub case_number: Option<String>,
    #[schema(required)]
    pub revoked_at: Option<Ts>,
    #[schema(required)]
    pub revoked_by: Option<String>,
    #[schema(required)]
    pub revoked_reason: Option<String>,
    /// For If-Match.
    pub version: i32,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for DatasetGrantView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn grant_view(tx: &ReadTx<'_>, grant: Grant, row: &Dataset, names: &Names) -> DatasetGrantView {
    let state = grant.state(tx.now().office_date());
    let over = matches!(state, GrantState::Ended | GrantState::Revoked);
    let verdict = policy::check_manage(tx.actor(), row).and(if over { Err(Error::new(Code::DatasetGrantOver)) } else { Ok(()) });
    DatasetGrantView {
        id: grant.id,
        dataset: DatasetRef { id: row.id, number: row.number.clone(), name: row.name.clone(), classification: row.classification },
        person: names.person(grant.person_id),
        mode: grant.mode,
        purpose: grant.purpose,
        valid_from: grant.valid_from,
        valid_until: grant.valid_until,
        state,
        given_at: grant.given_at,
        given_by: grant.given_by,
        case_id: grant.case_id.map(|id| id.0),
        case_number: grant.case_number,
        revoked_at: grant.revoked_at,
        revoked_by: grant.revoked_by,
        revoked_reason: grant.revoked_reason,
        version: grant.version,
        allowed_actions: vec![AllowedAction::of("revoke", verdict, tx.actor().chinese)],
    }
}

/// One page of grants of which the reader may know.
pub fn grants(tx: &mut ReadTx<'_>, filter: &GrantFilter, page: &PageRequest) -> Result<Page<DatasetGrantView>, Error> {
    let (today, reach) = (tx.now().office_date(), reach(tx));
    let rows = store::grants::page(tx, filter, &reach, today, page)?;
    let names = Names::load(tx, rows.iter().map(|(grant, _)| grant.person_id), [])?;
    Ok(page.page(rows, |(grant, _)| grant.id).map(|(grant, row)| grant_view(tx, grant, &row, &names)))
}

/// One grant.
pub fn grant(tx: &mut ReadTx<'_>, id: GrantId) -> Result<DatasetGrantView, Error> {
    let (grant, row) = store::grants::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let names = Names::load(tx, [grant.person_id], [])?;
    Ok(grant_view(tx, grant, &row, &names))
}

/// Units into whose data sets the reader may look: by reading or by managing.
fn reach(tx: &ReadTx<'_>) -> Reach {
    let (mut reach, managed) = (tx.actor().reach(Permission::ReadDatasets), tx.actor().reach(Permission::ManageDatasets));
    reach.all |= managed.all;
    reach.roots.extend(managed.roots);
    reach.units.extend(managed.units);
    reach.closure.extend(managed.closure);
    reach
}
