//! The product, started for a measurement.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::Outcome;

const PASSWORD: &str = "Bench-Of-2026-plum!";

/// A running server with one administrator and a desk worker who sees everything.
pub struct Product {
    child: Child,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// Access token of the desk worker.
    pub token: String,
    /// From the start of the process to its first answer.
    pub started_in: Duration,
    client: Client,
}

impl Drop for Product {
    fn drop(&mut self) {
        // Gone already is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Product {
    /// Starts the release binary on an empty database.
    pub async fn start(program: &str, url: &str, folder: &Path) -> Outcome<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--rate-limit", "0", "--listen", &format!("127.0.0.1:{port}"), "--database-url", url, "--data-dir"])
            .arg(folder)
            .env("ZHIDU_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}; build it with `cargo build --release`"))?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let link =
            lines.find_map(|line| Some(line.ok()?.split_once("setup?token=")?.1.trim().to_owned())).ok_or("the server did not start")?;
        let client = Client::new();
        client.get(format!("{base}/api/v1/auth/setup")).send().await?;
        let mut product = Self { child, base, token: String::new(), started_in: begun.elapsed(), client };
        let body = json!({ "token": link, "company": "远山集团", "name": "陈立", "login": "admin", "password": PASSWORD });
        let admin = text(&product.call(Method::POST, "/auth/setup", None, body).await?, "access_token")?;
        let company =
            text(product.call(Method::GET, "/org-units", Some(&admin), Value::Null).await?.pointer("/items/0").ok_or("no company")?, "id")?;
        let (security, first) = product.person(&admin, &company, "security").await?;
        product.assign(&admin, &first, "security_administrator").await?;
        let (desk, second) = product.person(&admin, &company, "desk").await?;
        product.assign(&security, &second, "service_desk").await?;
        let scopes = json!(["tickets.read", "tickets.report", "tickets.handle"]);
        let made = json!({ "name": "bench", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z" });
        product.token = text(&product.call(Method::POST, "/me/tokens", Some(&desk), made).await?, "token")?;
        Ok(product)
    }

    /// One call; anything but success ends the measurement.
    pub async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Value) -> Outcome<Value> {
        self.conditional(method, path, token, body, None).await
    }

    async fn conditional(&self, method: Method, path: &str, token: Option<&str>, body: Value, version: Option<i64>) -> Outcome<Value> {
        let mut request = self.client.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let value: Value = serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null);
        if status.is_success() { Ok(value) } else { Err(format!("{path}: {status} {value}").into()) }
    }

    /// A new employee: access token and id.
    async fn person(&self, admin: &str, unit: &str, login: &str) -> Outcome<(String, String)> {
        let made = self
            .call(Method::POST, "/people", Some(admin), json!({ "name": login, "login": login, "unit_id": unit, "title": "岗位" }))
            .await?;
        let initial = text(&made, "initial_password")?;
        let session = self.call(Method::POST, "/auth/login", None, json!({ "login": login, "password": initial })).await?;
        let body = json!({ "current_password": initial, "new_password": PASSWORD });
        let session = self.call(Method::POST, "/auth/password", Some(&text(&session, "access_token")?), body).await?;
        let id = text(made.get("person").ok_or("no person")?, "id")?;
        Ok((text(&session, "access_token")?, id))
    }

    async fn assign(&self, by: &str, person: &str, role: &str) -> Outcome {
        let roles = self.call(Method::GET, "/roles", Some(by), Value::Null).await?;
        let items = roles.get("items").and_then(Value::as_array).ok_or("no roles")?;
        let id = items.iter().find(|one| one.get("code").and_then(Value::as_str) == Some(role)).ok_or("no such role")?;
        let version =
            self.call(Method::GET, &format!("/people/{person}"), Some(by), Value::Null).await?.get("version").and_then(Value::as_i64);
        let body = json!({ "role_id": id.get("id"), "scope": "all" });
        self.conditional(Method::POST, &format!("/people/{person}/roles"), Some(by), body, version).await.map(drop)
    }

    /// Seconds of processor time so far.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Ok((ticks(11) + ticks(12)) / 100.0)
    }

    /// Resident memory in MB.
    pub fn resident_mb(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.split_whitespace().next().unwrap_or("0").parse::<f64>()? / 1024.0)
    }
}

/// A text field.
pub fn text(value: &Value, name: &str) -> Outcome<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("no {name} in {value}").into())
}
