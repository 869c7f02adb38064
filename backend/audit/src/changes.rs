//! Who may see a change: exactly who may see the row in a list.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use db::ReadTx;
use kernel::{Error, Permission, Uuid};

use crate::{
    model::{ChangeView, ChangesView},
    store,
};

/// A slice's answer to: which of these rows may this actor see?
pub trait Visibility: Send + Sync {
    /// The kind of its rows.
    fn kind(&self) -> &'static str;
    /// Those of `ids` that are visible, by the same rule as its lists.
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error>;
}

/// The answers of all slices; what no slice answers for is for readers of the log.
#[derive(Clone, Default)]
pub struct Visibilities(Arc<HashMap<&'static str, Box<dyn Visibility>>>);

impl Visibilities {
    /// Registers the slices' answers.
    #[must_use]
    pub fn of(answers: Vec<Box<dyn Visibility>>) -> Self {
        Self(Arc::new(answers.into_iter().map(|answer| (answer.kind(), answer)).collect()))
    }
}

/// A part of the feed from a place on, as this actor may see it.
pub fn visible_changes(tx: &mut ReadTx<'_>, visibilities: &Visibilities, from: i64, limit: i64) -> Result<ChangesView, Error> {
    let changes = store::changes(tx, from, limit)?;
    let next = changes.last().map_or(from, |change| change.index + 1);
    if tx.actor().reach(Permission::ReadRecords).all {
        return Ok(ChangesView { items: changes, next });
    }
    let mut ids: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for change in &changes {
        ids.entry(change.kind.as_str()).or_default().push(change.id);
    }
    let mut seen = BTreeSet::new();
    for (kind, ids) in ids {
        if let Some(answer) = visibilities.0.get(kind) {
            seen.extend(answer.visible(tx, &ids)?);
        }
    }
    let items: Vec<ChangeView> = changes.into_iter().filter(|change| seen.contains(&change.id)).collect();
    Ok(ChangesView { items, next })
}
