//! One call of the API: the actor, and the one transaction of the request.

use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest};
use db::{Database, OnceKey, ReadTx, Recorded, Reply, WriteTx};
use kernel::{Actor, Code, Error};

use crate::{Answer, ApiError, NoContent, View, body::BodyHash};

/// Who calls, on which database, with which key.
pub struct Call {
    db: Database,
    actor: Arc<Actor>,
    request: HttpRequest,
}

impl Call {
    pub(crate) const fn new(db: Database, actor: Arc<Actor>, request: HttpRequest) -> Self {
        Self { db, actor, request }
    }

    /// Who calls.
    #[must_use]
    pub const fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// The database, for what is not one transaction: streams, notes.
    #[must_use]
    pub const fn db(&self) -> &Database {
        &self.db
    }

    /// The same call, whose write waits for others at this hot object.
    #[must_use]
    pub fn behind(&self, of: kernel::Uuid) -> Self {
        Self { db: self.db.behind(of), actor: Arc::clone(&self.actor), request: self.request.clone() }
    }

    /// The request, for headers and cookies.
    #[must_use]
    pub const fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Reads something and answers with it.
    pub async fn read<T: View>(
        &self,
        read: impl Fn(&mut ReadTx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T, 200>, ApiError> {
        let reply = self.db.read(&self.actor, move |tx| read(tx).and_then(|view| reply_of(200, &view))).await?;
        Ok(Answer::of(reply))
    }

    /// Makes something: 201.
    pub async fn create<T: View>(
        &self,
        change: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, Error> + Send + 'static,
    ) -> Result<Answer<T, 201>, ApiError> {
        self.write(201, change).await.map(Answer::of)
    }

    /// Changes something: 200.
    pub async fn change<T: View>(
        &self,
        change: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, Error> + Send + 'static,
    ) -> Result<Answer<T, 200>, ApiError> {
        self.write(200, change).await.map(Answer::of)
    }

    /// Does something that has nothing to show: 204.
    pub async fn done(
        &self,
        change: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<()>, Error> + Send + 'static,
    ) -> Result<NoContent, ApiError> {
        let change =
            move |tx: &mut WriteTx<'_>| Ok(change(tx)?.map(|()| Reply { status: 204, body: String::new(), version: None, secret: false }));
        match self.once()? {
            Some(once) => self.db.write_once(&self.actor, once, change).await.map(drop)?,
            None => self.db.write(&self.actor, change).await.map(drop)?,
        }
        Ok(NoContent)
    }

    async fn write<T: View>(
        &self,
        status: u16,
        change: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, Error> + Send + 'static,
    ) -> Result<Reply, ApiError> {
        // The answer is made inside the transaction, so that what is kept for a repetition is what was committed.
        let change = move |tx: &mut WriteTx<'_>| change(tx)?.and_then(|view| reply_of(status, &view));
        Ok(match self.once()? {
            Some(once) => self.db.write_once(&self.actor, once, change).await?,
            None => self.db.write(&self.actor, change).await?,
        })
    }

    /// The client's `Idempotency-Key`, on a POST.
    fn once(&self) -> Result<Option<OnceKey>, Error> {
        if self.request.method() != actix_web::http::Method::POST {
            return Ok(None);
        }
        let Some(key) = idempotency_key(&self.request)? else { return Ok(None) };
        let body_hash = self.request.extensions().get::<BodyHash>().map(|hash| hash.0.to_vec()).unwrap_or_default();
        let operation = format!("{} {}", self.request.method(), self.request.uri());
        Ok(Some(OnceKey { operation, key, body_hash }))
    }
}

/// The `Idempotency-Key` header: 1 to 64 visible ASCII characters.
pub(crate) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Error> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    key.map(|key| Some(key.to_owned())).ok_or_else(|| Error::new(Code::IdempotencyKeyInvalid))
}

fn reply_of<T: View>(status: u16, view: &T) -> Result<Reply, Error> {
    let body = serde_json::to_string(view).map_err(Error::internal)?;
    Ok(Reply { status, body, version: view.version(), secret: view.secret() })
}
