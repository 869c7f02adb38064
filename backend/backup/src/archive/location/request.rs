//! Requests to a store: signed, sent, repeated where that may help; and what a refusal means.

use std::{borrow::Cow, env, fs, io, thread, time::Duration};

use bytes::Bytes;
use kernel::Clock;
use reqwest::blocking::{Client, Response};
use rusty_s3::{Credentials, Map, Method, signing::sign};

use super::{
    super::failure::{Failure, FailureCode},
    address::{Access, Bucket},
    xml::Element,
};

/// How long a store may take for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may take for an answer, which a part on a slow line has to be sent for, and between two pieces of what it sends.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a signature holds. It is made anew for each attempt.
const HOLDS: u64 = 900;
/// How long is waited before it is asked again: a store that is busy for some seconds must not cost a night's backup.
const PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// One request.
pub struct Request {
    method: Method,
    key: String,
    query: Map<'static>,
    headers: Map<'static>,
    body: Bytes,
}

impl Request {
    /// About an object; about the bucket itself if the key is empty.
    pub fn new(method: Method, key: impl Into<String>) -> Self {
        Self { method, key: key.into(), query: Map::new(), headers: Map::new(), body: Bytes::new() }
    }

    /// With something after the question mark.
    pub fn query(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.query.insert(name, value);
        self
    }

    /// With a header, by its name in small letters. It is signed.
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// With a body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

/// Why a store does not do what it was asked.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    /// As the store calls it; empty if it says nothing.
    pub code: String,
    message: String,
}

impl Refusal {
    /// From the body of an answer.
    fn read(status: u16, body: &str) -> Self {
        let error = Element::parse(body).filter(|root| root.name == "Error").unwrap_or_default();
        Self { status, code: error.text("Code").to_owned(), message: error.text("Message").to_owned() }
    }

    /// Whether something was not deleted because it is locked, or because this key may delete nothing. Stores name it in four ways.
    pub fn is_of_a_lock(&self) -> bool {
        match self.code.as_str() {
            "AccessDenied" | "ObjectLocked" | "FileImmutable" => true,
            "InvalidRequest" => self.message.contains("WORM"),
            _ => false,
        }
    }

    fn failure_code(&self) -> FailureCode {
        match (self.code.as_str(), self.status) {
            ("NoSuchBucket", _) => FailureCode::NoBucket,
            ("NoSuchKey" | "NoSuchVersion", _) => FailureCode::Gone,
            ("QuotaExceeded" | "XMinioStorageFull" | "InsufficientStorage" | "StorageFull", _) | (_, 507) => FailureCode::DiskFull,
            (_, 401 | 403) => FailureCode::Refused,
            (_, 404) => FailureCode::Gone,
            (_, 429 | 500..) => FailureCode::Away,
            _ => FailureCode::Failed,
        }
    }

    /// For who has to mend it.
    pub fn failure(&self, about: &str) -> Failure {
        let said = [self.code.as_str(), self.message.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
        let said = if said.is_empty() { format!("the store answered {}", self.status) } else { said };
        Failure::new(self.failure_code(), format!("{about}: {said}"))
    }
}

/// A bucket that can be spoken to.
pub struct Store {
    bucket: Bucket,
    client: Client,
    credentials: Credentials,
}

impl Store {
    /// Reads the access key, each time anew: one that was changed holds at once.
    pub fn open(bucket: &Bucket) -> Result<Self, Failure> {
        let Access { credentials, ca } = &bucket.access;
        let credentials = match credentials {
            None => Credentials::from_env().ok_or_else(|| {
                Failure::new(FailureCode::Refused, format!("{bucket}: no access key was named, and AWS_ACCESS_KEY_ID is not set"))
            })?,
            Some(file) => {
                let refused = |why: &dyn std::fmt::Display| Failure::new(FailureCode::Refused, format!("{}: {why}", file.display()));
                let text = fs::read_to_string(file).map_err(|error| refused(&error))?;
                read_key(&text).ok_or_else(|| refused(&"expected the lines aws_access_key_id = … and aws_secret_access_key = …"))?
            }
        };
        let mut client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .user_agent(concat!("zhidu/", env!("CARGO_PKG_VERSION")));
        if let Some(ca) = ca {
            let failed = |error: &dyn std::fmt::Display| Failure::new(FailureCode::Failed, format!("{}: {error}", ca.display()));
            let pem = fs::read(ca).map_err(|error| failed(&error))?;
            for certificate in reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| failed(&error))? {
                client = client.add_root_certificate(certificate);
            }
        }
        let client = client.build().map_err(|error| Failure::new(FailureCode::Failed, why(error)))?;
        Ok(Self { bucket: bucket.clone(), client, credentials })
    }

