//! Messages to other systems: signed, repeated until they are taken, never to places inside that nobody allowed.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use tests::{TestApp, given::text, json};

use crate::office::{bpmn, office, published, start};

const SEND: &str = "<b:serviceTask id=\"send\"><b:extensionElements><zhidu:action name=\"webhook.send\"><zhidu:input name=\"type\" value=\"&quot;purchase.approved&quot;\"/><zhidu:input name=\"data\" value=\"名称\"/></zhidu:action></b:extensionElements></b:serviceTask>";

/// A system that fails once and then takes what comes; what it got.
fn target() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { continue };
            stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a time-out");
            let (mut text, mut part) = (String::new(), [0_u8; 4096]);
            while !text.contains("}}") {
                match stream.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => text.push_str(&String::from_utf8_lossy(&part[..count])),
                }
            }
            kept.lock().expect("the list").push(text);
            let status = if number == 0 { "500 Internal Server Error" } else { "204 No Content" };
            drop(write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
        }
    });
    (port, got)
}

async fn sends(app: TestApp) {
    let office = office(&app).await;
    let (port, got) = target();
    let hook = json!({ "name": "门户", "url": format!("http://127.0.0.1:{port}/hook") });
    let made = app.by(&office.designer).post("/webhooks", hook).ok().await;
    assert!(text(&made["secret"]).starts_with("whsec_"));
    let process =
        published(&app, &office, "sends", &bpmn("", SEND, &[("start", "apply", ""), ("apply", "send", ""), ("send", "end", "")])).await;
    start(&app, &office.applicant, &process, json!({ "名称": "服务器" })).await;
    for _ in 0..100 {
        if got.lock().expect("the list").len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let got = got.lock().expect("the list").clone();
    assert_eq!(got.len(), 2, "it is repeated after a failure, and not after a success");
    let header = |message: &str, name: &str| {
        let line = message.lines().find_map(|line| line.split_once(':').filter(|(known, _)| known.eq_ignore_ascii_case(name)));
        line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    assert_eq!(header(&got[0], "webhook-id"), header(&got[1], "webhook-id"), "the same message has the same id");
    assert!(header(&got[1], "webhook-signature").starts_with("v1,"));
    assert!(got[1].contains("purchase.approved") && got[1].contains("服务器"));
    let mut shown = app.by(&office.designer).get("/webhooks").ok().await;
    for _ in 0..25 {
        if shown["items"][0]["deliveries"][0]["delivered_at"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        shown = app.by(&office.designer).get("/webhooks").ok().await;
    }
    let delivery = &shown["items"][0]["deliveries"][0];
    assert_eq!((delivery["attempts"].as_i64(), delivery["delivered_at"].is_string()), (Some(2), true), "{delivery}");
    assert!(shown["items"][0]["secret"].is_null(), "the secret is shown once");
}

async fn refuses(app: TestApp) {
    let office = office(&app).await;
    let (port, got) = target();
    let hook = json!({ "name": "内网", "url": format!("http://127.0.0.1:{port}/hook") });
    app.by(&office.designer).post("/webhooks", hook).ok().await;
    app.by(&office.designer).post("/webhooks", json!({ "name": "坏", "url": "ftp://example.org" })).refused(422, "request.invalid").await;
    let process =
        published(&app, &office, "inside", &bpmn("", SEND, &[("start", "apply", ""), ("apply", "send", ""), ("send", "end", "")])).await;
    start(&app, &office.applicant, &process, json!({ "名称": "探测" })).await;
    let mut reason = String::new();
    for _ in 0..50 {
        let shown = app.by(&office.designer).get("/webhooks").ok().await;
        reason = shown["items"][0]["deliveries"][0]["last_error"].as_str().unwrap_or_default().to_owned();
        if !reason.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(reason.contains("not in an allowed network"), "{reason}");
    assert!(got.lock().expect("the list").is_empty());
}

#[test]
fn a_message_is_signed_and_repeated_until_it_is_taken() {
    for backend in [db::Backend::Sqlite, db::Backend::Postgres] {
        TestApp::run_with(backend, &["--webhook-network", "127.0.0.0/8"], sends);
    }
}

#[test]
fn places_inside_are_not_reached() {
    for backend in [db::Backend::Sqlite, db::Backend::Postgres] {
        TestApp::run(backend, refuses);
    }
}
