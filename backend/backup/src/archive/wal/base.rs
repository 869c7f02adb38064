//! Base backups: what a recovery begins with.

use std::{
    io::{self, Read, Write},
    path::Path,
};

use age::x25519::Recipient;
use audit::Log;
use db::{Archiving, Backend, Cluster, base_backup, look::Look, snapshot::Still};
use kernel::Ts;
use merkle::Verifier;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    super::{
        failure::{At as _, Failure, FailureCode},
        location::{Draft, Location},
        manifest::{Object, opened, seal},
        streams,
        take::{named, pack},
    },
    name::WalName,
    segments::stored,
};

/// What the names of bases begin with.
pub const PREFIX: &str = "zhidu-base-";
const FORMAT: &str = "zhidu-base/1";
/// The cluster, as `pg_basebackup` gives it.
pub const CLUSTER: &str = "base.tar";
/// The uploads.
pub const UPLOADS: &str = "files.tar";
/// Where PostgreSQL says where a recovery begins. It is the first file of the tar, which has 512 bytes in front of each.
const LABEL: &str = "backup_label";
const LABEL_BYTES: usize = 4_096;

/// What is copied, for whom, signed by whom.
pub struct BaseSource<'a> {
    /// The database.
    pub url: &'a str,
    /// The folder of uploaded files, if they are to be in it.
    pub files: Option<&'a Path>,
    /// For whom it is encrypted.
    pub recipients: &'a [Recipient],
    /// Who signs.
    pub log: &'a Log,
    /// The version of the product.
    pub product: &'a str,
    /// Of this base alone.
    pub id: Uuid,
}

/// What a base says of itself, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Of the base.
    pub format: String,
    /// Of this base alone.
    pub id: Uuid,
    /// Version of the product.
    pub product: String,
    /// Version of PostgreSQL.
    pub postgres: String,
    /// Of this cluster alone.
    pub system_identifier: String,
    /// Which of its databases is the product's.
    pub database: String,
    /// A role that can read it.
    pub role: String,
    /// When the copy began and when it was whole, by PostgreSQL's clock: a recovery reaches no moment before the second.
    pub taken_at: Ts,
    pub ended_at: Ts,
    /// The timeline, and the first segment that a recovery needs.
    pub timeline: u32,
    pub first_segment: String,
    /// Public keys (age) for whom it is encrypted; none if it is not.
    pub recipients: Vec<String>,
    /// The state of the log when the copy began: a signed checkpoint.
    pub checkpoint: String,
    /// Records in the log then.
    pub log_size: u64,
    /// The files.
    pub objects: Vec<Object>,
}

impl Base {
    /// Reads what one says. With keys, one of them must have signed it.
    pub fn open(at: &Location, keys: &[Verifier]) -> Result<Self, Failure> {
        opened(at, FORMAT, keys)
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.objects.iter().map(|object| object.stored_size).sum()
    }

    /// The major version of PostgreSQL, which alone reads it.
    #[must_use]
    pub fn major(&self) -> &str {
        self.postgres.split('.').next().unwrap_or_default()
    }

    /// One of its files.
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.name == name)
    }
}

/// A base that is whole.
pub struct TakenBase {
    /// Where it lies.
    pub at: Location,
    /// What it says of itself.
    pub base: Base,
    /// Whether segments lie readable beside it.
    pub readable_segments: bool,
}

fn refused(text: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Failed, text)
}