    /// What is asked about, for people.
    fn about(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket.at.name())
    }

    /// What the store answers, or why it refuses.
    pub fn ask(&self, request: &Request) -> Result<Result<Response, Refusal>, Failure> {
        let mut pauses = PAUSES.iter();
        loop {
            let answer = self.once(request)?;
            let status = answer.status().as_u16();
            if answer.status().is_success() {
                return Ok(Ok(answer));
            }
            match pauses.next().filter(|_| matches!(status, 429 | 500 | 502..=504)) {
                Some(pause) => thread::sleep(*pause),
                None => return Ok(Err(Refusal::read(status, &self.text(request, answer)?))),
            }
        }
    }

    /// The same, where a refusal is a failure.
    pub fn demand(&self, request: &Request) -> Result<Response, Failure> {
        self.ask(request)?.map_err(|refusal| refusal.failure(&self.about(&request.key)))
    }

    /// What the store answers as a document.
    pub fn document(&self, request: &Request) -> Result<Element, Failure> {
        let answer = self.demand(request)?;
        let status = answer.status().as_u16();
        let text = self.text(request, answer)?;
        let document = Element::parse(&text)
            .ok_or_else(|| Failure::new(FailureCode::Failed, format!("{}: the store answers what is no XML", self.about(&request.key))))?;
        // What takes long is answered with 200 before it is done.
        if document.name == "Error" { Err(Refusal::read(status, &text).failure(&self.about(&request.key))) } else { Ok(document) }
    }

    fn text(&self, request: &Request, answer: Response) -> Result<String, Failure> {
        answer.text().map_err(|error| self.away(&request.key, error))
    }

    fn away(&self, key: &str, error: reqwest::Error) -> Failure {
        Failure::new(FailureCode::Away, format!("{}: {}", self.about(key), why(error)))
    }

    fn once(&self, request: &Request) -> Result<Response, Failure> {
        let now = jiff02::Timestamp::from_microsecond(Clock::default().now().micros())
            .map_err(|error| Failure::new(FailureCode::Failed, error.to_string()))?;
        let (at, key) = (&self.bucket.at, &self.credentials);
        let (query, headers) = (request.query.iter(), request.headers.iter());
        let url = at.object_url(&request.key);
        let url = sign(&now, request.method, url, key.key(), key.secret(), key.token(), at.region(), HOLDS, query, headers);
        let method = match request.method {
            Method::Head => reqwest::Method::HEAD,
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.client.request(method, url).body(request.body.clone());
        for (name, value) in request.headers.iter() {
            builder = builder.header(name, value);
        }
        builder.send().map_err(|error| self.away(&request.key, error))
    }
}

/// Why not, for people. The address is left out, since the signature stands in it; the last cause says most.
fn why(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut last: &dyn std::error::Error = &error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// An access key as files and environments hold it: `aws_access_key_id = …`, `AWS_SECRET_ACCESS_KEY=…`.
fn read_key(text: &str) -> Option<Credentials> {
    let of = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let mut named = lines.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned());
        named.next().filter(|value| !value.is_empty())
    };
    let (key, secret) = (of("aws_access_key_id")?, of("aws_secret_access_key")?);
    Some(match of("aws_session_token") {
        None => Credentials::new(key, secret),
        Some(token) => Credentials::new_with_token(key, secret, token),
    })
}

/// The content of an object on its way here.
pub struct Incoming {
    answer: Response,
    about: String,
}

impl Incoming {
    /// What a store has begun to answer.
    pub fn new(answer: Response, about: String) -> Self {
        Self { answer, about }
    }
}

impl io::Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let cut_off = |error| Failure::new(FailureCode::Away, format!("{}: the store was cut off: {error}", self.about));
        self.answer.read(buffer).map_err(|error| cut_off(error).into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_is_read_from_what_tools_write() {
        let read = |text: &str| read_key(text).map(|key| (key.key().to_owned(), key.secret().to_owned(), key.token().map(str::to_owned)));
        let expected = |token: Option<&str>| Some(("AK".to_owned(), "a/b+c=".to_owned(), token.map(str::to_owned)));
        assert_eq!(read("[default]\naws_access_key_id = AK\naws_secret_access_key = a/b+c=\n"), expected(None));
        assert_eq!(read("AWS_ACCESS_KEY_ID=AK\nAWS_SECRET_ACCESS_KEY=a/b+c=\nAWS_SESSION_TOKEN=T"), expected(Some("T")));
        for wrong in ["", "AK", "aws_access_key_id = AK", "aws_access_key_id =\naws_secret_access_key = s"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_to_be_mended() {
        let body = |code: &str| format!("<Error><Code>{code}</Code><Message>Words.</Message></Error>");
        for (status, code, expected) in [
            (403, "InvalidAccessKeyId", FailureCode::Refused),
            (403, "SignatureDoesNotMatch", FailureCode::Refused),
            (404, "NoSuchBucket", FailureCode::NoBucket),
            (404, "NoSuchKey", FailureCode::Gone),
            (400, "QuotaExceeded", FailureCode::DiskFull),
            (507, "XMinioStorageFull", FailureCode::DiskFull),
            (503, "SlowDown", FailureCode::Away),
            (400, "InvalidRequest", FailureCode::Failed),
        ] {
            let failure = Refusal::read(status, &body(code)).failure("s3://b/a");
            assert_eq!((failure.code, failure.text.as_str()), (expected, format!("s3://b/a: {code}: Words.").as_str()));
        }
        let nothing = Refusal::read(404, "").failure("s3://b/a");
        assert_eq!((nothing.code, nothing.text.as_str()), (FailureCode::Gone, "s3://b/a: the store answered 404"));
        assert!(Refusal::read(403, &body("AccessDenied")).is_of_a_lock());
        // That the key is wrong says nothing about a lock.
        assert!(!Refusal::read(403, &body("InvalidAccessKeyId")).is_of_a_lock());
        let of_minio = "<Error><Code>InvalidRequest</Code><Message>Object is WORM protected and cannot be overwritten</Message></Error>";
        assert!(Refusal::read(400, of_minio).is_of_a_lock() && !Refusal::read(400, &body("InvalidRequest")).is_of_a_lock());
    }
}
