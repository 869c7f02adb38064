//! Errors: who catches them, from the inside out; what nobody catches stops visibly.

use super::{
    engine::{Engine, started_by},
    message::{Command, Refused},
    state::{Parent, Reason, ScopeId, Stay, Token, TokenId},
};
use crate::model::{NodeKind, Trigger};

impl Engine<'_> {
    pub(super) fn failed(&mut self, id: TokenId, code: Option<&str>) -> Result<(), Refused> {
        // An action, or whatever the world outside could not do for it: count, find a time.
        let open = |token: &&Token| matches!(token.stay, Stay::Work { .. } | Stay::Event | Stay::Count);
        let token = self.state.tokens.get(&id).filter(open).cloned().ok_or(Refused::NotOpen)?;
        if let Some(event) = self.catcher(&token, code) {
            self.kill(id);
            self.enter(token.scope, &token.boxes, token.beside, &event, None);
        } else if !self.throw(token.scope, code)
            && let Some(token) = self.state.tokens.get_mut(&id)
        {
            let reason = Reason::Error(code.map(str::to_owned));
            token.stay = Stay::Incident { reason: reason.clone() };
            self.commands.push(Command::Incident { token: id, element: token.at.clone(), reason });
        }
        Ok(())
    }

    /// The event at the border of a token's activity that catches an error.
    fn catcher(&self, token: &Token, code: Option<&str>) -> Option<String> {
        let plan = self.plan(token.scope)?;
        let exact = |wanted: bool| {
            plan.scope.boundary(&token.at).find(|event| match &event.kind {
                NodeKind::Boundary { trigger: Trigger::Error { code: caught }, .. } => catches(caught.as_deref(), code, wanted),
                _ => false,
            })
        };
        exact(true).or_else(|| exact(false)).map(|event| event.id.clone())
    }

    /// Throws an error out of a scope: event subprocesses and borders around it are asked, from the inside out. False if nobody
    /// catches it; then nothing has changed.
    pub(super) fn throw(&mut self, scope: ScopeId, code: Option<&str>) -> bool {
        let (mut inside, mut from_beside) = (scope, false);
        loop {
            let parent = self.state.scopes.get(&inside).map(|running| running.parent);
            let catching = self.plan(inside).and_then(|plan| {
                plan.scope.nodes.values().find(|node| match (started_by(node), &node.kind) {
                    (Some(Trigger::Error { code: caught }), NodeKind::EventSubProcess { .. }) => {
                        catches(caught.as_deref(), code, caught.is_some())
                    }
                    _ => false,
                })
            });
            // What is thrown out of an event subprocess is not caught by its like beside it.
            if let Some(event) = catching.filter(|_| !from_beside) {
                let id = event.id.clone();
                self.begin_beside(inside, &id, true);
                return true;
            }
            match parent {
                Some(Parent::Token(host, _)) => {
                    let Some(token) = self.state.tokens.get(&host).cloned() else { return false };
                    if let Some(event) = self.catcher(&token, code) {
                        self.kill(host);
                        self.enter(token.scope, &token.boxes, token.beside, &event, None);
                        return true;
                    }
                    (inside, from_beside) = (token.scope, false);
                }
                Some(Parent::Scope(around)) => (inside, from_beside) = (around, true),
                Some(Parent::Nothing) | None => return false,
            }
        }
    }
}

fn catches(caught: Option<&str>, code: Option<&str>, exactly: bool) -> bool {
    if exactly { caught.is_some() && caught == code } else { caught.is_none() }
}
