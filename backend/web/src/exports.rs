//! Lists as files, without a cap: read page by page, sent as they come.

use std::sync::Arc;

use actix_web::{HttpResponse, http::header};
use db::ReadTx;
use futures_util::Stream;
use kernel::{Cursor, Error, Page, PageRequest};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    ApiError, Call, Download,
    sheet::{Cell, Column, Workbook, csv_line},
};

kernel::text_enum! {
    /// The form of a download.
    pub enum Format {
        /// CSV, UTF-8 with BOM, as spreadsheets open it.
        Csv = "csv",
        /// A workbook.
        Xlsx = "xlsx",
        /// One JSON object for each line.
        Ndjson = "ndjson",
    }
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ndjson => "application/x-ndjson; charset=utf-8",
        }
    }
}

/// Rows of one database read.
const ROWS: i64 = 500;

/// One row: its cells, and the same as JSON.
pub type ExportRow = (Vec<Cell>, Value);

/// Streams a list. The first page is read before the answer starts, so that a refusal is still a problem document;
/// a failure later breaks the connection off, so that no cut file passes for a whole one.
pub async fn stream(
    call: &Call,
    format: Format,
    name: &str,
    columns: Vec<Column>,
    read: impl Fn(&mut ReadTx<'_>, &PageRequest) -> Result<Page<ExportRow>, Error> + Send + Sync + 'static,
) -> Result<Download, ApiError> {
    let (db, actor, read) = (call.db().clone(), Arc::clone(call.actor()), Arc::new(read));
    let load = move |after: Option<Cursor>| {
        let (db, actor, read) = (db.clone(), Arc::clone(&actor), Arc::clone(&read));
        async move {
            let page = PageRequest { limit: ROWS, after };
            db.read(&actor, move |tx| read(tx, &page)).await
        }
    };
    let first = load(None).await?;
    let (chunks, body) = mpsc::channel(4);
    actix_web::rt::spawn(async move {
        if let Err(error) = send(format, columns, first, load, &chunks).await {
            tracing::warn!(%error, "an export broke off");
            drop(chunks.send(Err(error)).await);
        }
    });
    let file = format!("attachment; filename=\"{name}-{}.{format}\"", call.db().clock().now().office_date());
    Ok(Download(
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, format.media_type()))
            .insert_header((header::CONTENT_DISPOSITION, file))
            .streaming(Chunks(body)),
    ))
}

async fn send<F: Future<Output = Result<Page<ExportRow>, Error>>>(
    format: Format,
    columns: Vec<Column>,
    first: Page<ExportRow>,
    load: impl Fn(Option<Cursor>) -> F,
    chunks: &mpsc::Sender<Result<bytes::Bytes, Error>>,
) -> Result<(), Error> {
    let gone = |_| Error::internal("the reader has gone");
    let mut book = (format == Format::Xlsx).then(|| Workbook::new(columns.clone()));
    if format == Format::Csv {
        let titles: Vec<Cell> = columns.iter().map(|column| Cell::Text(column.title.clone())).collect();
        let head = [&b"\xef\xbb\xbf"[..], &csv_line(&titles)?].concat();
        chunks.send(Ok(head.into())).await.map_err(gone)?;
    }
    let mut page = first;
    loop {
        let mut bytes = Vec::new();
        for (cells, json) in &page.items {
            match (&mut book, format) {
                (Some(book), _) => book.add(cells)?,
                (None, Format::Ndjson) => {
                    serde_json::to_writer(&mut bytes, json).map_err(Error::internal)?;
                    bytes.push(b'\n');
                }
                (None, _) => bytes.extend(csv_line(cells)?),
            }
        }
        if !bytes.is_empty() {
            chunks.send(Ok(bytes.into())).await.map_err(gone)?;
        }
        match page.next_cursor {
            Some(next) => page = load(Some(Cursor::decode(&next)?)).await?,
            None => break,
        }
    }
    if let Some(book) = book {
        let file = tokio::task::spawn_blocking(move || book.finish()).await.map_err(Error::internal)??;
        chunks.send(Ok(file.into())).await.map_err(gone)?;
    }
    Ok(())
}

/// A file as it is made, as the body of an answer.
pub struct Chunks(pub mpsc::Receiver<Result<bytes::Bytes, Error>>);

impl Stream for Chunks {
    type Item = Result<bytes::Bytes, Error>;
    fn poll_next(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
