//! Use cases over a transaction.

pub mod plans;
pub mod worker;

use audit::ledger;
use db::{Event, ReadTx, Recorded, Rows, WriteTx};
use kernel::{Code, Error, FieldError, PersonId, column::RawJson};
use workflows::Told;

use crate::{
    kinds::{self, Kind, Span},
    model::{PlanId, ReportParameters, ReportRunState, Run, RunId},
    policy,
    source::Source,
    store,
    table::{Content, sha256},
};

/// Content is kept small; what it is made of can be read back by any Zstandard.
const COMPRESSION: i32 = 6;

/// A report by its name.
pub fn kind(key: &str) -> Result<&'static Kind, Error> {
    kinds::find(key).ok_or_else(|| Error::invalid("/report", Code::ReportUnknown))
}

/// What is asked for can be said by this report, of a log that there is.
fn check(tx: &mut ReadTx<'_>, kind: &Kind, parameters: &ReportParameters, log_size: Option<i64>) -> Result<i64, Error> {
    if parameters.unit_id.is_some() && !kind.by_unit {
        return Err(Error::invalid("/unit_id", Code::ReportByUnit));
    }
    if let Some(from) = parameters.from {
        if kind.span == Span::Moment {
            return Err(Error::invalid("/from", Code::ReportMoment));
        }
        if parameters.to.is_some_and(|to| to <= from) {
            return Err(Error::invalid("/to", Code::TimeOrder));
        }
    }
    let size = audit::size(tx)?;
    match log_size {
        Some(asked) if asked > size => {
            let params = [("size", size.to_string())].into_iter().collect();
            Err(Error::new(Code::Invalid).fields_of(vec![FieldError {
                pointer: "/log_size".to_owned(),
                code: Code::ReportBeyondLog,
                params,
            }]))
        }
        asked => Ok(asked.unwrap_or(size)),
    }
}

/// Whoever a run is for.
pub struct For {
    pub person: PersonId,
    pub name: String,
    pub plan: Option<PlanId>,
}

/// Asks for a report over the log as it is, or as it was when it had this size. It is made in the background.
pub fn request(tx: &mut WriteTx<'_>, report: &str, parameters: ReportParameters, log_size: Option<i64>) -> Result<Recorded<RunId>, Error> {
    let (kind, parameters) = (kind(report)?, parameters.whole_milliseconds());
    if let Some(unit) = parameters.unit_id {
        identity::directory::existing_unit(tx, unit, "/unit_id")?;
    }
    policy::check_ask(tx.actor(), kind, parameters.unit_id)?;
    let who = For { person: tx.actor().require_person()?, name: tx.actor().name.clone(), plan: None };
    queue(tx, kind, parameters, log_size, who, |_| Ok(()))
}

