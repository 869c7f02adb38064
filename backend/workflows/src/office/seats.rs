//! When the answers of several people make a result. Pure.

use rust_decimal::Decimal;

use crate::{
    blueprint::{
        Work,
        words::{SeatPolicy, WorkKind},
    },
    model::{Seat, SeatState, Vote},
};

/// The outcome of a round, once it is determined. `collect` waits for everybody all the same.
#[must_use]
pub fn decided(work: &Work, seats: &[&Seat]) -> Option<String> {
    let waits = |seat: &&Seat| seat.state.is_pending();
    let voting: Vec<&Seat> = seats.iter().copied().filter(|seat| seat.vote == Vote::Counts && seat.state != SeatState::Closed).collect();
    let following: Vec<&Seat> =
        seats.iter().copied().filter(|seat| seat.vote == Vote::Follows && seat.state != SeatState::Closed).collect();
    // Who was asked for advice is heard before anything is decided by the seat that asked; that seat waits meanwhile.
    if work.collect && voting.iter().chain(&following).any(waits) {
        return None;
    }
    if work.kind != WorkKind::Approve {
        let done = |seat: &&&Seat| seat.state == SeatState::Done;
        let enough = match work.policy {
            SeatPolicy::Claim | SeatPolicy::Any => voting.iter().any(|seat| seat.state == SeatState::Done),
            _ => voting.iter().all(|seat| seat.state == SeatState::Done),
        };
        let last = voting.iter().filter(done).max_by_key(|seat| (seat.done_at, seat.position));
        let followed = following.iter().all(|seat| seat.state == SeatState::Done);
        return last.filter(|_| enough && followed).and_then(|seat| seat.outcome.clone());
    }
    let refused = |seat: &&&Seat| seat.outcome.as_deref() == Some("refuse");
    // Whoever was added after a signer must agree too.
    if following.iter().any(|seat| refused(&seat)) {
        return Some("refuse".to_owned());
    }
    let base = approval(work, &voting)?;
    let agrees = base == "agree";
    let followed = following.iter().all(|seat| seat.state == SeatState::Done);
    (!agrees || followed).then_some(base)
}

fn approval(work: &Work, voting: &[&Seat]) -> Option<String> {
    let weight = |seat: &&Seat| match work.policy {
        SeatPolicy::Weight => seat.weight.parse().unwrap_or(Decimal::ONE),
        _ => Decimal::ONE,
    };
    let sum = |outcome: Option<&str>| -> Decimal { voting.iter().filter(|seat| seat.outcome.as_deref() == outcome).map(weight).sum() };
    let (agreed, refused, open) = (sum(Some("agree")), sum(Some("refuse")), sum(None));
    let total = agreed + refused + open;
    if total.is_zero() {
        return None;
    }
    let yes = || Some("agree".to_owned());
    let no = || Some("refuse".to_owned());
    match work.policy {
        SeatPolicy::All | SeatPolicy::Sequential => {
            if !refused.is_zero() {
                no()
            } else if open.is_zero() {
                yes()
            } else {
                None
            }
        }
        SeatPolicy::Claim | SeatPolicy::Any => {
            if work.collect {
                return if agreed.is_zero() { no() } else { yes() };
            }
            let first = voting.iter().filter(|seat| seat.outcome.is_some()).min_by_key(|seat| (seat.done_at, seat.position));
            first.and_then(|seat| seat.outcome.clone())
        }
        SeatPolicy::Ratio | SeatPolicy::Weight => {
            let needed = work.share * total;
            if agreed >= needed {
                yes()
            } else if agreed + open < needed {
                no()
            } else {
                None
            }
        }
    }
}

/// The hash of what somebody sees, kept with an opinion.
#[must_use]
pub fn hash(data: &crate::blueprint::Data) -> String {
    use sha2::Digest as _;
    let text = serde_json::to_string(data).unwrap_or_default();
    kernel::hex(&sha2::Sha256::digest(text))
}
