//! What is done with a bucket.

use rusty_s3::Method;

use super::{
    super::{
        failure::{Failure, FailureCode},
        manifest::MANIFEST,
    },
    address::Bucket,
    request::{Incoming, Request, Store},
    upload::{Upload, put},
    xml::Element,
};

impl Bucket {
    /// Whether the bucket answers, and whether it can lock objects; nothing if this key may not know. Nothing is changed.
    pub fn examine(&self) -> Result<Option<bool>, Failure> {
        let store = Store::open(self)?;
        self.first(&store)?;
        self.can_lock(&store)
    }

    fn can_lock(&self, store: &Store) -> Result<Option<bool>, Failure> {
        match store.ask(&Request::new(Method::Get, "").query("object-lock", ""))? {
            Ok(answer) => {
                let text = answer.text().map_err(|error| Failure::new(FailureCode::Away, format!("{self}: {}", error.without_url())))?;
                Ok(Some(Element::parse(&text).is_some_and(|lock| lock.text("ObjectLockEnabled") == "Enabled")))
            }
            Err(refusal) if refusal.code == "ObjectLockConfigurationNotFoundError" => Ok(Some(false)),
            Err(refusal) if matches!(refusal.code.as_str(), "AccessDenied" | "NotImplemented") => Ok(None),
            Err(refusal) => Err(refusal.failure(&self.to_string())),
        }
    }

    /// The first key that there is.
    fn first(&self, store: &Store) -> Result<Option<String>, Failure> {
        let request = Request::new(Method::Get, "").query("list-type", "2").query("max-keys", "1").query("prefix", self.key(""));
        Ok(store.document(&request)?.all("Contents").next().map(|object| object.text("Key").to_owned()))
    }

    /// A place for a backup. Where the bucket cannot lock, a lock that is asked for is left out: a copy that could be deleted is better
    /// than none, and the deletion that is tried tells.
    pub fn make(&self, name: &str) -> Result<Self, Failure> {
        let (made, store) = (self.join(name), Store::open(self)?);
        if let Some(key) = made.first(&store)? {
            return Err(Failure::new(FailureCode::Failed, format!("{made}: there is {key} already")));
        }
        made.as_it_can()
    }

    /// Without a lock that is asked for where the bucket cannot lock.
    pub fn as_it_can(self) -> Result<Self, Failure> {
        if self.lock.is_some() && self.can_lock(&Store::open(&self)?)? == Some(false) {
            tracing::warn!(bucket = %self, "the bucket has no object lock: what is written can be deleted");
            return Ok(Self { lock: None, ..self });
        }
        Ok(self)
    }

    /// Whether no key begins as this one.
    pub fn is_empty(&self) -> Result<bool, Failure> {
        Ok(self.first(&Store::open(self)?)?.is_none())
    }

    /// A new object.
    pub fn upload(&self, file: &str) -> Result<Upload, Failure> {
        Ok(Upload::new(Store::open(self)?, self.key(file), self.lock))
    }

    /// The content of an object.
    pub fn download(&self, file: &str) -> Result<Incoming, Failure> {
        let answer = Store::open(self)?.demand(&Request::new(Method::Get, self.key(file)))?;
        Ok(Incoming::new(answer, self.join(file).to_string()))
    }

    /// The names under which there is a manifest, of those that begin so.
    pub fn backups(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let keys = self.keys(prefix, None)?;
        let inside = keys.iter().filter_map(|key| key.split_once('/'));
        Ok(inside.filter(|(_, file)| *file == MANIFEST).map(|(name, _)| name.to_owned()).collect())
    }

    /// The keys in it that begin so, and come after one if that is given.
    pub fn keys(&self, prefix: &str, after: Option<&str>) -> Result<Vec<String>, Failure> {
        let (store, own) = (Store::open(self)?, self.key(""));
        let (mut names, mut next) = (Vec::new(), None);
        loop {
            let mut request = Request::new(Method::Get, "").query("list-type", "2").query("prefix", format!("{own}{prefix}"));
            if let Some(after) = after {
                request = request.query("start-after", format!("{own}{after}"));
            }
            if let Some(token) = next {
                request = request.query("continuation-token", token);
            }
            let page = store.document(&request)?;
            names.extend(page.all("Contents").filter_map(|object| object.text("Key").strip_prefix(&own)).map(str::to_owned));
            match page.text("NextContinuationToken") {
                "" => return Ok(names),
                token => next = Some(token.to_owned()),
            }
        }
    }

    /// Removes every version of every object, the manifest first: what is removed in part is no backup.
    pub fn remove(&self) -> Result<(), Failure> {
        let store = Store::open(self)?;
        loop {
            let page = store.document(&Request::new(Method::Get, "").query("uploads", "").query("prefix", self.key("")))?;
            let begun: Vec<_> = page.all("Upload").map(|upload| (upload.text("Key"), upload.text("UploadId"))).collect();
            for (key, id) in &begun {
                store.demand(&Request::new(Method::Delete, *key).query("uploadId", (*id).to_owned()))?;
            }
            if begun.is_empty() || page.text("IsTruncated") != "true" {
                break;
            }
        }
        loop {
            let page = store.document(&Request::new(Method::Get, "").query("versions", "").query("prefix", self.key("")))?;
            let mut there: Vec<_> = page.all("Version").chain(page.all("DeleteMarker")).collect();
            let manifest = self.key(MANIFEST);
            there.sort_by_key(|version| version.text("Key") != manifest);
            for version in &there {
                let request = Request::new(Method::Delete, version.text("Key"));
                store.demand(&request.query("versionId", version.text("VersionId").to_owned()))?;
            }
            if there.is_empty() || page.text("IsTruncated") != "true" {
                return Ok(());
            }
        }
    }

    /// Whether a version that is written, and then deleted, stays. To delete without naming the version would only hide it, which every
    /// bucket with versions allows.
    pub fn is_locked(&self, probe: &str) -> Result<bool, Failure> {
        let (store, key) = (Store::open(self)?, self.key(probe));
        let answer = store.demand(&put(&key, Vec::new(), self.lock))?;
        let version = answer.headers().get("x-amz-version-id").and_then(|version| version.to_str().ok()).map(str::to_owned);
        let Some(version) = version else {
            // Without versions everything can be overwritten.
            store.demand(&Request::new(Method::Delete, key))?;
            return Ok(false);
        };
        match store.ask(&Request::new(Method::Delete, &*key).query("versionId", version.clone()))? {
            Ok(_) => Ok(false),
            Err(refusal) if refusal.is_of_a_lock() => {
                store.demand(&Request::new(Method::Head, key).query("versionId", version))?;
                Ok(true)
            }
            Err(refusal) => Err(refusal.failure(&self.join(probe).to_string())),
        }
    }
}
