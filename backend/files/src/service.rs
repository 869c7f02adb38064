//! Uploading, attaching, delivering.

use std::{path::Path, sync::Arc};

use actix_web::{HttpResponse, http::header};
use db::{Database, Event, Housekeeping, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, kinds};
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as Key};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{
    kinds,
    store::{self, File},
};

kinds! {
    /// An uploaded file.
    FileKind, FileId = "file";
}

/// Uploads that one person may have waiting.
const WAITING: i64 = 50;
/// Seconds until an upload that nobody attached is forgotten.
const UNUSED_SECONDS: i64 = 24 * 3600;

/// Where contents lie, by their hash.
#[derive(Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// In a local folder.
    pub fn local(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
        Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?)))
    }

    fn key(sha256: &str) -> Key {
        Key::from(format!("{}/{sha256}", sha256.get(..2).unwrap_or("xx")))
    }

    async fn put(&self, sha256: &str, content: bytes::Bytes) -> Result<(), Error> {
        self.0.put(&Self::key(sha256), content.into()).await.map(drop).map_err(|error| Error::new(Code::Unavailable).because(error))
    }

    async fn get(&self, sha256: &str) -> Result<bytes::Bytes, Error> {
        let found = self.0.get(&Self::key(sha256)).await.map_err(|error| Error::new(Code::Unavailable).because(error))?;
        found.bytes().await.map_err(|error| Error::new(Code::Unavailable).because(error))
    }
}

/// A file as others show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachedFile {
    /// The file.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// What it is.
    pub media_type: String,
    /// Of the content, hexadecimal.
    pub sha256: String,
}
impl web::View for AttachedFile {}

impl From<File> for AttachedFile {
    fn from(file: File) -> Self {
        Self { id: file.id, name: file.name, size: file.size, media_type: file.media_type, sha256: file.sha256 }
    }
}

/// Stores the content; the row is written afterwards, so that no row lacks its content.
pub async fn keep(blobs: &Blobs, name: &str, content: bytes::Bytes) -> Result<File, Error> {
    kinds::check_name(name)?;
    let media_type = kinds::media_type(name, &content)?;
    let sha256 = kernel::hex(&Sha256::digest(&content));
    let size = i64::try_from(content.len()).map_err(Error::internal)?;
    blobs.put(&sha256, content).await?;
    Ok(File {
        id: FileId::new(),
        name: name.trim().to_owned(),
        media_type: media_type.to_owned(),
        size,
        sha256,
        uploaded_by: kernel::PersonId::new(),
        created_at: kernel::Ts::from_micros(0),
        attached_at: None,
        version: 1,
    })
}

/// The row of a kept file.
pub fn upload(tx: &mut WriteTx<'_>, kept: &File) -> Result<Recorded<AttachedFile>, Error> {
    let person = tx.actor().require_person()?;
    if store::waiting(tx, person)? >= WAITING {
        return Err(Error::new(Code::FileQuota).with("retry_after", 3600));
    }
    let file = File { id: FileId::new(), uploaded_by: person, created_at: tx.now(), ..kept.clone() };
    let event = Event::new("file.uploaded", file.id, file.name.clone())
        .created()
        .set("name", &file.name)
        .set("sha256", &file.sha256)
        .set("size", &file.size);
    tx.record(event, |rows| store::insert(rows, &file))?.and_then(|()| Ok(file.clone().into()))
}

/// Takes one of the actor's own uploads to attach it; `pointer` is the field that names it.
pub fn attach(tx: &mut WriteTx<'_>, id: FileId, pointer: &str) -> Result<AttachedFile, Error> {
    let unknown = || Error::invalid(pointer, Code::UnknownReference);
    let file = store::find(tx, id)?.ok_or_else(unknown)?;
    if !tx.actor().is(file.uploaded_by) || file.attached_at.is_some() {
        return Err(unknown());
    }
    let event = Event::new("file.attached", id, file.name.clone()).step(file.version);
    tx.record(event, |rows| store::attach(rows, id))?.into_inner();
    Ok(file.into())
}

/// One of the actor's own uploads.
pub fn own(tx: &mut ReadTx<'_>, id: FileId) -> Result<AttachedFile, Error> {
    let file = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if tx.actor().is(file.uploaded_by) { Ok(file.into()) } else { Err(Error::hidden(id)) }
}

/// A file that its owner has allowed to be read.
pub fn attached(tx: &mut ReadTx<'_>, id: FileId) -> Result<AttachedFile, Error> {
    store::find(tx, id)?.map(Into::into).ok_or_else(|| Error::absent(id))
}

/// The contents that there must be, by their SHA-256 (hexadecimal).
pub fn contents(tx: &mut ReadTx<'_>) -> Result<Vec<String>, Error> {
    store::contents(tx)
}

/// How many contents the database names, and which of them this folder has not, or in another size. Whether one is what it was is not
/// looked at: each backup hashes them. Fails if it cannot be seen whether one is there.
pub fn lost(tx: &mut ReadTx<'_>, folder: &Path) -> Result<(usize, Vec<String>), Error> {
    let named = store::sizes(tx)?;
    let mut lost = Vec::new();
    for (sha256, size) in &named {
        let path = folder.join(Blobs::key(sha256).as_ref());
        match std::fs::metadata(&path) {
            Ok(found) if i64::try_from(found.len()) == Ok(*size) => {}
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::internal(format!("{}: {error}", path.display())));
            }
            _ => lost.push(sha256.clone()),
        }
    }
    Ok((named.len(), lost))
}

/// The content as a download that no browser runs.
pub async fn deliver(blobs: &Blobs, file: &AttachedFile) -> Result<HttpResponse, Error> {
    let content = blobs.get(&file.sha256).await?;
    let encoded: String = file
        .name
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() || byte == b'.' { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, file.media_type.clone()))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"file\"; filename*=UTF-8''{encoded}")))
        .body(content))
}

/// Forgets uploads that nobody attached. Their contents stay: another row may have the same.
pub async fn forget_unused(db: &Database) -> Result<usize, Error> {
    db.housekeep(Housekeeping::OrphanedUploads, |rows| {
        let before = rows.now().plus_seconds(-UNUSED_SECONDS);
        store::forget_unused(rows, before)
    })
    .await
}
