//! The address of a bucket, as whoever runs the server names it: `s3://bucket/prefix?endpoint=https://host&region=…&lock=30d`. It is shown,
//! so no password stands in it.

use std::{fmt, path::PathBuf, str::FromStr};

use rusty_s3::UrlStyle;
use url::Url;

kernel::text_enum! {
    /// How firmly objects are locked.
    pub enum Mode {
        /// Nobody can delete them before their time, nor make that time shorter.
        Compliance = "compliance",
        /// Whoever has a special right can.
        Governance = "governance",
    }
}

/// For how long nothing that is written can be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// How firmly.
    pub mode: Mode,
    /// How many days, from when an object is written.
    pub days: u32,
}

/// What does not stand in an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// File with the access key; without one the environment is asked.
    pub credentials: Option<PathBuf>,
    /// Certificates (PEM) of whoever has signed that of the store, beside the authorities of the internet.
    pub ca: Option<PathBuf>,
}

/// A bucket, and what the keys in it begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The bucket at its endpoint.
    pub(super) at: rusty_s3::Bucket,
    /// Without a slash at either end; empty for the bucket itself.
    pub(super) prefix: String,
    /// What is written is locked.
    pub lock: Option<Lock>,
    /// How it is reached.
    pub access: Access,
}

const FORM: &str = "expected s3://bucket/prefix?endpoint=https://host, and if wanted region=, style=path or style=host, \
                    lock=30d, mode=compliance or mode=governance";

impl Bucket {
    /// What lies in it by this name.
    pub(super) fn join(&self, name: &str) -> Self {
        let prefix = if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) };
        Self { prefix, ..self.clone() }
    }

    /// The key of something in it.
    pub(super) fn key(&self, name: &str) -> String {
        self.join(name).prefix
    }

    /// Whether what is sent to it crosses the network readably.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let url = self.at.base_url();
        url.scheme() == "http" && !matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
    }
}

impl FromStr for Bucket {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &dyn fmt::Display| format!("{why}; {FORM}");
        let url = Url::parse(text).map_err(|error| wrong(&error))?;
        let name = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
        if url.scheme() != "s3"
            || !url.username().is_empty()
            || url.password().is_some()
            || url.port().is_some()
            || url.fragment().is_some()
        {
            return Err(FORM.to_owned());
        }
        let prefix = url.path().trim_matches('/').to_owned();
        let plain = |segment: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            !matches!(segment, "" | "." | "..") && segment.bytes().all(known)
        };
        if !prefix.is_empty() && !prefix.split('/').all(plain) {
            return Err(wrong(&"a prefix has letters, digits, -, _, . and /"));
        }
        let (mut endpoint, mut region, mut style, mut days, mut mode) = (None, None, UrlStyle::Path, None, None);
        for (setting, value) in url.query_pairs() {
            match (setting.as_ref(), value.as_ref()) {
                ("endpoint", value) => endpoint = Some(Url::parse(value).map_err(|error| wrong(&error))?),
                ("region", value) if plain(value) => region = Some(value.to_owned()),
                ("style", "path") => style = UrlStyle::Path,
                ("style", "host") => style = UrlStyle::VirtualHost,
                ("lock", value) => days = Some(lock_days(value).ok_or_else(|| wrong(&"lock is a number of days, 1d to 36500d"))?),
                ("mode", value) => mode = Some(Mode::from_str(value).map_err(|_| FORM)?),
                (setting, _) => return Err(wrong(&format!("{setting} is not understood"))),
            }
        }
        if mode.is_some() && days.is_none() {
            return Err(wrong(&"mode says how lock= locks, which is not there"));
        }
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = endpoint.ok_or_else(|| wrong(&"the endpoint is missing"))?;
        if !endpoint.username().is_empty() || endpoint.password().is_some() || endpoint.query().is_some() {
            return Err("a password does not belong in an address, which is shown; name a file with the access key".to_owned());
        }
        let at = rusty_s3::Bucket::new(endpoint, style, name.to_owned(), region).map_err(|error| wrong(&error))?;
        let lock = days.map(|days| Lock { mode: mode.unwrap_or(Mode::Compliance), days });
        Ok(Self { at, prefix, lock, access: Access::default() })
    }
}

fn lock_days(text: &str) -> Option<u32> {
    text.strip_suffix('d')?.parse().ok().filter(|days| (1..=36_500).contains(days))
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.at.name())?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_for_how_long() {
        let bucket: Bucket = "s3://backups/zhidu/one?endpoint=https://s3.example:9000&region=cn-east-1&lock=30d".parse().unwrap();
        assert_eq!(bucket.to_string(), "s3://backups/zhidu/one");
        assert_eq!(bucket.key("a"), "zhidu/one/a");
        assert_eq!(bucket.at.base_url().as_str(), "https://s3.example:9000/backups/");
        assert_eq!((bucket.at.region(), bucket.lock), ("cn-east-1", Some(Lock { mode: Mode::Compliance, days: 30 })));
        let bucket: Bucket = "s3://backups?endpoint=https://oss.example&style=host&lock=1d&mode=governance".parse().unwrap();
        assert_eq!((bucket.at.base_url().as_str(), bucket.key("a").as_str()), ("https://backups.oss.example/", "a"));
        assert_eq!(bucket.lock, Some(Lock { mode: Mode::Governance, days: 1 }));
        assert!(!bucket.is_plain());
        assert!("s3://b?endpoint=http://10.0.0.1".parse::<Bucket>().unwrap().is_plain());
    }

    #[test]
    fn what_is_no_address_or_would_show_a_password_is_refused() {
        for wrong in [
            "s3://",
            "s3://b",
            "s3://b?endpoint=nas",
            "s3://b?endpoint=ftp://nas",
            "s3://key:secret@b?endpoint=https://nas",
            "s3://b?endpoint=https://key:secret@nas",
            "s3://b/a%20b?endpoint=https://nas",
            "s3://b/a//b?endpoint=https://nas",
            "s3://b?endpoint=https://nas&lock=30",
            "s3://b?endpoint=https://nas&lock=0d",
            "s3://b?endpoint=https://nas&mode=compliance",
            "s3://b?endpoint=https://nas&lock=1d&mode=soft",
            "s3://b?endpoint=https://nas&secret=x",
        ] {
            assert!(wrong.parse::<Bucket>().is_err(), "{wrong}");
        }
    }
}
