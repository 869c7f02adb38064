//! Sending back (退回): to what was done on the same level or around it, never into a branch beside, never past a fragment's border.
//! A block that is over is a target only as a whole, by its first element; so is a rigid fragment, always. A branch beside an activity is
//! not left by a return.

use crate::levels::Part;

use super::{
    engine::Engine,
    message::Refused,
    state::{Box, State, Token, TokenId, Visit},
};

/// Whether the boxes of a visit are those of a token, or some of the outer ones.
fn around(visit: &[Box], token: &[Box]) -> bool {
    visit.len() <= token.len() && visit.iter().zip(token).all(|(a, b)| a == b)
}

/// The visits to which a token may be sent back, in the order in which they were made.
pub fn targets(state: &State, token: TokenId) -> impl Iterator<Item = &Visit> {
    let token = state.tokens.get(&token);
    let beside = |boxes: &[Box]| boxes.iter().filter(|around| around.level.part == Part::Beside).count();
    state.visits.iter().filter(move |visit| {
        let in_rigid = visit.boxes.last().is_some_and(|last| last.level.part == Part::Rigid);
        token.is_some_and(|token| {
            let same = token.scope == visit.scope && around(&visit.boxes, &token.boxes) && beside(&visit.boxes) == beside(&token.boxes);
            same && !in_rigid && token.at != visit.element
        })
    })
}

/// Where a return leads, and what of the visits has then not been made: everything since, on the target's level and inside.
pub fn undone<'s>(state: &'s State, token: TokenId, to: &str) -> Option<(&'s Visit, Vec<&'s Visit>)> {
    let visit = targets(state, token).filter(|visit| visit.element == to).last()?;
    let later = state.visits.iter().skip_while(|other| *other != visit);
    Some((visit, later.filter(|other| other.scope == visit.scope && around(&visit.boxes, &other.boxes)).collect()))
}

impl Engine<'_> {
    /// Everything on the target's level and inside goes; one token begins there. What has been done since is done no longer.
    pub(super) fn send_back(&mut self, token: TokenId, to: &str) -> Result<(), Refused> {
        let open = |token: &&Token| matches!(token.stay, super::Stay::Work { .. } | super::Stay::Incident { .. });
        let from = self.state.tokens.get(&token).filter(open).ok_or(Refused::NotOpen)?;
        let (visit, undone) = undone(&self.state, token, to).ok_or(Refused::NotATarget)?;
        let (visit, undone): (Visit, Vec<Visit>) = (visit.clone(), undone.into_iter().cloned().collect());
        let (scope, beside) = (visit.scope, from.beside);
        let inside: Vec<TokenId> = self
            .state
            .tokens
            .iter()
            .filter(|(_, other)| other.scope == scope && around(&visit.boxes, &other.boxes))
            // A branch beside an activity goes with its activity only.
            .filter(|(_, other)| other.beside == beside)
            .map(|(id, _)| *id)
            .collect();
        for id in inside {
            self.kill(id);
        }
        self.state.visits.retain(|other| !undone.contains(other));
        self.enter(scope, &visit.boxes, beside, to, None);
        Ok(())
    }
}
