//! May this actor look into or manage this data set? Pure.

use kernel::{Actor, Code, Error, Permission, UnitId};

use crate::model::{Classification, Dataset, DatasetAction, DatasetState, Grant};

/// What lies behind the entry of the catalogue: for readers and managers of its unit, its custodian, and who has a grant in force.
pub fn sees_details(actor: &Actor, row: &Dataset, granted: bool) -> bool {
    sees_grants(actor, row) || granted
}

/// Everybody's grants of it.
pub fn sees_grants(actor: &Actor, row: &Dataset) -> bool {
    actor.may_in(Permission::ReadDatasets, Some(row.unit_id)) || manages(actor, row) || actor.is(row.custodian_id)
}

/// A grant: one's own, and those of data sets into which one may look.
pub fn sees_grant(actor: &Actor, row: &Dataset, grant: &Grant) -> bool {
    actor.is(grant.person_id) || sees_grants(actor, row)
}

fn manages(actor: &Actor, row: &Dataset) -> bool {
    actor.may_in(Permission::ManageDatasets, Some(row.unit_id))
}

/// Whether the actor may have data sets in this unit.
pub fn check_unit(actor: &Actor, unit: UnitId) -> Result<(), Error> {
    if actor.may_in(Permission::ManageDatasets, Some(unit)) { Ok(()) } else { Err(forbidden()) }
}

/// Changing what is known of it.
pub fn check_manage(actor: &Actor, row: &Dataset) -> Result<(), Error> {
    if manages(actor, row) { Ok(()) } else { Err(forbidden().about(row.id)) }
}

/// Doing a step; grants that stand or are to come forbid to retire it.
pub fn check_step(actor: &Actor, row: &Dataset, action: DatasetAction, standing: i64) -> Result<DatasetState, Error> {
    check_manage(actor, row)?;
    match (action, row.state) {
        (DatasetAction::Retire, DatasetState::Active) if standing > 0 => {
            Err(Error::new(Code::DatasetHasGrants).with("count", standing).about(row.id))
        }
        (DatasetAction::Retire, DatasetState::Active) => Ok(DatasetState::Retired),
        (DatasetAction::Restore, DatasetState::Retired) => Ok(DatasetState::Active),
        (DatasetAction::Retire, DatasetState::Retired) => Err(Error::new(Code::DatasetRetired).about(row.id)),
        (DatasetAction::Restore, DatasetState::Active) => Err(Error::new(Code::DatasetActive).about(row.id)),
    }
}

/// Giving somebody access.
pub fn check_give(actor: &Actor, row: &Dataset) -> Result<(), Error> {
    check_manage(actor, row)?;
    if row.state == DatasetState::Active { Ok(()) } else { Err(Error::new(Code::DatasetRetired).about(row.id)) }
}

/// Whether a change of classification has to be explained.
pub fn lowers(before: Classification, after: Classification) -> bool {
    after < before
}

fn forbidden() -> Error {
    Error::forbidden(Code::Forbidden).with("permission", Permission::ManageDatasets)
}
