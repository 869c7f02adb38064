//! The log goes on to others as it grows, and nothing is lost while they are away.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use tests::{TestApp, Value, given, given::text, json, on_both_databases, until};
use tokio::net::TcpSocket;

/// What a receiver does with a connection.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    /// Reads a little and breaks off.
    Rude,
    /// Reads everything and ends its side.
    Fine,
}

/// A receiver that can be made to misbehave.
#[derive(Clone)]
struct Receiver {
    mood: Arc<Mutex<Mood>>,
    /// Connections that were broken off.
    broken: Arc<Mutex<usize>>,
    /// What was read to its end.
    got: Arc<Mutex<Vec<u8>>>,
    /// The heads of requests.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn listen(listener: TcpListener, each: impl Fn(&Self, TcpStream) + Send + 'static) -> Self {
        let mood = Arc::new(Mutex::new(Mood::Rude));
        let receiver = Self { mood, broken: Arc::default(), got: Arc::default(), heads: Arc::default() };
        let own = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                each(&own, stream.expect("a connection"));
            }
        });
        receiver
    }

    fn syslog(listener: TcpListener) -> Self {
        Self::listen(listener, |own, mut stream| {
            let mut bytes = Vec::new();
            if *own.mood.lock().expect("a mood") == Mood::Rude {
                drop(stream.read(&mut [0; 10]));
                *own.broken.lock().expect("a count") += 1;
            } else if stream.read_to_end(&mut bytes).is_ok() {
                own.got.lock().expect("a list").extend(bytes);
            }
        })
    }

    /// Rude is 503 here.
    fn http(listener: TcpListener) -> Self {
        Self::listen(listener, |own, mut stream| {
            let mut text = Vec::new();
            let mut part = [0; 65_536];
            let (head, length) = loop {
                let read = stream.read(&mut part).expect("a request");
                text.extend(&part[..read]);
                if let Some(head) = text.windows(4).position(|four| four == b"\r\n\r\n") {
                    let words = String::from_utf8_lossy(&text[..head]).to_lowercase();
                    let length = words.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
                    let length = length.parse::<usize>().expect("a number");
                    own.heads.lock().expect("a list").push(words);
                    break (head + 4, length);
                }
            };
            while text.len() < head + length {
                let read = stream.read(&mut part).expect("a body");
                text.extend(&part[..read]);
            }
            let status = if *own.mood.lock().expect("a mood") == Mood::Rude {
                *own.broken.lock().expect("a count") += 1;
                "503 Service Unavailable"
            } else {
                own.got.lock().expect("a list").extend(&text[head..]);
                "202 Accepted"
            };
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").expect("an answer");
        })
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().expect("a mood") = mood;
    }
}

async fn standing(app: &TestApp, auditor: &tests::Person) -> Value {
    app.by(auditor).get("/log/receivers").ok().await["items"][0].clone()
}

/// The messages in octet-counted frames, each as its header and its event.
fn messages(bytes: &[u8]) -> Vec<(String, Value)> {
    let mut rest = bytes;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ').expect("a length");
        let length: usize = std::str::from_utf8(&rest[..space]).expect("digits").parse().expect("a length");
        let message = std::str::from_utf8(&rest[space + 1..=space + length]).expect("UTF-8");
        let (head, event) = message.split_once("] ").expect("structured data and a message");
        all.push((head.to_owned(), serde_json::from_str(event).expect("JSON")));
        rest = &rest[space + 1 + length..];
    }
    all
}

