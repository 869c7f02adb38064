//! Details, in the order of their records.

use std::{collections::HashMap, io::BufRead};

use kernel::{Uuid, hex, unhex};
use sha2::{Digest, Sha256};

use super::{
    super::{DETAILS, DetailLine},
    Bad, LINE_BYTES, Named,
    files::next,
};
use crate::store::ERASED;

/// Details, in the order of their records.
pub(super) struct Details<L> {
    lines: L,
    next: Option<DetailLine>,
    /// Records without one, until an erasure is met.
    missing: HashMap<Uuid, u64>,
    erased: u64,
}

impl<L: BufRead> Details<L> {
    pub(super) fn of(lines: L) -> Result<Self, Bad> {
        let mut details = Self { lines, next: None, missing: HashMap::new(), erased: 0 };
        details.go_on()?;
        Ok(details)
    }

    /// How many were erased lawfully.
    pub(super) const fn erased(&self) -> u64 {
        self.erased
    }

    /// The first record whose detail is missing, and no record says why.
    pub(super) fn unexplained(&self) -> Option<u64> {
        self.missing.values().min().copied()
    }

    /// Of which record is the detail that belongs to none of those that came by?
    pub(super) fn stray(&self) -> Option<Uuid> {
        self.next.as_ref().map(|detail| detail.id)
    }

    fn go_on(&mut self) -> Result<(), Bad> {
        let line = next(&mut self.lines, DETAILS, LINE_BYTES)?;
        self.next =
            line.map(|line| serde_json::from_slice(&line)).transpose().map_err(|error| Bad::whole(format!("{DETAILS}: {error}")))?;
        Ok(())
    }

    /// What is wrong with the detail of a record.
    pub(super) fn wrong(&mut self, index: u64, record: &Named) -> Result<Option<&'static str>, Bad> {
        if record.action == ERASED && self.missing.remove(&record.subject.id).is_some() {
            self.erased += 1;
        }
        let Some(detail) = self.next.take_if(|next| next.id == record.id) else {
            self.missing.entry(record.id).or_insert(index);
            return Ok(None);
        };
        self.go_on()?;
        let hash = unhex(&detail.salt).map(|salt| hex(&Sha256::new().chain_update(salt).chain_update(&detail.detail).finalize()));
        Ok((hash.as_ref() != Some(&record.detail_hash)).then_some("its detail was changed"))
    }
}