/// Copies the cluster into a folder of its own beside the segments, wholly or not at all. Refused where nothing archives the segments that
/// belong to it, or archives them elsewhere: alone it is worth nothing.
pub fn base(source: &BaseSource<'_>, archive: &Location) -> Result<TakenBase, Failure> {
    if Backend::of_url(source.url) != Backend::Postgres {
        return Err(refused("a base backup is of PostgreSQL (--database-url postgres://…); SQLite is backed up by zhidu backup"));
    }
    let mut look = Look::at(source.url)?;
    let taken_at = clock(&mut look)?;
    let (cluster, archiving) = look.read(taken_at, |tx| Ok((db::cluster(tx)?, db::archiving(tx)?)))?;
    let cluster = cluster.ok_or_else(|| refused("PostgreSQL does not say which cluster it is"))?;
    may_be_copied(&cluster)?;
    is_archived(&archiving.ok_or_else(|| refused("the role may not read pg_stat_archiver: grant select on pg_stat_archiver to it"))?)?;
    let (state, checkpoint) = Still::of(source.url)?.read(taken_at, |tx| source.log.state(tx))?;
    let draft = Draft::begin(archive, &named(PREFIX, source.id, taken_at))?;
    let half = &draft.at;

    let mut start = Start::default();
    let copied = streams::store(half, CLUSTER, source.recipients, |content| {
        base_backup(source.url, |tar| io::copy(&mut Passing { tar, start: &mut start }, content).map(drop).of(half, CLUSTER))
    })?;
    let (timeline, first) = start.read()?;
    let [segment] = &*stored(archive, &first)? else {
        return Err(refused(format!(
            "{archive}: the segment {first}, which this base needs, is not in it: archive_command archives elsewhere"
        )));
    };
    let ended_at = clock(&mut Look::at(source.url)?)?;
    let mut objects = vec![copied];
    if let Some(folder) = source.files {
        // Read after the copy has ended, so they are all that a row in it names.
        let uploads = Still::of(source.url)?.read(ended_at, files::service::contents)?;
        objects.push(streams::store(half, UPLOADS, source.recipients, |content| pack(&uploads, folder, content))?);
    }
    let base = Base {
        format: FORMAT.to_owned(),
        id: source.id,
        product: source.product.to_owned(),
        postgres: cluster.version,
        system_identifier: cluster.system_identifier,
        database: cluster.database,
        role: cluster.role,
        taken_at,
        ended_at,
        timeline,
        first_segment: first.to_string(),
        recipients: source.recipients.iter().map(ToString::to_string).collect(),
        checkpoint,
        log_size: state.size,
        objects,
    };
    seal(half, source.log, &base)?;
    let at = draft.finish()?;
    if Base::open(&at, &[source.log.key()])? != base {
        return Err(Failure::new(FailureCode::Damaged, format!("{at}: the manifest is not what was written")));
    }
    Ok(TakenBase { at, base, readable_segments: segment.is_readable() })
}

fn clock(look: &mut Look) -> Result<Ts, Failure> {
    look.clock()?.ok_or_else(|| refused("PostgreSQL says no time"))
}

fn may_be_copied(cluster: &Cluster) -> Result<(), Failure> {
    let Cluster { role, replicates, follows, tablespaces, .. } = cluster;
    if !replicates {
        let text = format!(
            "the role {role} may not copy the cluster: alter role \"{role}\" replication, and let a line of pg_hba.conf admit it to the \
             database replication"
        );
        return Err(refused(text));
    }
    if *follows {
        return Err(refused("this PostgreSQL only follows another: take the base from that one"));
    }
    if *tablespaces > 0 {
        return Err(refused(format!(
            "the cluster has {tablespaces} tablespaces of its own, which a base does not hold: move their tables back"
        )));
    }
    Ok(())
}

fn is_archived(archiving: &Archiving) -> Result<(), Failure> {
    let alone = "and a base without the segments after it is worth nothing";
    if !archiving.works {
        let text = format!("nothing is archived (archive_mode = {}, or archive_command is empty), {alone}", archiving.mode);
        return Err(refused(text));
    }
    let since = archiving.archived.as_ref().map(|(_, at)| *at);
    if let Some((name, at)) = archiving.failed.as_ref().filter(|(_, at)| since.is_none_or(|since| *at > since)) {
        let text = format!("archiving fails: {name} could not be archived at {at}, {alone}; the log of PostgreSQL says why");
        return Err(refused(text));
    }
    Ok(())
}

/// The beginning of a tar, kept.
#[derive(Default)]
struct Start(Vec<u8>);

