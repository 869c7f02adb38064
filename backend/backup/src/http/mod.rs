//! Handlers, request and response types.

pub mod archiving;
pub mod keeping;
pub mod plans;
mod views;

use std::io::{self, Write};

use actix_web::{HttpResponse, http::header, web::Data};
use futures_util::stream;
use kernel::{Code, Error, Page, may};
use serde::Deserialize;
use tokio::sync::mpsc::{Sender, channel};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Download, Fine, Guard, Path, Query, page_of};

use crate::{
    archive::{Location, MANIFEST, Manifest, read_manifest},
    keeper::{Keeper, known, place_of},
    model::{BackupId, BackupState, DrillResult, PlanId},
    policy, service,
    store::{self, Filter},
};

use views::BackupView;

/// What is added is in use, unless somebody says otherwise.
const fn yes() -> bool {
    true
}

/// Which backups.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BackupQuery {
    /// Of this plan.
    plan_id: Option<PlanId>,
    /// In this state.
    state: Option<BackupState>,
    /// Whose last restore drill ended so.
    drill: Option<DrillResult>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// GET /backups
pub async fn list(call: Guard<may::ReadBackups>, query: Query<BackupQuery>) -> Result<Fine<Page<BackupView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    let filter = Filter { plan: query.plan_id, state: query.state, drill: query.drill };
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        let rows = page.page(store::backups(tx, &filter, &page)?, |row| (row.started_at, row.id));
        Ok(Page { items: views::backups(tx, &rows.items)?, next_cursor: rows.next_cursor })
    })
    .await
}

/// GET /backups/{id}
pub async fn show(call: Guard<may::ReadBackups>, id: Path<BackupId>) -> Result<Fine<BackupView>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        views::backup(tx, id)
    })
    .await
}

/// POST /backups/{id}/drill
pub async fn drill(call: Guard<may::ManageBackups>, id: Path<BackupId>) -> Result<Fine<BackupView>, ApiError> {
    let id = *id;
    call.change(move |tx| service::request_drill(tx, id)?.and_then(|()| views::backup(tx, id))).await
}

/// GET /backups/{id}/download: as a tar file, whose manifest comes last.
pub async fn download(call: Guard<may::ManageBackups>, keeper: Data<Keeper>, id: Path<BackupId>) -> Result<Download, ApiError> {
    let id = *id;
    let found = call.db().read(call.actor(), move |tx| {
        let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
        let plan = store::plan(tx, row.plan_id)?.ok_or_else(|| Error::absent(row.plan_id))?;
        policy::check_download(tx.actor(), &plan, &row)?;
        Ok((row, plan))
    });
    let (row, plan) = found.await?;
    let gone = || Error::new(Code::BackupNotThere);
    let at = place_of(&keeper, &row).ok_or_else(gone)?;
    let manifest = tokio::task::spawn_blocking({
        let (at, row) = (at.clone(), row.clone());
        // What was recorded is that it was whole and signed then; the key that signs may be another one since.
        move || known(&at, &row).and_then(|()| Manifest::open(&at, &[]))
    });
    let manifest = manifest.await.map_err(Error::internal)?.map_err(|failure| gone().because(failure))?;
    call.db().note(call.actor(), service::downloaded(&row, &plan)).await?;
    let (sender, receiver) = channel(4);
    let disposition = format!("attachment; filename=\"{}.tar\"", at.name());
    tokio::task::spawn_blocking(move || {
        let end = sender.clone();
        if let Err(error) = send(sender, &at, &manifest) {
            // The client sees that it is cut off.
            drop(end.blocking_send(Err(error)));
        }
    });
    let body = stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|piece| (piece, receiver)) });
    Ok(Download(
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/x-tar"))
            .insert_header((header::CONTENT_DISPOSITION, disposition))
            .streaming(body),
    ))
}

type Piece = io::Result<bytes::Bytes>;

/// Writes into a channel.
struct Pipe(Sender<Piece>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(bytes::Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn send(sender: Sender<Piece>, at: &Location, manifest: &Manifest) -> io::Result<()> {
    let mut tar = tar::Builder::new(io::BufWriter::with_capacity(1 << 16, Pipe(sender)));
    let mut append = |file: &str, size: u64, content: &mut dyn io::Read| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(u64::try_from(manifest.taken_at.millis() / 1_000).unwrap_or_default());
        header.set_size(size);
        tar.append_data(&mut header, format!("{}/{file}", at.name()), content)
    };
    for object in &manifest.objects {
        append(&object.file, object.stored_size, &mut at.open(&object.file)?)?;
    }
    let note = read_manifest(at)?;
    append(MANIFEST, note.len() as u64, &mut note.as_slice())?;
    tar.into_inner()?.flush()
}
