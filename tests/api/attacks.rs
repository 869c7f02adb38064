//! What an attacker would try from outside, by the numbers of OWASP ASVS 5.0.

use reqwest::Method;
use tests::{given, given::text, json, on_both_databases};

/// RFC 4648 section 5, without padding.
fn base64url(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut coded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        coded.extend((0..=chunk.len()).map(|place| char::from(ALPHABET[bits >> (18 - 6 * place) & 63])));
    }
    coded
}

on_both_databases! {
    // 9.1.1, 9.1.2, 9.1.3, 9.2.1, 9.2.2
    async fn a_forged_access_token_opens_nothing(app: TestApp) {
        let company = given::company(&app).await;
        let good = company.admin.token.clone();
        let parts: Vec<&str> = good.split('.').collect();
        let with_header = |header: serde_json::Value| format!("{}.{}.{}", base64url(&header.to_string()), parts[1], parts[2]);
        let mut forged = vec![
            format!("{}.{}.", base64url(&json!({ "alg": "none", "typ": "at+jwt" }).to_string()), parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}.{}", parts[0], parts[1], &parts[2][..parts[2].len() - 2]),
        ];
        for (name, value) in [("kid", "../../../dev/null"), ("kid", ""), ("jku", "http://evil.example/keys"), ("x5u", "http://evil.example/c")] {
            let mut header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k1" });
            header[name] = json!(value);
            forged.push(with_header(header));
        }
        for alg in ["HS384", "RS256", "ES256"] {
            forged.push(with_header(json!({ "alg": alg, "typ": "at+jwt", "kid": "k1" })));
        }
        // A refresh token is no access token.
        let login = json!({ "login": company.admin.login, "password": company.admin.password });
        let cookie = app.anonymous().post("/auth/login", login).send().await.cookie().expect("a cookie");
        forged.push(cookie.split_once('=').expect("a pair").1.to_owned());
        for token in &forged {
            let reply = app.with_token(token).get("/me").send().await;
            assert_eq!(reply.status, 401, "{token}: {}", reply.json);
        }
        app.by(&company.admin).get("/me").ok().await;
        app.clock.advance(601);
        app.with_token(&good).get("/me").refused(401, "auth.session_ended").await;
    }

    // 6.2.1, 6.2.3, 6.2.4, 6.2.8
    async fn every_character_of_a_password_counts(app: TestApp) {
        let company = given::company(&app).await;
        let person = given::employee(&app, &company.admin, &company.unit, "lin").await;
        // bcrypt alone reads 72 bytes, which are 24 Chinese characters.
        let long = format!("A1-{}", "青山不改绿水长流".repeat(8));
        let change = |from: &str, to: &str| json!({ "current_password": from, "new_password": to });
        let wrong = app.by(&person).post("/auth/password", change("not it", &long)).refused(422, "request.invalid").await;
        assert_eq!(wrong.json["errors"][0]["code"], "auth.password_wrong");
        app.by(&person).post("/auth/password", change(&person.password, &long)).ok().await;
        let log_in = |password: &str| app.anonymous().post("/auth/login", json!({ "login": "lin", "password": password }));
        let mut other = long.clone();
        other.pop();
        log_in(&format!("{other}留")).refused(401, "auth.failed").await;
        log_in(&format!("{long} ")).refused(401, "auth.failed").await;
        let session = log_in(&long).ok().await;
        let token = text(&session["access_token"]);
        for bad in ["A1-shor", "Password123", "Lin12345", &"Aa1-".repeat(40)] {
            let reply = app.with_token(&token).post("/auth/password", change(&long, bad)).refused(422, "request.invalid").await;
            assert_eq!(reply.json["errors"][0]["pointer"], "/new_password", "{bad}");
        }
    }

    // 6.3.1, 6.3.5
    async fn guessing_from_one_address_is_locked_out_whoever_it_is_for(app: TestApp) {
        let company = given::company(&app).await;
        for number in 0..20 {
            let guess = json!({ "login": format!("user{number}"), "password": "Summer-2026" });
            app.anonymous().post("/auth/login", guess).refused(401, "auth.failed").await;
        }
        let right = json!({ "login": company.admin.login, "password": company.admin.password });
        let reply = app.anonymous().post("/auth/login", right.clone()).refused(429, "auth.locked").await;
        assert!(reply.headers.contains_key("retry-after"));
        app.clock.advance(901);
        app.anonymous().post("/auth/login", right).ok().await;
    }

    // 1.5.3, 3.5.1, 4.1.3, 15.3.3
    async fn strange_requests_are_refused_and_change_nothing(app: TestApp) {
        let company = given::company(&app).await;
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        let send = |body: &[u8]| app.by(&desk).request(Method::POST, "/tickets").bytes("application/json", body);
        let bodies: &[(&[u8], u16)] = &[
            (br#"{"kind":"fault","title":"a","title":"b"}"#, 422),
            (br#"{"kind":"fault","title":"a","impact":1e400}"#, 400),
            (br#"{"kind":"fault","title":"\ud800"}"#, 400),
            (b"\xef\xbb\xbf{\"kind\":\"fault\",\"title\":\"a\"}", 400),
            (b"{\"kind\":\"fault\",\"title\":\"\xff\"}", 400),
            (br#"{"kind":"fault","title":"a\u0000b"}"#, 422),
            (br#"{"kind":"fault","title":"a","is_admin":true}"#, 422),
            (br#"{"kind":"fault","title":"a"} {}"#, 400),
            (b"[]", 422),
            (b"", 400),
        ];
        for (body, status) in bodies {
            let reply = send(body).send().await;
            assert_eq!(reply.status, *status, "{}: {}", String::from_utf8_lossy(body), reply.json);
        }
        let deep = format!(r#"{{"kind":"fault","title":"a","place":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let deep = send(deep.as_bytes()).send().await;
        assert!([400, 422].contains(&deep.status), "{}", deep.json);
        // A password that lacks its quotes is not repeated.
        let secret = app.anonymous().post("/auth/login", json!({ "login": "lin", "password": 8_642_097 })).refused(422, "request.invalid").await;
        assert!(!secret.json.to_string().contains("8642097"), "{}", secret.json);
        assert_eq!(app.by(&desk).get("/tickets").ok().await["items"], json!([]));
        for form in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
            let reply = app.by(&desk).request(Method::POST, "/tickets").bytes(form, &b"kind=fault&title=a"[..]);
            reply.refused(415, "request.unsupported_media_type").await;
        }
        let trace = app.client.request(Method::TRACE, format!("{}/api/v1/tickets", app.base)).send().await.expect("an answer");
        assert_eq!((trace.status().as_u16(), trace.headers().contains_key("allow")), (405, true));
    }

    // 1.2.5, 3.2.1, 5.2.2, 5.3.2, 5.4.1, 8.2.2
    async fn files_are_what_they_say_and_come_back_as_downloads(app: TestApp) {
        let company = given::company(&app).await;
        let person = given::employee(&app, &company.admin, &company.unit, "lin").await;
        let upload = |name: &str, content: &[u8]| {
            let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
            app.by(&person).request(Method::POST, &format!("/files?name={name}")).bytes("application/octet-stream", content)
        };
        for name in ["../../etc/passwd.txt", "a\\b.txt", "a\0b.txt", ".htaccess", "a\r\nSet-Cookie: x.txt", "\u{202e}gpj.txt", "C:x.txt"] {
            let reply = upload(name, b"x").send().await;
            assert_eq!(reply.status, 422, "{name:?}: {}", reply.json);
        }
        for (name, content) in [
            ("a.exe", &b"MZ\x90\0"[..]),
            ("a.docx", b"MZ\x90\0program"),
            ("a.docx", b"PK\x03\x04 word/document.xml word/vbaProject.bin"),
            ("a.xlsx", b"PK\x03\x04 word/document.xml"),
            ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            ("a.html", b"<script>alert(1)</script>"),
            ("a.svg", b"<svg onload=alert(1)>"),
            ("a.txt", b""),
        ] {
            upload(name, content).refused(422, "file.type").await;
        }
        let file = upload("现场 \"照片\".txt", b"<script>alert(1)</script>").ok().await;
        let path = format!("/files/{}/content", text(&file["id"]));
        let reply = app.by(&person).get(&path).send().await;
        let header = |name: &str| reply.headers[name].to_str().unwrap().to_owned();
        let disposition = header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"file\"; filename*=UTF-8''%E7%8E%B0"), "{disposition}");
        assert_eq!((header("x-content-type-options"), header("content-type")), ("nosniff".to_owned(), "text/plain".to_owned()));
        let stranger = given::employee(&app, &company.admin, &company.unit, "stranger").await;
        app.by(&stranger).get(&path).refused(404, "not_found").await;
    }
}
