//! How people reach the server: whether it answers, the page, the certificate, the address on labels, passwords on the network.

use std::io::ErrorKind;

use kernel::Ts;
use reqwest::Url;
use rustls::{client::verify_server_name, pki_types::ServerName, server::ParsedCertificate};

use super::{Finding, length, whole, words};
use crate::{Serve, ask, tls};

const DAY: i64 = 86_400;
/// A certificate that ends sooner has to be replaced now.
const SOON: i64 = 30 * DAY;

/// The server of these settings, and whether it runs.
pub fn server(serve: &Serve) -> (Finding, bool) {
    const CHECK: &str = "server";
    let listen = serve.listen;
    match ask(listen, "/readyz") {
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::AddrNotAvailable) => {
            (Finding::ok(CHECK, format!("none runs on {listen}")), false)
        }
        Err(error) => {
            let advice = "a server that hangs: its messages on standard error say why; or correct --listen";
            (Finding::wrong(CHECK, format!("{listen} is taken, but does not answer: {error}"), advice), false)
        }
        Ok(answer) if answer.ends_with(r#"{"status":"ok"}"#) => {
            (Finding::ok(CHECK, format!("runs on {listen}, and reaches its database")), true)
        }
        Ok(answer) if answer.contains("application/problem+json") => {
            let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
            let advice = "its messages on standard error say why; the checks of the database below say what is wrong now";
            (Finding::wrong(CHECK, format!("runs on {listen}, but is not well (status {status})"), advice), true)
        }
        Ok(_) => {
            let advice = "end that program, or choose another port with --listen: zhidu serve cannot start";
            (Finding::wrong(CHECK, format!("another program answers on {listen}"), advice), false)
        }
    }
}

/// What can be said of the settings.
pub fn checks(serve: &Serve, now: Ts) -> Vec<Finding> {
    let mut found = vec![page(serve), address(serve), plain_http(serve)];
    if serve.tls.https_listen.is_some() {
        found.push(certificate(serve, now));
    }
    found
}

fn page(serve: &Serve) -> Finding {
    const CHECK: &str = "page";
    let index = serve.web_root.join("index.html");
    if index.is_file() {
        return Finding::ok(CHECK, whole(&index));
    }
    let advice = "name the built page with --web-root (cd frontend && npm ci && npm run build); nothing to do if another web server has it";
    Finding::warn(CHECK, format!("{} is not there: browsers get no page from this server", whole(&index)), advice)
}

/// Labels and links bear an address; behind a proxy, and with HTTPS, the server cannot know which.
fn address(serve: &Serve) -> Finding {
    const CHECK: &str = "public address";
    match &serve.public_url {
        Some(text) => match Url::parse(text) {
            Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => Finding::ok(CHECK, text),
            _ => Finding::wrong(
                CHECK,
                format!("{text} is no address of a web page"),
                "--public-url https://zhidu.example, as people type it",
            ),
        },
        None if serve.tls.https_listen.is_some() || !serve.trusted_proxy.is_empty() => {
            let advice =
                "--public-url https://zhidu.example, as people type it; labels otherwise bear the address from which they were printed";
            Finding::warn(CHECK, "not set, though there is HTTPS or a proxy", advice)
        }
        None => Finding::ok(CHECK, "not set, and not needed on this machine"),
    }
}

fn plain_http(serve: &Serve) -> Finding {
    const CHECK: &str = "plain HTTP";
    const ADVICE: &str =
        "--https-listen 0.0.0.0:8443, or --listen 127.0.0.1:8080 with a proxy that has HTTPS (--trusted-proxy), and no --allow-plain-http";
    let listen = serve.listen;
    if listen.ip().is_loopback() {
        return Finding::ok(CHECK, format!("{listen}, for this machine only"));
    }
    if serve.allow_plain_http {
        return Finding::warn(CHECK, format!("{listen} takes it from everybody: passwords cross the network readably"), ADVICE);
    }
    if !serve.trusted_proxy.is_empty() {
        return Finding::ok(CHECK, format!("{listen}, for this machine and the proxy"));
    }
    if serve.tls.https_listen.is_some() {
        return Finding::ok(CHECK, format!("{listen}, where other machines are refused"));
    }
    let found = format!("{listen} refuses other machines, since passwords would cross the network readably, and there is no HTTPS");
    Finding::warn(CHECK, found, ADVICE)
}

fn certificate(serve: &Serve, now: Ts) -> Finding {
    const CHECK: &str = "certificate";
    const ADVICE: &str = "name a certificate of yours and its key: --tls-cert and --tls-key (PEM)";
    let (cert, key) = tls::paths(&serve.tls, &serve.config.data_dir);
    let own = serve.tls.tls_cert.is_none();
    if own && !(cert.exists() && key.exists()) {
        return Finding::ok(CHECK, "none yet; the first start makes one, which each browser warns of");
    }
    let shown = cert.display();
    if let Err(error) = tls::read(&cert, &key) {
        return Finding::wrong(CHECK, words(&error), format!("{ADVICE}; they have to belong together"));
    }
    let chain = tls::chain(&cert).unwrap_or_default();
    let parsed =
        chain.first().and_then(|der| Some((x509_parser::parse_x509_certificate(der).ok()?.1, ParsedCertificate::try_from(der).ok()?)));
    let Some((times, names)) = parsed else { return Finding::wrong(CHECK, format!("{shown} cannot be read"), ADVICE) };
    let seconds = now.micros() / 1_000_000;
    let (from, to) = (times.validity().not_before.timestamp() - seconds, times.validity().not_after.timestamp() - seconds);
    if from > 0 {
        return Finding::wrong(
            CHECK,
            format!("{shown} holds only in {}", length(from)),
            format!("set this machine's clock right, or {ADVICE}"),
        );
    }
    if to <= 0 {
        return Finding::wrong(CHECK, format!("{shown} ended {} ago", length(-to)), renewed(own, ADVICE));
    }
    let host =
        serve.public_url.as_deref().and_then(|text| Url::parse(text).ok()?.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()));
    if let Some(host) = host.filter(|host| !ServerName::try_from(host.as_str()).is_ok_and(|name| verify_server_name(&names, &name).is_ok()))
    {
        let found = format!("{shown} is not for {host}, the host of --public-url");
        return Finding::wrong(CHECK, found, format!("{ADVICE}, made for {host}"));
    }
    if to < SOON {
        return Finding::warn(CHECK, format!("{shown} ends in {}", length(to)), renewed(own, ADVICE));
    }
    let maker = if own { ", self-made: each browser warns of it" } else { "" };
    Finding::ok(CHECK, format!("{shown}, for another {}{maker}", length(to)))
}

fn renewed(own: bool, advice: &str) -> String {
    if own { "remove self-made-cert.pem and start the server, which makes a new one".to_owned() } else { format!("renew it, and {advice}") }
}
