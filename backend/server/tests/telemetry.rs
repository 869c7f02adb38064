//! What the server says of itself: to a collector of traces, and on standard error.

// A panic is how a test fails.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

/// A collector that keeps what it is sent.
fn collector() -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let mut part = [0; 65_536];
                while let Ok(read) = stream.read(&mut part) {
                    if read == 0 {
                        return;
                    }
                    kept.lock().expect("what was sent").extend(&part[..read]);
                    drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"));
                }
            });
        }
    });
    (port, got)
}

struct Server {
    child: Child,
    address: String,
    folder: std::path::PathBuf,
}

impl Server {
    fn start(environment: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("zhidu-telemetry-{}", kernel::PersonId::new()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhidu"));
        command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).envs(environment.iter().copied());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let link = lines.find(|line| line.contains("http://")).expect("the link for the first administrator");
        let address = link.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
        std::thread::spawn(move || lines.count());
        Self { child, address, folder }
    }

    fn get(&self, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{header}\r\n", self.address).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Stops it in good order; what it said on standard error.
    fn stop(mut self) -> String {
        let id = i32::try_from(self.child.id()).expect("an id");
        let id = rustix::process::Pid::from_raw(id).expect("an id");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("told to stop");
        self.child.wait().expect("it ends");
        let mut said = String::new();
        self.child.stderr.take().expect("its errors").read_to_string(&mut said).expect("a text");
        drop(std::fs::remove_dir_all(&self.folder));
        said
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_request_is_a_trace_that_goes_on_where_its_caller_was() {
    let (port, got) = collector();
    let endpoint = format!("http://127.0.0.1:{port}");
    let server = Server::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("ZHIDU_LOG", "error")]);
    let trace = [0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18, 0x29, 0x3a, 0x4b, 0x5c, 0x6d, 0x7e, 0x8f, 0x90];
    let answer = server.get("/api/v1/tickets/secret-name", "traceparent: 00-a1b2c3d4e5f60718293a4b5c6d7e8f90-00f067aa0ba902b7-01\r\n");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(server.get("/healthz", "").starts_with("HTTP/1.1 200"));
    let begun = Instant::now();
    while !holds(&got.lock().expect("what was sent"), &trace) {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing came");
        std::thread::sleep(Duration::from_millis(50));
    }
    server.stop();
    let sent = got.lock().expect("what was sent");
    for part in ["POST /v1/traces ", "service.name", "GET /api/v1/tickets/{id}", "http.response.status_code", "request_id", "GET /healthz"]
    {
        assert!(holds(&sent, part.as_bytes()), "{part} is not in {}", String::from_utf8_lossy(&sent));
    }
    // The span of the caller is its parent; what was asked for is not told.
    assert!(holds(&sent, &[0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]));
    assert!(!holds(&sent, b"secret-name"));
}

#[test]
fn lines_are_json_where_that_is_wanted() {
    let server = Server::start(&[("ZHIDU_LOG_FORMAT", "json"), ("ZHIDU_LOG", "debug")]);
    let answer = server.get("/api/v1/me", "");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("the request has an id").to_owned();
    let said = server.stop();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} is no JSON"))).collect();
    assert!(lines.iter().any(|line| line["span"]["request_id"] == id.as_str()), "{said}");
}

#[test]
fn a_collector_that_cannot_be_spoken_to_is_refused_in_words() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhidu"));
    command.args(["serve", "--data-dir", "none", "--otlp-endpoint", "https://collector.example"]);
    let output = command.output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("by http:// only"), "{output:?}");
}
