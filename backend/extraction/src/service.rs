//! Use cases over a transaction.

use audit::ledger;
use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, column::RawJson};

use crate::{
    model::{Extraction, ExtractionId, ExtractionState, Selection},
    policy, store,
};

/// What a package can hold, in records; who needs more takes the log as a whole.
pub const MAX_RECORDS: usize = 10_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub authority: String,
    pub document_number: String,
    pub legal_basis: String,
    pub selection: Selection,
}

/// One that the actor may see.
pub fn visible(tx: &mut ReadTx<'_>, id: ExtractionId) -> Result<Extraction, Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if policy::can_see(tx.actor()) { Ok(row) } else { Err(Error::hidden(id)) }
}

/// The places of the records that are selected, in order. Always the same, since the log only grows. Of a whole time they are one range,
/// with those between that began a moment outside it.
pub fn selected(tx: &mut ReadTx<'_>, selection: &Selection, log_size: i64) -> Result<Vec<i64>, Error> {
    let too_long = || Error::new(Code::ExtractionTooLong).with("limit", MAX_RECORDS);
    let (from, to) = ledger::places(tx, log_size, selection.from, selection.to)?;
    if selection.is_whole_time() {
        let records = usize::try_from(to - from).map_err(Error::internal)?;
        return if records > MAX_RECORDS { Err(too_long()) } else { Ok((from..to).collect()) };
    }
    let mut found = Vec::new();
    ledger::read_from(tx, &[], from, to, |entry| {
        if selection.fits(&entry) {
            if found.len() >= MAX_RECORDS {
                return Err(too_long());
            }
            found.push(entry.index);
        }
        Ok(())
    })?;
    Ok(found)
}

/// What somebody asks for, held against the log as it is: its size, and how many records are meant. There have to be some: an empty
/// package would prove nothing. Read before anything is written, since it may take its time.
pub fn measure(tx: &mut ReadTx<'_>, selection: &Selection) -> Result<(i64, i64), Error> {
    policy::check_request(tx.actor())?;
    if let (Some(from), Some(to)) = (selection.from, selection.to)
        && to <= from
    {
        return Err(Error::invalid("/selection/to", Code::TimeOrder));
    }
    let log_size = audit::size(tx)?;
    // The record after the last shows that the time is over: of a time that is not, nobody could say that it is whole.
    if let Some(to) = selection.to
        && (ledger::places(tx, log_size, None, Some(to))?.1 >= log_size || audit::oldest_waiting(tx)?.is_some_and(|waiting| waiting < to))
    {
        return Err(Error::invalid("/selection/to", Code::ExtractionNotOver));
    }
    let records = i64::try_from(selected(tx, selection, log_size)?.len()).map_err(Error::internal)?;
    if records == 0 { Err(Error::invalid("/selection", Code::ExtractionEmpty)) } else { Ok((log_size, records)) }
}

/// Asks for records, as many as were found in a log of this size.
pub fn request(tx: &mut WriteTx<'_>, wanted: &Wanted, (log_size, records): (i64, i64)) -> Result<Recorded<ExtractionId>, Error> {
    policy::check_request(tx.actor())?;
    let row = Extraction {
        id: ExtractionId::new(),
        authority: wanted.authority.clone(),
        document_number: wanted.document_number.clone(),
        legal_basis: wanted.legal_basis.clone(),
        selection: RawJson::of(&wanted.selection)?,
        log_size,
        records,
        state: ExtractionState::Requested,
        requested_by: tx.actor().require_person()?,
        requested_by_name: tx.actor().name.clone(),
        requested_at: tx.now(),
        first_by: None,
        first_by_name: None,
        first_at: None,
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        reason: None,
        version: 1,
    };
    let event = said("extraction.requested", &row)
        .created()
        .fact("records", row.records)
        .fact("log_size", row.log_size)
        .set("authority", &row.authority)
        .set("document_number", &row.document_number)
        .set("legal_basis", &row.legal_basis)
        .set("selection", &wanted.selection);
    tx.record(event, |rows| {
        store::insert(rows, &row)?;
        Ok(row.id)
    })
}

/// What is told of one.
pub fn said(action: &'static str, row: &Extraction) -> Event {
    Event::new(action, row.id, format!("{} {}", row.authority, row.document_number))
}

/// One approves; the second makes it hold.
pub fn approve(tx: &mut WriteTx<'_>, id: ExtractionId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_approve(tx.actor(), &before)?;
    let (me, name, now) = (tx.actor().require_person()?, tx.actor().name.clone(), tx.now());
    let after = match before.state {
        ExtractionState::Requested => Extraction {
            state: ExtractionState::HalfApproved,
            first_by: Some(me),
            first_by_name: Some(name),
            first_at: Some(now),
            ..before.clone()
        },
        _ => decided(&before, ExtractionState::Approved, me, name, now),
    };
    step(tx, "extraction.approved", &before, &after, expected, None)
}

fn decided(before: &Extraction, state: ExtractionState, by: kernel::PersonId, name: String, at: kernel::Ts) -> Extraction {
    Extraction { state, decided_by: Some(by), decided_by_name: Some(name), decided_at: Some(at), ..before.clone() }
}

fn step(
    tx: &mut WriteTx<'_>,
    action: &'static str,
    before: &Extraction,
    after: &Extraction,
    expected: i32,
    note: Option<&str>,
) -> Result<Recorded<()>, Error> {
    let event = said(action, before)
        .step(before.version)
        .fact("state", after.state)
        .related(before.requested_by, "requester", before.requested_by_name.clone())
        .change("state", &before.state, &after.state)
        .note(note.map(str::to_owned));
    tx.record(event, |rows| store::update(rows, after, expected))
}

/// It is not approved.
pub fn decline(tx: &mut WriteTx<'_>, id: ExtractionId, expected: i32, reason: &str) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_decline(tx.actor(), &before)?;
    let (me, name) = (tx.actor().require_person()?, tx.actor().name.clone());
    let after = Extraction { reason: Some(reason.to_owned()), ..decided(&before, ExtractionState::Declined, me, name, tx.now()) };
    step(tx, "extraction.declined", &before, &after, expected, Some(reason))
}

/// It is not wanted any more.
pub fn withdraw(tx: &mut WriteTx<'_>, id: ExtractionId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_withdraw(tx.actor(), &before)?;
    let (me, name) = (tx.actor().require_person()?, tx.actor().name.clone());
    let after = decided(&before, ExtractionState::Withdrawn, me, name, tx.now());
    step(tx, "extraction.withdrawn", &before, &after, expected, None)
}