async fn outage(app: TestApp, held: TcpSocket, backend: db::Backend) {
    let port = held.local_addr().expect("an address").port();
    let company = given::company(&app).await;
    let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
    let more = ["--forward", &format!("siem=tcp://127.0.0.1:{port}")];
    // Another replica does not bring anything twice.
    let second = if backend == db::Backend::Postgres { Some(app.beside(&app.database_url, &more).await.1) } else { None };
    let second = second.map(|running| (running.handle, actix_web::rt::spawn(running.server)));

    until("a failure", async || standing(&app, &auditor).await["failing_since"].is_string()).await;
    let shown = standing(&app, &auditor).await;
    assert_eq!((&shown["name"], &shown["confirmed"]), (&json!("siem"), &json!(0)));
    crate::doctor::now(&app, &more).await.says("forwarding", server::doctor::Verdict::Warn, "siem has confirmed nothing since");
    assert!(shown["waiting"].as_i64() > Some(5) && text(&shown["failure"]).contains("refused"), "{shown}");

    // What breaks off in the middle has confirmed nothing, although it may have taken in what was sent.
    let listener = held.listen(128).and_then(tokio::net::TcpListener::into_std).expect("a listener");
    listener.set_nonblocking(false).expect("one that waits");
    let receiver = Receiver::syslog(listener);
    until("a second attempt", async || *receiver.broken.lock().expect("a count") >= 2).await;
    assert_eq!(standing(&app, &auditor).await["confirmed"], 0);

    // An outage of more than a minute is a record.
    app.clock.advance(61);
    until("a record", async || {
        app.by(&auditor).get("/records?action=log.forwarding_failed").ok().await["items"].as_array().is_some_and(|all| all.len() == 1)
    })
    .await;
    receiver.is(Mood::Fine);
    app.by(&company.admin).get("/log/receivers").refused(403, "forbidden").await;
    until("the end of the outage", async || {
        let records = app.by(&auditor).get("/records?action=log.forwarding_resumed").ok().await;
        let shown = standing(&app, &auditor).await;
        records["items"].as_array().is_some_and(|all| all.len() == 1) && shown["waiting"] == 0 && shown["failing_since"].is_null()
    })
    .await;

    // Everything from the first record on, once and in order.
    let got = messages(&receiver.got.lock().expect("a list"));
    let places: Vec<i64> = got.iter().map(|(_, event)| event["metadata"]["sequence"].as_i64().expect("a place")).collect();
    assert_eq!(places, (0..i64::try_from(places.len()).expect("a size")).collect::<Vec<_>>());
    let of = |action: &str| got.iter().find(|(_, event)| event["metadata"]["event_code"] == action).expect("such a record");
    let (head, event) = of("person.created");
    assert!(
        head.starts_with("<110>1 20") && head.ends_with(" zhidu - person.created [origin software=\"Zhidu\" swVersion=\"0.1.0\""),
        "{head}"
    );
    assert_eq!((&event["class_uid"], &event["activity_id"], &event["type_uid"]), (&json!(3001), &json!(1), &json!(300_101)));
    // The bytes of the record are there; what changed in which field is not.
    let id = text(&event["metadata"]["uid"]);
    let record = app.by(&auditor).get(&format!("/records/{id}")).ok().await;
    assert_eq!((&event["raw_data"], &event["user"]["name"]), (&record["canonical"], &record["subject"]["label"]));
    assert!(!record["changes"].as_array().expect("changes").is_empty() && !event.to_string().contains("\"old\""));
    let (head, event) = of("access.denied");
    assert!(head.starts_with("<108>1 "), "{head}");
    assert_eq!((&event["status"], &event["status_detail"]), (&json!("Failure"), &json!("forbidden")));
    let (_, event) = of("session.opened");
    assert_eq!((&event["class_uid"], &event["user"]["uid"]), (&json!(3002), &event["actor"]["user"]["uid"]));

    // A record that is just being brought there may stand between two looks.
    until("metrics without a backlog", async || {
        let metrics = app.client.get(format!("{}/metrics", app.base)).send().await.expect("an answer").text().await.expect("a text");
        metrics.contains("zhidu_forward_backlog{receiver=\"siem\"} 0\n") && metrics.contains("zhidu_forward_failing{receiver=\"siem\"} 0\n")
    })
    .await;
    until("a doctor who finds nothing left", async || {
        crate::doctor::now(&app, &more).await.has("forwarding", server::doctor::Verdict::Ok, "siem has confirmed all but 0 records")
    })
    .await;
    let found = crate::doctor::now(&app, &["--forward", "other=tcp://localhost", "--forward-authorization", "third=/none"]).await;
    found.says("forwarding", server::doctor::Verdict::Ok, "other is new");
    found.says("forwarding", server::doctor::Verdict::Warn, "third: there is no receiver");
    let found = crate::doctor::now(&app, &["--forward", "other=tcp://localhost", "--forward", "other=tcp://example"]).await;
    found.says("forwarding", server::doctor::Verdict::Wrong, "two receivers are called other");
    let found = crate::doctor::now(&app, &["--forward", "other=tls://localhost", "--forward-ca", "/none"]).await;
    found.says("forwarding", server::doctor::Verdict::Wrong, "other: /none");
    if let Some((handle, server)) = second {
        handle.stop(false).await;
        drop(server.await);
    }
}

