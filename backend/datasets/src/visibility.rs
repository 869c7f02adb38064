//! Who sees changes in the feed: everybody those of data sets, as in the catalogue; those of grants whoever sees the grant.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Uuid};

use crate::{
    model::{DatasetId, GrantId},
    policy, store,
};

/// For data sets.
pub struct DatasetVisibility;

impl Visibility for DatasetVisibility {
    fn kind(&self) -> &'static str {
        "dataset"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let ids: Vec<DatasetId> = ids.iter().copied().map(DatasetId::from_uuid).collect();
        Ok(store::by_ids(tx, &ids)?.into_iter().map(|row| row.id.uuid()).collect())
    }
}

/// For grants.
pub struct GrantVisibility;

impl Visibility for GrantVisibility {
    fn kind(&self) -> &'static str {
        "dataset_grant"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let ids: Vec<GrantId> = ids.iter().copied().map(GrantId::from_uuid).collect();
        let rows = store::grants::by_ids(tx, &ids)?;
        Ok(rows.iter().filter(|(grant, row)| policy::sees_grant(tx.actor(), row, grant)).map(|(grant, _)| grant.id.uuid()).collect())
    }
}
