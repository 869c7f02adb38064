//! The controls that ship.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use crate::service::{catalogue, regulations::content_of};

#[test]
fn every_clause_of_every_pack_has_a_control_that_can_be_checked() {
    for pack in workflows::packs::shipped().unwrap().values() {
        let content = content_of(pack, None).unwrap_or_else(|error| panic!("{}: {error:?} {:?}", pack.key, error.fields()));
        let controlled: BTreeSet<&str> = content.controls.iter().map(|control| control.clause.as_str()).collect();
        let clauses: BTreeSet<&str> = pack.clauses.iter().map(|clause| clause.id.as_str()).collect();
        assert_eq!(clauses.difference(&controlled).collect::<Vec<_>>(), Vec::<&&str>::new(), "{}", pack.key);
        assert!(content.checked().is_ok());
        assert!(content.controls.iter().all(|control| !control.en.is_empty()));
    }
}

#[test]
fn every_event_has_a_name_for_people_in_both_languages() {
    for event in catalogue().unwrap().all() {
        assert!(!event.title.is_empty() && !event.en.is_empty(), "{}", event.name);
    }
}
