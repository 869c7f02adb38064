//! Work that is done once or several times: all at once or one after the other, with more (加签) or fewer (减签) than at first.

use super::{
    engine::Engine,
    message::{Command, Refused},
    state::{Parent, ScopeId, Stay, Token, TokenId},
};
use crate::model::{NodeKind, Repeated};

impl Engine<'_> {
    /// Begins the repetitions of an activity.
    pub(super) fn begin_items(&mut self, token: TokenId, items: u32) {
        let Some((scope, at)) = self.state.tokens.get(&token).map(|token| (token.scope, token.at.clone())) else { return };
        if items == 0 {
            return self.work_done(token);
        }
        let in_turn = self.node(scope, &at).is_some_and(|node| node.repeated == Some(Repeated::Sequentially));
        let first = if in_turn { 1 } else { items };
        let (open, waiting) = ((0..first).map(Some).collect(), (first..items).collect());
        if let Some(token) = self.state.tokens.get_mut(&token) {
            token.stay = Stay::Work { open, waiting, next: items };
        }
        (0..first).for_each(|item| self.open(token, Some(item)));
    }

    /// Opens one repetition, or the only one.
    pub(super) fn open(&mut self, token: TokenId, item: Option<u32>) {
        let Some((scope, at)) = self.state.tokens.get(&token).map(|token| (token.scope, token.at.clone())) else { return };
        match self.node(scope, &at).map(|node| &node.kind) {
            Some(NodeKind::SubProcess(_)) => self.open_scope(&at, Parent::Token(token, item)),
            _ => self.commands.push(Command::Open { token, element: at, item }),
        }
    }

    /// One repetition is done, or the only one.
    pub(super) fn item_done(&mut self, id: TokenId, item: Option<u32>) {
        let Some(Token { stay: Stay::Work { open, waiting, .. }, .. }) = self.state.tokens.get_mut(&id) else { return };
        open.remove(&item);
        let next = if open.is_empty() && !waiting.is_empty() { Some(waiting.remove(0)) } else { None };
        open.extend(next.map(Some));
        let over = open.is_empty();
        if let Some(next) = next {
            self.open(id, Some(next));
        } else if over {
            self.work_done(id);
        }
    }

    pub(super) fn add_item(&mut self, id: TokenId) -> Result<(), Refused> {
        let repeated = self.state.tokens.get(&id).and_then(|token| self.node(token.scope, &token.at)).and_then(|node| node.repeated);
        let Some(Token { stay: Stay::Work { open, waiting, next }, .. }) = self.state.tokens.get_mut(&id) else {
            return Err(Refused::NotOpen);
        };
        let item = *next;
        match repeated {
            None => return Err(Refused::NotOpen),
            // After the one that is open.
            Some(Repeated::Sequentially) => waiting.insert(0, item),
            Some(Repeated::InParallel) => drop(open.insert(Some(item))),
        }
        *next += 1;
        if repeated == Some(Repeated::InParallel) {
            self.open(id, Some(item));
        }
        Ok(())
    }

    pub(super) fn remove_item(&mut self, id: TokenId, item: u32) -> Result<(), Refused> {
        let Some(Token { at, stay: Stay::Work { open, waiting, .. }, .. }) = self.state.tokens.get_mut(&id) else {
            return Err(Refused::NotOpen);
        };
        let element = at.clone();
        if let Some(place) = waiting.iter().position(|one| *one == item) {
            waiting.remove(place);
            return Ok(());
        }
        if !open.contains(&Some(item)) {
            return Err(Refused::NotOpen);
        }
        if open.len() + waiting.len() < 2 {
            return Err(Refused::LastItem);
        }
        let scopes: Vec<ScopeId> = self
            .state
            .scopes
            .iter()
            .filter(|(_, running)| running.parent == Parent::Token(id, Some(item)))
            .map(|(scope, _)| *scope)
            .collect();
        if scopes.is_empty() {
            self.commands.push(Command::Close { token: id, element, item: Some(item) });
        }
        scopes.into_iter().for_each(|scope| self.close_scope(scope));
        self.item_done(id, Some(item));
        Ok(())
    }
}
