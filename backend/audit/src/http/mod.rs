//! Handlers, requests, views.

pub mod checkpoints;
pub mod feed;
pub mod log;
pub mod ocel;
pub mod ocsf;
pub mod records;
pub mod tiles;

use std::sync::Arc;

use actix_web::HttpResponse;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use db::{Database, Event, ReadTx};
use kernel::{Actor, Error, Permission, Uuid};
use tokio::sync::mpsc;
use web::{ApiError, Call, Download, exports::Chunks};

use crate::{
    ledger::{self, Entry},
    store,
};

/// Standard Base 64.
pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Where the pieces of a download go.
type Pieces = mpsc::Sender<Result<Bytes, Error>>;

/// The log of one size, as somebody reads it who may read all of it.
struct Whole {
    db: Database,
    actor: Arc<Actor>,
    size: i64,
}

impl Whole {
    /// The next records from a place on; none at the end.
    async fn from(&self, from: i64) -> Result<Vec<Entry>, Error> {
        let size = self.size;
        self.db.read(&self.actor, move |tx| ledger::page(tx, &[], from, size)).await
    }
}

/// The log in another form, as a file; that it was taken is a record.
async fn whole_log<F: Future<Output = Result<(), Error>> + 'static>(
    call: &Call,
    format: &'static str,
    media_type: &'static str,
    ending: &'static str,
    write: impl Fn(Whole, Pieces) -> F + 'static,
) -> Result<Download, ApiError> {
    let read = |tx: &mut ReadTx<'_>| {
        tx.actor().demand(Permission::ReadRecords, None)?;
        store::size(tx)
    };
    let size = call.db().read(call.actor(), read).await?;
    let noted = Event::about("log.exported", "log", Uuid::nil(), format.to_uppercase()).fact("size", size).fact("format", format);
    call.db().note(call.actor(), noted).await?;
    let (pieces, body) = mpsc::channel(4);
    let log = Whole { db: call.db().clone(), actor: Arc::clone(call.actor()), size };
    actix_web::rt::spawn(async move {
        if let Err(error) = write(log, pieces.clone()).await {
            // The reader sees that it is cut off.
            tracing::warn!(%error, format, "an export broke off");
            drop(pieces.send(Err(error)).await);
        }
    });
    let date = call.db().clock().now().office_date();
    let response = HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(("content-disposition", format!("attachment; filename=\"log-{date}.{ending}\"")))
        .streaming(Chunks(body));
    Ok(Download(response))
}
