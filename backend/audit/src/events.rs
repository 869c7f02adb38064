//! Server-sent events: changes as they happen, for the page.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, http::header};
use db::Database;
use futures_util::Stream;
use kernel::{Actor, Error};
use tokio::sync::mpsc;

use crate::{Feed, Visibilities, changes::visible_changes, store};

/// A comment line at least this often shows both ends that the other is alive; rights are looked at again as often.
const BEAT: Duration = Duration::from_secs(4);

/// Whether the caller may still listen; asked at each beat.
pub type StillWelcome = Box<dyn Fn() -> futures_util::future::LocalBoxFuture<'static, Result<Arc<Actor>, Error>>>;

/// The stream after a place in the log (from now on, if none is given).
pub async fn stream(
    db: Database,
    feed: Feed,
    visibilities: Visibilities,
    actor: Arc<Actor>,
    after: Option<i64>,
    still_welcome: StillWelcome,
) -> Result<HttpResponse, Error> {
    let from = match after {
        Some(index) => index.saturating_add(1).max(0),
        None => db.read(&actor, store::size).await?,
    };
    let (lines, stream) = mpsc::channel(16);
    actix_web::rt::spawn(async move {
        // Ends when the reader has gone, its session has ended, or the database is away; the page connects again.
        if let Err(error) = pump(&db, feed, &visibilities, actor, from, &still_welcome, &lines).await {
            tracing::debug!(%error, "an event stream ended");
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header(("x-accel-buffering", "no"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(Received(stream)))
}

async fn pump(
    db: &Database,
    mut feed: Feed,
    visibilities: &Visibilities,
    mut actor: Arc<Actor>,
    mut from: i64,
    still_welcome: &StillWelcome,
    lines: &mpsc::Sender<bytes::Bytes>,
) -> Result<(), Error> {
    let gone = |_| Error::internal("the reader has gone");
    lines.send(bytes::Bytes::from_static(b"retry: 2000\n\n")).await.map_err(gone)?;
    let mut asked = Instant::now();
    loop {
        let longer = tokio::time::timeout(BEAT, feed.beyond(from)).await;
        // Also while there is always something to tell.
        if asked.elapsed() >= BEAT {
            actor = still_welcome().await?;
            asked = Instant::now();
        }
        match longer {
            Ok(longer) => longer?,
            Err(_) => {
                lines.send(bytes::Bytes::from_static(b": here\n\n")).await.map_err(gone)?;
                continue;
            }
        }
        let visibilities = visibilities.clone();
        let changes = db.read(&actor, move |tx| visible_changes(tx, &visibilities, from, 500)).await?;
        from = changes.next;
        let mut text = String::new();
        for change in &changes.items {
            let data = serde_json::to_string(change).map_err(Error::internal)?;
            text.push_str(&format!("id: {}\nevent: change\ndata: {data}\n\n", change.index));
        }
        if !text.is_empty() {
            lines.send(bytes::Bytes::from(text)).await.map_err(gone)?;
        }
    }
}

/// The receiving end as the body of a response.
struct Received(mpsc::Receiver<bytes::Bytes>);

impl Stream for Received {
    type Item = Result<bytes::Bytes, Infallible>;
    fn poll_next(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|item| item.map(Ok))
    }
}
