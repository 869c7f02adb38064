//! Actions of the slices that processes may call. They live here because the slices do not know processes, and processes do not know
//! the slices.

mod accounts;
mod datasets;
mod driving;
mod equipment;
mod findings;
mod tickets;

use std::sync::Arc;

use db::{ReadTx, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Date, Error, Permission, PersonId, UnitId};
use serde_json::Value as Json;
use workflows::actions::{Action, ActionCall, Actions, Repeat, texts};

type Run = fn(&mut WriteTx<'_>, &ActionCall) -> Result<Recorded<Json>, Error>;
type Undo = fn(&mut WriteTx<'_>, &ActionCall, &Json) -> Result<(), Error>;

/// An action that is a function with a description.
struct Described {
    name: &'static str,
    title: (&'static str, &'static str),
    /// None: whoever may do it has done so before, and this only writes it down.
    permission: Option<Permission>,
    /// Accounts, and states of equipment and tickets, are not undone by sending a paper back.
    undo: Option<Undo>,
    input: &'static [(&'static str, &'static str)],
    output: &'static [(&'static str, &'static str)],
    run: Run,
}

impl Action for Described {
    fn name(&self) -> &'static str {
        self.name
    }
    fn title(&self) -> (&'static str, &'static str) {
        self.title
    }
    fn permission(&self) -> Option<Permission> {
        self.permission
    }
    fn repeat(&self) -> Repeat {
        if self.undo.is_some() { Repeat::Reversible } else { Repeat::Once }
    }
    fn security(&self) -> bool {
        matches!(self.permission, Some(Permission::ManagePeople | Permission::AssignRoles))
    }
    fn input(&self) -> Json {
        texts(self.input)
    }
    fn output(&self) -> Json {
        texts(self.output)
    }
    fn run(&self, tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
        (self.run)(tx, call)
    }
    fn undo(&self, tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
        match self.undo {
            Some(undo) => undo(tx, call, given),
            None => Err(Error::internal(format!("{} cannot be undone", self.name))),
        }
    }
}

/// Everything that processes may call.
#[must_use]
pub fn all() -> Actions {
    let slices = [accounts::ALL, datasets::ALL, equipment::ALL, findings::ALL, tickets::ALL];
    Actions::of(slices.into_iter().flatten().map(|action| Arc::new(Described { ..*action }) as Arc<dyn Action>).collect())
}

fn wrong(name: &str) -> Error {
    Error::invalid(format!("/{name}"), Code::UnknownReference)
}

fn person(tx: &mut ReadTx<'_>, call: &ActionCall, name: &str) -> Result<Option<PersonId>, Error> {
    let Some(text) = call.text(name) else { return Ok(None) };
    match text.parse::<PersonId>() {
        Ok(id) => Ok(Some(directory::active_person(tx, id, &format!("/{name}"))?.id)),
        Err(_) => directory::find_person(tx, text)?.map(|person| Some(person.id)).ok_or_else(|| wrong(name)),
    }
}

fn unit(tx: &mut ReadTx<'_>, call: &ActionCall, name: &str) -> Result<Option<UnitId>, Error> {
    let Some(text) = call.text(name) else { return Ok(None) };
    match text.parse::<UnitId>() {
        Ok(id) => Ok(Some(directory::active_unit(tx, id, &format!("/{name}"))?.id)),
        Err(_) => directory::find_unit(tx, text)?.map(|unit| Some(unit.id)).ok_or_else(|| wrong(name)),
    }
}

fn date(call: &ActionCall, name: &str) -> Result<Option<Date>, Error> {
    call.text(name).map(|text| text.parse().map_err(|_| Error::invalid(format!("/{name}"), Code::BadFormat))).transpose()
}

/// What an action gave.
fn field<T: serde::de::DeserializeOwned>(given: &Json, name: &str) -> Result<T, Error> {
    serde_json::from_value(given.get(name).cloned().unwrap_or_default()).map_err(Error::internal)
}
