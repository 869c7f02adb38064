//! Who sees changes of extractions in the feed: who sees them in the list.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Uuid};

use crate::policy;

/// For extractions.
pub struct ExtractionVisibility;

impl Visibility for ExtractionVisibility {
    fn kind(&self) -> &'static str {
        "extraction"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        Ok(if policy::can_see(tx.actor()) { ids.iter().copied().collect() } else { BTreeSet::new() })
    }
}
