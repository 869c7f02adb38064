//! Who is told, as whoever runs the server names it.

use std::{collections::BTreeSet, fmt, path::PathBuf, str::FromStr};

use url::Url;

/// How to speak to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Syslog over TCP, octet-counted (RFC 6587 section 3.4.1).
    Tcp { host: String, port: u16 },
    /// Syslog over TLS (RFC 5425).
    Tls { host: String, port: u16 },
    /// OCSF as lines of JSON in the body of a POST.
    Http(Url),
}

/// `name=tls://host:6514`, `name=tcp://host:601` or `name=https://host/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its cursor goes by this name: another name begins with the first record.
    pub name: String,
    pub address: Address,
}

const FORM: &str = "expected name=tls://host, name=tcp://host or name=https://host/path, with a name of letters, digits, - and _";

fn name(text: &str) -> Option<(String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let plain =
        !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain.then(|| (name.to_owned(), rest))
}

impl FromStr for Receiver {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, address) = name(text).ok_or(FORM)?;
        let url = Url::parse(address).map_err(|error| format!("{FORM}: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a password does not belong in an address, which is shown; name a file with --forward-authorization".to_owned());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?.trim_matches(['[', ']']).to_owned();
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let address = match url.scheme() {
            "tcp" if bare => Address::Tcp { host, port: url.port().unwrap_or(601) },
            "tls" if bare => Address::Tls { host, port: url.port().unwrap_or(6514) },
            "http" | "https" => Address::Http(url),
            _ => return Err(FORM.to_owned()),
        };
        Ok(Self { name, address })
    }
}

/// Two receivers of one name would share one cursor, and each get a part of the log: the name that stands twice, if one does.
#[must_use]
pub fn named_twice(receivers: &[Receiver]) -> Option<&str> {
    let mut seen = BTreeSet::new();
    receivers.iter().map(|receiver| receiver.name.as_str()).find(|name| !seen.insert(*name))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        match self {
            Self::Tcp { host: name, port } => write!(f, "tcp://{}:{port}", host(name)),
            Self::Tls { host: name, port } => write!(f, "tls://{}:{port}", host(name)),
            // What comes after the path may be a key.
            Self::Http(url) => write!(f, "{}://{}{}", url.scheme(), url.authority(), url.path()),
        }
    }
}

/// `name=/path/of/a/file` that holds what the header `Authorization` of an HTTP receiver says: `Bearer …`, `Splunk …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    pub name: String,
    pub file: PathBuf,
}

impl FromStr for Authorization {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = name(text).filter(|(_, file)| !file.is_empty()).ok_or("expected name=/path/of/a/file")?;
        Ok(Self { name, file: file.into() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_a_key() {
        for (text, shown) in [
            ("siem=tls://siem.example", "tls://siem.example:6514"),
            ("siem=tls://siem.example:6515", "tls://siem.example:6515"),
            ("s-1=tcp://[::1]/", "tcp://[::1]:601"),
            ("s_1=https://siem.example/in?key=1", "https://siem.example/in"),
        ] {
            assert_eq!(text.parse::<Receiver>().unwrap().address.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_receiver_is_refused() {
        for text in [
            "",
            "tls://siem.example",
            "=tls://siem.example",
            "a b=tls://siem.example",
            "a=udp://siem.example",
            "a=tcp://siem.example/path",
            "a=tls://",
            "a=https://user:pass@siem.example/",
            "a=siem.example:6514",
        ] {
            assert!(text.parse::<Receiver>().is_err(), "{text}");
        }
        assert!("a=".parse::<Authorization>().is_err());
        assert_eq!("a=/x".parse::<Authorization>().unwrap().file, PathBuf::from("/x"));
    }
}