struct Passing<'a> {
    tar: &'a mut dyn Read,
    start: &'a mut Start,
}

impl Read for Passing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.tar.read(buffer)?;
        let missing = LABEL_BYTES.saturating_sub(self.start.0.len());
        let passed = buffer.get(..read).unwrap_or_default();
        self.start.0.write_all(passed.get(..missing).unwrap_or(passed))?;
        Ok(read)
    }
}

impl Start {
    /// The timeline and the first segment that a recovery needs, as PostgreSQL has put them in front.
    fn read(&self) -> Result<(u32, WalName), Failure> {
        let mut tar = tar::Archive::new(self.0.as_slice());
        let first = tar.entries().ok().and_then(|mut entries| entries.next()?.ok());
        let mut text = String::new();
        if let Some(mut label) = first.filter(|entry| entry.path().is_ok_and(|path| path == Path::new(LABEL))) {
            label.read_to_string(&mut text).at(Path::new(LABEL))?;
        }
        parse(&text)
            .ok_or_else(|| refused(format!("pg_basebackup has put no {LABEL} in front, from which it is known where a recovery begins")))
    }
}

/// `START WAL LOCATION: 0/2000028 (file 000000010000000000000002)` and `START TIMELINE: 1`.
fn parse(label: &str) -> Option<(u32, WalName)> {
    let of = |key: &str| label.lines().find_map(|line| line.strip_prefix(key));
    let segment: WalName = of("START WAL LOCATION: ")?.split_once("(file ")?.1.strip_suffix(')')?.parse().ok()?;
    Some((of("START TIMELINE: ")?.parse().ok()?, segment)).filter(|(_, segment)| segment.is_segment())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const WORDS: &str =
        "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nSTART TIMELINE: 1\n";

    #[test]
    fn the_first_segment_stands_in_front() {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, content) in [(LABEL, WORDS.as_bytes()), ("base/1/1", &[0; 20_000])] {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, name, content).unwrap();
        }
        let whole = tar.into_inner().unwrap();
        let mut start = Start::default();
        let passed = io::copy(&mut Passing { tar: &mut whole.as_slice(), start: &mut start }, &mut io::sink()).unwrap();
        assert_eq!((passed, start.0.len()), (whole.len() as u64, LABEL_BYTES));
        assert_eq!(start.read().unwrap(), (1, "000000010000000000000002".parse().unwrap()));
        assert!(Start::default().read().is_err());
        assert_eq!(parse("START WAL LOCATION: 0/2000028 (file x)\nSTART TIMELINE: 1\n"), None);
    }

    #[test]
    fn a_base_is_refused_where_its_segments_are_not_archived() {
        let at = |seconds: i64| Some(("000000010000000000000002".to_owned(), Ts::from_micros(seconds * 1_000_000)));
        let works = Archiving { mode: "on".to_owned(), works: true, ..Archiving::default() };
        let of = |archived, failed| is_archived(&Archiving { archived, failed, ..works.clone() });
        assert!(is_archived(&Archiving::default()).is_err() && of(None, at(1)).is_err() && of(at(1), at(2)).is_err());
        assert!(of(None, None).is_ok() && of(at(2), at(1)).is_ok());
    }

    #[test]
    fn who_may_not_copy_is_told_what_is_missing() {
        let fine = Cluster {
            version: "15.20".to_owned(),
            system_identifier: "7".to_owned(),
            role: "z_app".to_owned(),
            database: "zhidu".to_owned(),
            replicates: true,
            follows: false,
            tablespaces: 0,
        };
        assert!(may_be_copied(&fine).is_ok());
        for (cluster, said) in [
            (Cluster { replicates: false, ..fine.clone() }, "alter role \"z_app\" replication"),
            (Cluster { follows: true, ..fine.clone() }, "follows another"),
            (Cluster { tablespaces: 2, ..fine.clone() }, "2 tablespaces"),
        ] {
            assert!(may_be_copied(&cluster).unwrap_err().text.contains(said), "{said}");
        }
    }
}
