//! Records that a case drives: these steps of theirs are only taken by it.

use std::str::FromStr;

use db::{Driver, Event, Recorded, WriteTx};
use kernel::{Code, Error, Id, Kind};
use workflows::actions::ActionCall;

/// The steps that only the case takes, each one that there is.
pub fn steps_of<T: FromStr>(call: &ActionCall) -> Result<Vec<&str>, Error> {
    let steps: Vec<&str> = call.text("steps").unwrap_or_default().split_whitespace().collect();
    let known = steps.iter().all(|step| step.parse::<T>().is_ok());
    if known { Ok(steps) } else { Err(Error::invalid("/steps", Code::NotAChoice)) }
}

pub fn drive<K: Kind>(
    tx: &mut WriteTx<'_>,
    call: &ActionCall,
    event: &'static str,
    id: Id<K>,
    label: String,
    steps: &[&str],
) -> Result<Recorded<()>, Error> {
    let driver = Driver::of(id, call.case, &call.number, steps);
    let event = Event::new(event, id, label).related(call.case, "case", call.number.clone());
    tx.record(event, |rows| rows.drive(&driver))
}

pub fn free<K: Kind>(tx: &mut WriteTx<'_>, call: &ActionCall, event: &'static str, id: Id<K>, label: String) -> Result<(), Error> {
    let event = Event::new(event, id, label).related(call.case, "case", call.number.clone());
    tx.record(event, |rows| rows.free_record(id)).map(Recorded::into_inner)
}
