//! The server under test and its client.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use clap::Parser as _;
use db::testing::TestDatabase;
use identity::Hasher;
use kernel::Clock;
use reqwest::Method;
use serde_json::Value;
use server::{Application, Serve};

use crate::given::Person;

#[derive(clap::Parser)]
struct Flags {
    #[command(flatten)]
    serve: Serve,
}

/// A running server with a database of its own.
#[derive(Clone)]
pub struct TestApp {
    pub base: String,
    pub app: Application,
    pub clock: Clock,
    pub client: reqwest::Client,
    pub folder: PathBuf,
    pub database_url: String,
}

/// The document, once for all tests.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::to_value(server::document()).expect("the document is JSON"))
}

impl TestApp {
    /// Runs a test against a fresh server.
    pub fn run<F: Future<Output = ()>>(backend: db::Backend, body: impl FnOnce(Self) -> F) {
        Self::run_with(backend, &[], body);
    }

    /// Runs a test against a fresh server with more flags.
    pub fn run_with<F: Future<Output = ()>>(backend: db::Backend, flags: &[&str], body: impl FnOnce(Self) -> F) {
        actix_web::rt::System::new().block_on(async {
            let database = TestDatabase::create(backend).expect("a test database");
            let folder = std::env::temp_dir().join(format!("zhidu-data-{}", kernel::PersonId::new()));
            let (app, running) = Self::start(&database.url, folder, flags).await;
            let server = actix_web::rt::spawn(running.server);
            body(app.clone()).await;
            crate::invariants::check(&app.app.db, &app.app.office).await;
            running.handle.stop(false).await;
            drop(server.await);
            drop(std::fs::remove_dir_all(&app.folder));
        });
    }

    /// Another server with the folder of this one, its keys and files, on another database. Who asks for it stops it.
    pub async fn beside(&self, url: &str, flags: &[&str]) -> (Self, server::Running) {
        Self::start(url, self.folder.clone(), flags).await
    }

    /// Starts a server on these data, which outlive it.
    pub async fn start(url: &str, folder: PathBuf, more: &[&str]) -> (Self, server::Running) {
        let data = folder.display().to_string();
        let flags =
            ["zhidu", "--listen", "127.0.0.1:0", "--data-dir", &data, "--database-url", url, "--rate-limit", "0", "--connections", "4"];
        // Nobody here waits for a signature, and records are counted.
        let own = [["--log-checkpoint-seconds", "0"], ["--log-beat-seconds", "0"]];
        let flags = flags.into_iter().chain(own.into_iter().filter(|[flag, _]| !more.contains(flag)).flatten());
        let serve = Flags::parse_from(flags.chain(more.iter().copied())).serve;
        let clock = Clock::default();
        let app = Application::open(&serve, clock.clone(), Hasher::for_tests(), Duration::ZERO).await.expect("the application opens");
        let running = app.start().expect("the server starts");
        let client = reqwest::Client::builder().cookie_store(false).no_proxy().build().expect("a client");
        let test = Self { base: format!("http://{}", running.address), app, clock, client, folder, database_url: url.to_owned() };
        (test, running)
    }

    /// A request without a token.
    pub fn anonymous(&self) -> Caller<'_> {
        Caller { app: self, token: None }
    }

    /// Requests of a person.
    pub fn by<'a>(&'a self, person: &Person) -> Caller<'a> {
        Caller { app: self, token: Some(person.token.clone()) }
    }

    /// Requests with any bearer token.
    pub fn with_token(&self, token: &str) -> Caller<'_> {
        Caller { app: self, token: Some(token.to_owned()) }
    }
}

/// Somebody who makes requests.
pub struct Caller<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

impl Caller<'_> {
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }
    pub fn post(&self, path: &str, body: Value) -> Request {
        self.request(Method::POST, path).json(body)
    }
    pub fn patch(&self, path: &str, version: i64, body: Value) -> Request {
        self.request(Method::PATCH, path).if_match(version).json(body)
    }
    pub fn put(&self, path: &str, version: i64, body: Value) -> Request {
        self.request(Method::PUT, path).if_match(version).json(body)
    }
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }
    pub fn request(&self, method: Method, path: &str) -> Request {
        let url = format!("{}/api/v1{path}", self.app.base);
        let mut builder = self.app.client.request(method.clone(), url);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        Request { builder, method, path: path.to_owned() }
    }
}

/// One request being made.
pub struct Request {
    pub builder: reqwest::RequestBuilder,
    method: Method,
    path: String,
}

impl Request {
    pub fn json(mut self, body: Value) -> Self {
        self.builder = self.builder.json(&body);
        self
    }
    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }
    pub fn bytes(mut self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.builder = self.builder.header("content-type", media_type).body(bytes.into());
        self
    }
    pub async fn send(self) -> Reply {
        let response = self.builder.send().await.expect("the server answers");
        let status = response.status().as_u16();
        check_documented(&self.method, &self.path, status);
        let headers = response.headers().clone();
        let bytes = response.bytes().await.expect("a whole body").to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { request: format!("{} {}", self.method, self.path), status, headers, bytes, json }
    }
    /// Sends and demands success.
    pub async fn ok(self) -> Value {
        let reply = self.send().await;
        assert!((200..300).contains(&reply.status), "{}: {} {}", reply.request, reply.status, reply.json);
        reply.json
    }
    /// Sends and demands this refusal.
    pub async fn refused(self, status: u16, code: &str) -> Reply {
        let reply = self.send().await;
        reply.is_problem(status, code);
        reply
    }
}

/// What came back.
pub struct Reply {
    pub request: String,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

impl Reply {
    /// It is this problem document.
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}: {}", self.request, self.json);
        let media_type = self.headers["content-type"].to_str().unwrap_or_default();
        assert!(media_type.starts_with("application/problem+json"), "{}: {media_type}", self.request);
    }
    pub fn cookie(&self) -> Option<String> {
        let cookie = self.headers.get("set-cookie")?.to_str().ok()?;
        Some(cookie.split(';').next()?.to_owned())
    }
}

/// The template of a path in the document.
pub fn template_of(path: &str) -> Option<String> {
    let path = format!("/api/v1{}", path.split('?').next().unwrap_or(path));
    let wanted: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == wanted.len() && parts.iter().zip(&wanted).all(|(part, wanted)| part == wanted || part.starts_with('{'))
    };
    let paths = document()["paths"].as_object()?;
    paths.keys().filter(|template| fits(template)).min_by_key(|template| template.matches('{').count()).cloned()
}

/// A status that the document does not name is a bug of the document.
fn check_documented(method: &Method, path: &str, status: u16) {
    let Some(template) = template_of(path) else { return };
    let operation = &document()["paths"][&template][method.as_str().to_ascii_lowercase()];
    if operation.is_null() {
        assert_eq!(status, 405, "{method} {path}");
        return;
    }
    assert!(
        !operation["responses"][status.to_string()].is_null(),
        "{method} {template} answered {status}, which its document does not name"
    );
}
