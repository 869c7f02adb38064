//! The log as a whole: its state, and the package that is taken away.

use actix_web::{HttpResponse, web::Data};
use kernel::{Error, Permission, Ts, Uuid, may};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Download, Fine, Guard, View, exports::Chunks};

use super::base64;
use crate::{Backlog, Log, anchor, backlog, log, names::turn, package, store};

/// The log as it is now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogView {
    /// Which log: the name in its checkpoints.
    pub origin: String,
    /// The key with which its signatures are verified (C2SP signed note). Keep it where nobody here can change it.
    pub key: String,
    /// Records under the last checkpoint. Those that have come since are under the next one, seconds later.
    pub size: i64,
    /// The root of the tree (RFC 9162), in Base 64.
    pub root: String,
    /// Size and root, signed (C2SP tlog-checkpoint), also by witnesses that have seen it.
    pub checkpoint: String,
    /// When it was signed.
    pub signed_at: Ts,
    /// Records that wait for their place, which is a matter of a second.
    pub waiting: i64,
    /// For how many seconds the oldest of them has waited.
    pub waiting_seconds: i64,
    /// Who else is asked to sign, and what they have signed last.
    pub witnesses: Vec<WitnessView>,
    /// The names that the log has had, newest first.
    pub origins: Vec<OriginView>,
}
impl View for LogView {}

/// Somebody outside who has seen the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WitnessView {
    /// Its name.
    pub name: String,
    /// The key with which its signatures are verified (C2SP tlog-cosignature).
    pub key: String,
    /// How many records it has seen; null if it has not signed yet.
    #[schema(required)]
    pub size: Option<i64>,
    /// When its signature came in.
    #[schema(required)]
    pub seen_at: Option<Ts>,
}

/// Why the log got a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// It is the first.
    First,
    /// A year has begun. What the name before has signed last closes the year before, with every record that it had.
    Year,
    /// The database had gone back, or was another: records may be lost.
    Restore,
    /// Another key signs. Whether the one before has made it its successor, `vouched` says.
    Key,
}

/// A name under which the log was or is signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OriginView {
    /// The name in its checkpoints.
    pub name: String,
    /// Why the log got it.
    pub because: Naming,
    /// How many records there were when it was opened.
    pub since: i64,
    /// When.
    pub opened_at: Ts,
    /// The last checkpoint that is known of the name before.
    #[schema(required)]
    pub cites: Option<String>,
    /// That the key before has made this one its successor (C2SP signed notes): a heading, the old key, the new one.
    pub vouched: Vec<String>,
}

/// GET /log
pub async fn log(call: Guard<may::ReadRecords>, log: Data<Log>) -> Result<Fine<LogView>, ApiError> {
    call.read(move |tx| {
        let (kept, checkpoint) = log::checkpoint(tx)?;
        let origins = origin_views(store::origins(tx)?)?;
        let origin = anchor::parse(&kept.note).map_err(Error::internal)?.origin;
        let key = log.verifier(&origin)?.to_string();
        let Backlog { waiting, seconds: waiting_seconds } = backlog(tx)?;
        let (size, root, signed_at) = (kept.size, base64(&kept.root), kept.signed_at);
        let mut witnesses = Vec::new();
        for witness in log.witnesses() {
            let key = witness.to_string();
            let last = store::last_of(tx, &key)?;
            let (size, seen_at) = (last.as_ref().map(|last| last.size), last.map(|last| last.seen_at));
            witnesses.push(WitnessView { name: witness.name().to_owned(), key, size, seen_at });
        }
        Ok(LogView { origin, key, size, root, checkpoint, signed_at, waiting, waiting_seconds, witnesses, origins })
    })
    .await
}

/// Newest first. What a name is called says why: see [`crate::names`].
fn origin_views(origins: Vec<store::Origin>) -> Result<Vec<OriginView>, Error> {
    let mut before: Option<String> = None;
    let view = |origin: store::Origin| {
        let (log, turn) = turn(&origin.name);
        let because = match before.replace(log.to_owned()) {
            _ if turn.is_again() => Naming::Restore,
            None => Naming::First,
            Some(known) if known == log => Naming::Year,
            Some(_) => Naming::Key,
        };
        let vouched = origin.vouches()?;
        Ok(OriginView { name: origin.name, because, since: origin.since, opened_at: origin.opened_at, cites: origin.cites, vouched })
    };
    let mut views = origins.into_iter().map(view).collect::<Result<Vec<_>, Error>>()?;
    views.reverse();
    Ok(views)
}

/// GET /log/export
pub async fn package(call: Guard<may::ReadRecords>, log: Data<Log>) -> Result<Download, ApiError> {
    let (checkpoint, note) = call
        .db()
        .read(call.actor(), |tx| {
            tx.actor().demand(Permission::ReadRecords, None)?;
            package::under(tx)
        })
        .await?;
    let key = log.verifier(&checkpoint.origin)?.to_string();
    let noted = db::Event::about("log.exported", "log", Uuid::nil(), checkpoint.origin).fact("size", checkpoint.size);
    call.db().note(call.actor(), noted).await?;
    let pieces = package::stream(call.db(), call.actor(), &key, note);
    let name = format!("attachment; filename=\"log-{}.zip\"", call.db().clock().now().office_date());
    let response =
        HttpResponse::Ok().content_type("application/zip").insert_header(("content-disposition", name)).streaming(Chunks(pieces));
    Ok(Download(response))
}