#[test]
fn nothing_is_lost_while_a_syslog_receiver_is_away_or_breaks_off() {
    for backend in [db::Backend::Sqlite, db::Backend::Postgres] {
        // A port that nobody else gets, and at which nobody listens yet.
        let held = TcpSocket::new_v4().expect("a socket");
        held.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let named = format!("siem=tcp://{}", held.local_addr().expect("an address"));
        TestApp::run_with(backend, &["--forward", &named], |app| outage(app, held, backend));
    }
}

async fn refused(app: TestApp, listener: TcpListener) {
    let address = listener.local_addr().expect("an address");
    let receiver = Receiver::http(listener);
    let company = given::company(&app).await;
    let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
    until("a refusal", async || standing(&app, &auditor).await["failure"] == "503 Service Unavailable").await;
    assert_eq!(standing(&app, &auditor).await["address"], format!("http://{address}/in"));
    receiver.is(Mood::Fine);
    until("everything", async || standing(&app, &auditor).await["waiting"] == 0).await;
    let got = String::from_utf8(receiver.got.lock().expect("a list").clone()).expect("UTF-8");
    let places: Vec<Value> =
        got.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["metadata"]["sequence"].clone()).collect();
    assert_eq!(places, (0..places.len()).map(|place| json!(place)).collect::<Vec<_>>());
    for head in receiver.heads.lock().expect("a list").iter() {
        assert!(head.starts_with("post /in?key=1 ") && head.contains("application/x-ndjson"), "{head}");
        assert!(head.contains("authorization: splunk abc\r\n"), "{head}");
    }
}

#[test]
fn a_receiver_over_http_confirms_by_its_status() {
    for backend in [db::Backend::Sqlite, db::Backend::Postgres] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let file = std::env::temp_dir().join(format!("zhidu-authorization-{}", address.port()));
        std::fs::write(&file, "Splunk abc\n").expect("a file");
        let (named, told) = (format!("siem=http://{address}/in?key=1"), format!("siem={}", file.display()));
        TestApp::run_with(backend, &["--forward", &named, "--forward-authorization", &told], |app| refused(app, listener));
        std::fs::remove_file(file).expect("removed");
    }
}

on_both_databases! {
    async fn the_log_is_there_as_security_events_for_those_who_read_all_of_it(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        assert_eq!(app.by(&auditor).get("/log/receivers").ok().await["items"], json!([]));
        app.by(&company.admin).get("/log/receivers").refused(403, "forbidden").await;
        app.by(&company.admin).get("/log/ocsf").refused(403, "forbidden").await;
        until("a place for each", async || app.by(&auditor).get("/log").ok().await["waiting"] == 0).await;
        let file = app.by(&auditor).get("/log/ocsf").send().await;
        assert_eq!((file.status, &file.headers["content-type"]), (200, &"application/x-ndjson".parse().expect("a header")));
        let lines = String::from_utf8(file.bytes).expect("UTF-8");
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert!(events.len() > 10 && events.iter().zip(0..).all(|(event, place)| event["metadata"]["sequence"] == place));
        let taken = app.by(&auditor).get("/records?action=log.exported").ok().await;
        let taken = app.by(&auditor).get(&format!("/records/{}", text(&taken["items"][0]["id"]))).ok().await;
        assert_eq!((&taken["facts"]["format"], &taken["facts"]["size"]), (&json!("ocsf"), &json!(events.len().to_string())));
    }
}
