//! Sends what processes have to tell other systems: at least once, never into places where a server of ours should not reach.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use db::Database;
use ipnet::IpNet;
use workflows::service::webhooks::{self, Outgoing};

/// How long a target may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Each two seconds: messages that are due.
pub async fn send_all(db: Database, allowed: Vec<IpNet>) {
    let mut pause = tokio::time::interval(Duration::from_secs(2));
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pause.tick().await;
        match webhooks::take(&db).await {
            Ok(taken) => {
                for one in taken {
                    let result = send(&one, &allowed).await;
                    if let Err(error) = webhooks::settle(&db, &one, result).await {
                        tracing::warn!(%error, "what became of a message could not be noted; it is sent again");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "messages to other systems could not be taken"),
        }
    }
}

async fn send(one: &Outgoing, allowed: &[IpNet]) -> Result<(), String> {
    let url = reqwest::Url::parse(one.url()).map_err(|error| error.to_string())?;
    let host = url.host_str().ok_or("no host")?.trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().ok_or("no port")?;
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), port)).await.map_err(|error| error.to_string())?.collect();
    let address = reachable(&found, allowed)?;
    let inside = allowed.iter().any(|network| network.contains(&address.ip()));
    if url.scheme() != "https" && !inside {
        return Err("plain HTTP is for allowed networks only".to_owned());
    }
    // The address that was looked at is the one that is spoken to, and nobody sends us elsewhere.
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .resolve(&host, address)
        .build()
        .map_err(|error| error.to_string())?;
    let mut request = client.post(url).header("content-type", "application/json").body(one.body().to_owned());
    for (name, value) in one.headers() {
        request = request.header(*name, value);
    }
    let status = request.send().await.map_err(|error| error.to_string())?.status();
    if status.is_success() { Ok(()) } else { Err(status.to_string()) }
}

/// The first address, if all of them are of the internet or of an allowed network.
fn reachable(found: &[SocketAddr], allowed: &[IpNet]) -> Result<SocketAddr, String> {
    let fine = |ip: IpAddr| allowed.iter().any(|network| network.contains(&ip)) || is_public(ip);
    match found.iter().find(|address| !fine(address.ip())) {
        Some(inside) => Err(format!("{} is not in an allowed network", inside.ip())),
        None => found.first().copied().ok_or_else(|| "the host has no address".to_owned()),
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || shared
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => is_public(IpAddr::V4(mapped)),
            None => {
                let first = ip.segments().first().copied().unwrap_or_default();
                !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || (first & 0xfe00) == 0xfc00 || (first & 0xffc0) == 0xfe80)
            }
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_inside_are_reached_only_if_they_are_allowed() {
        let at = |text: &str| vec![SocketAddr::new(text.parse().unwrap(), 443)];
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(reachable(&at(inside), &[]).is_err(), "{inside}");
        }
        assert!(reachable(&at("10.1.2.3"), &["10.0.0.0/8".parse().unwrap()]).is_ok());
        assert!(reachable(&at("93.184.216.34"), &[]).is_ok());
        let both = [at("93.184.216.34"), at("10.0.0.1")].concat();
        assert!(reachable(&both, &[]).is_err(), "one inside is enough to refuse");
        assert!(reachable(&[], &[]).is_err());
    }
}
