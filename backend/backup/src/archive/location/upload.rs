//! A file on its way into a bucket: in one piece if it is small, otherwise in parts, of which one is in memory.

use std::io::{self, Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use kernel::Clock;
use md5::{Digest as _, Md5};
use rusty_s3::Method;

use super::{
    super::failure::{Failure, FailureCode},
    Sink,
    address::{Lock, Mode},
    request::{Request, Store},
};

/// Stores take no smaller parts, but for the last.
const PART: usize = 8 << 20;
/// And no more than ten thousand of one object: so every thousand parts they grow, which makes room for 440 GiB in one object.
const GROWS: usize = 1_000;

/// An object that is being written.
pub struct Upload {
    store: Store,
    key: String,
    lock: Option<Lock>,
    buffer: Vec<u8>,
    id: Option<String>,
    tags: Vec<String>,
}

/// A request whose content the store compares with its MD5, which it demands where objects are locked.
fn sealed(request: Request, content: Vec<u8>) -> Request {
    request.header("content-md5", BASE64_STANDARD.encode(Md5::digest(&content))).body(content)
}

/// With the lock that the object gets.
pub fn locked(request: Request, lock: Option<Lock>) -> Request {
    let Some(lock) = lock else { return request };
    let until = Clock::default().now().plus_seconds(i64::from(lock.days) * 86_400);
    let mode = match lock.mode {
        Mode::Compliance => "COMPLIANCE",
        Mode::Governance => "GOVERNANCE",
    };
    let until = until.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    request.header("x-amz-object-lock-mode", mode).header("x-amz-object-lock-retain-until-date", until)
}

/// A small object, in one piece.
pub fn put(key: &str, content: Vec<u8>, lock: Option<Lock>) -> Request {
    sealed(locked(Request::new(Method::Put, key), lock), content)
}

impl Upload {
    /// Nothing is sent yet.
    pub fn new(store: Store, key: String, lock: Option<Lock>) -> Self {
        Self { store, key, lock, buffer: Vec::new(), id: None, tags: Vec::new() }
    }

    fn size(&self) -> usize {
        PART * (1 + self.tags.len() / GROWS)
    }

    /// Sends what there is as a part.
    fn part(&mut self) -> Result<(), Failure> {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => {
                let begun = self.store.document(&locked(Request::new(Method::Post, &*self.key).query("uploads", ""), self.lock))?;
                let id = begun.text("UploadId").to_owned();
                if id.is_empty() {
                    return Err(Failure::new(FailureCode::Failed, format!("{}: the store begins no upload in parts", self.key)));
                }
                self.id = Some(id.clone());
                id
            }
        };
        let number = (self.tags.len() + 1).to_string();
        let request = Request::new(Method::Put, &*self.key).query("partNumber", number).query("uploadId", id);
        let answer = self.store.demand(&sealed(request, std::mem::take(&mut self.buffer)))?;
        let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok());
        let tag = tag.ok_or_else(|| Failure::new(FailureCode::Failed, format!("{}: a part got no ETag", self.key)))?;
        self.tags.push(tag.to_owned());
        Ok(())
    }

    fn complete(&mut self) -> Result<(), Failure> {
        if self.id.is_none() {
            return self.store.demand(&put(&self.key, std::mem::take(&mut self.buffer), self.lock)).map(drop);
        }
        if !self.buffer.is_empty() {
            self.part()?;
        }
        let mut list = String::from("<CompleteMultipartUpload>");
        for (before, tag) in self.tags.iter().enumerate() {
            let (number, tag) = (before + 1, quick_xml::escape::escape(tag));
            list.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"));
        }
        list.push_str("</CompleteMultipartUpload>");
        let id = self.id.clone().unwrap_or_default();
        self.store.document(&Request::new(Method::Post, &*self.key).query("uploadId", id).body(Bytes::from(list)))?;
        self.id = None;
        Ok(())
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.size().saturating_sub(self.buffer.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        if self.buffer.len() >= self.size() {
            self.part()?;
        }
        Ok(taken.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Upload {
    fn done(mut self: Box<Self>) -> Result<(), Failure> {
        self.complete()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        if let Err(failure) = self.store.demand(&Request::new(Method::Delete, &*self.key).query("uploadId", id)) {
            tracing::warn!(%failure, "parts of an upload stay behind in the bucket");
        }
    }
}