fn queue(
    tx: &mut WriteTx<'_>,
    kind: &Kind,
    parameters: ReportParameters,
    log_size: Option<i64>,
    who: For,
    also: impl FnOnce(&mut Rows<'_>) -> Result<(), Error>,
) -> Result<Recorded<RunId>, Error> {
    let log_size = check(tx, kind, &parameters, log_size)?;
    let run = Run {
        id: RunId::new(),
        report: kind.key.to_owned(),
        plan_id: who.plan,
        parameters: RawJson::of(&parameters)?,
        unit_id: parameters.unit_id,
        log_size,
        state: ReportRunState::Queued,
        rows: None,
        content_hash: None,
        reason: None,
        requested_by: who.person,
        requested_by_name: who.name,
        requested_at: tx.now(),
        finished_at: None,
        version: 1,
    };
    let event = said("report.requested", &run)
        .created()
        .on_behalf_of(run.plan_id.map(|_| run.requested_by))
        .set("from", &parameters.from)
        .set("to", &parameters.to)
        .set("unit_id", &parameters.unit_id);
    tx.record(event, |rows| {
        store::insert_run(rows, &run)?;
        also(rows)?;
        Ok(run.id)
    })
}

/// What is told of a run.
fn said(action: &'static str, run: &Run) -> Event {
    let title = kinds::find(&run.report).map_or(run.report.as_str(), |kind| kind.title.0);
    Event::new(action, run.id, title).unit(run.unit_id).fact("report", &run.report).fact("log_size", run.log_size)
}

/// The content of a run, computed from the log.
pub fn compute(tx: &mut ReadTx<'_>, run: &Run) -> Result<Content, Error> {
    let kind = kinds::find(&run.report).ok_or_else(|| Error::internal(format!("no report {}", run.report)))?;
    let parameters = run.parameters()?;
    let mut source = Source::open(tx, run.log_size, parameters)?;
    let unit = parameters.unit_id.map(|unit| source.units().name(Some(unit)).to_owned());
    let table = (kind.make)(&mut source)?;
    let log_time = ledger::time(tx, run.log_size)?;
    Ok(Content { report: run.report.clone(), log_size: run.log_size, log_time, parameters, unit, table })
}

/// What is kept of a run.
pub struct Kept {
    rows: i64,
    hash: String,
    /// Compressed.
    bytes: Vec<u8>,
}

/// Makes ready what is kept; it may take a while, and no transaction waits for it.
pub fn pack(content: &Content) -> Result<Kept, Error> {
    let bytes = content.bytes()?;
    Ok(Kept {
        rows: i64::try_from(content.table.rows.len()).map_err(Error::internal)?,
        hash: sha256(&bytes),
        bytes: zstd::encode_all(bytes.as_slice(), COMPRESSION).map_err(Error::internal)?,
    })
}

/// A run is made: its content is kept, its hash is in the log.
fn finish(tx: &mut WriteTx<'_>, before: &Run, made: &Result<Kept, Error>) -> Result<Recorded<()>, Error> {
    let after = match made {
        Ok(kept) => Run { state: ReportRunState::Made, rows: Some(kept.rows), content_hash: Some(kept.hash.clone()), ..before.clone() },
        Err(error) => Run { state: ReportRunState::Failed, reason: Some(error.code().to_string()), ..before.clone() },
    };
    let after = Run { finished_at: Some(tx.now()), ..after };
    let event = match made {
        Ok(kept) => said("report.made", &after).fact("content_hash", &kept.hash).fact("rows", kept.rows),
        Err(error) => said("report.failed", &after).outcome(db::Outcome::Error, error.code().to_string()),
    };
    tx.record(event.step(before.version), |rows| {
        store::update_run(rows, &after, before.version)?;
        made.iter().try_for_each(|kept| store::keep(rows, after.id, &kept.bytes))?;
        // Who asked waits for it; whose plan asked does not know that it is there.
        if after.plan_id.is_some() {
            let title = kinds::find(&after.report).map_or(after.report.as_str(), |kind| kind.title.0);
            workflows::tell(rows, after.requested_by, Told::Report, title, &format!("/reports/{}", after.id))?;
        }
        Ok(())
    })
}

/// A run that the actor may see.
pub fn visible(tx: &mut ReadTx<'_>, id: RunId) -> Result<Run, Error> {
    let run = store::run(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if policy::can_see(tx.actor(), kinds::find(&run.report), run.unit_id) { Ok(run) } else { Err(Error::hidden(id)) }
}

/// The content of a run as it was made. What the hash in the log does not fit is not handed out.
pub fn content(tx: &mut ReadTx<'_>, run: &Run) -> Result<(Content, Vec<u8>), Error> {
    run.check_made()?;
    let kept = store::content(tx, run.id)?.ok_or_else(|| Error::internal(format!("the content of the report {} is gone", run.id)))?;
    let bytes = zstd::decode_all(kept.as_slice()).map_err(Error::internal)?;
    if Some(sha256(&bytes)) != run.content_hash {
        return Err(Error::new(Code::ReportAltered).about(run.id));
    }
    Ok((serde_json::from_slice(&bytes).map_err(Error::internal)?, bytes))
}

/// That somebody took a report with them, and the hash of the file.
pub fn downloaded(run: &Run, format: &str, file: &[u8]) -> Event {
    said("report.downloaded", run).fact("format", format).fact("file_hash", sha256(file))
}

/// The content goes; the run with its hash stays.
pub fn discard(tx: &mut WriteTx<'_>, id: RunId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_discard(tx.actor(), &before)?;
    let after = Run { state: ReportRunState::Discarded, ..before.clone() };
    let event = said("report.discarded", &before).step(before.version).change("state", &before.state, &after.state);
    tx.record(event, |rows| {
        store::update_run(rows, &after, expected)?;
        store::drop_content(rows, id)
    })
}
