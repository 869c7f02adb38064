//! Putting a base where PostgreSQL recovers from it.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::Path,
};

use kernel::Ts;

use super::{
    super::{
        failure::{At as _, Failure, FailureCode},
        location::Location,
        restore::{Sealed, mismatch, names, put_all, untar},
        streams,
        workplace::{Workplace, sync},
    },
    base::{Base, CLUSTER, PREFIX, UPLOADS},
    segments::stored,
    settings,
};

/// What PostgreSQL reads after its own configuration, whatever that is.
pub const SETTINGS: &str = "postgresql.auto.conf";
/// Its presence makes PostgreSQL recover.
const SIGNAL: &str = "recovery.signal";

/// Which base is put where.
pub struct Recovery<'a> {
    /// The name of a base; otherwise the newest that is old enough.
    pub base: Option<&'a str>,
    /// The moment to recover to; otherwise the end of the archive.
    pub until: Option<Ts>,
    /// The folder of the cluster, which is empty or not there.
    pub cluster: &'a Path,
    /// Where uploads are put.
    pub files: Option<&'a Path>,
    /// How PostgreSQL gets a segment (see [`settings::command`]).
    pub restore_command: &'a str,
}

/// The base from which a recovery to a moment begins, and where it lies.
pub fn choose(archive: &Sealed<'_>, named: Option<&str>, until: Option<Ts>) -> Result<(Location, Base), Failure> {
    let fits = |base: &Base| until.is_none_or(|until| base.ended_at <= until);
    let until = until.map(|until| until.to_string()).unwrap_or_default();
    if let Some(name) = named {
        if !name.starts_with(PREFIX) || name.contains(['/', '\\']) {
            return Err(Failure::new(FailureCode::Gone, format!("{name:?} is no name of a base: those begin with {PREFIX}")));
        }
        let at = archive.at.join(name);
        let base = Base::open(&at, archive.keys)?;
        if !fits(&base) {
            return Err(Failure::new(
                FailureCode::Failed,
                format!("{at} was whole at {}, which is after {until}: take an earlier one", base.ended_at),
            ));
        }
        return Ok((at, base));
    }
    let mut all = archive.at.backups_named(PREFIX)?;
    let mut first = None;
    while let Some(name) = all.pop() {
        let at = archive.at.join(&name);
        let base = Base::open(&at, archive.keys)?;
        if fits(&base) {
            return Ok((at, base));
        }
        first = Some(base.ended_at);
    }
    let text = match first {
        None => format!("{}: there is no base in it (zhidu wal base makes one)", archive.at),
        Some(first) => format!("{}: no base was whole at {until}; the earliest moment that can be recovered is {first}", archive.at),
    };
    Err(Failure::new(FailureCode::Gone, text))
}

/// Whether a base can be put into a folder that is empty, or not there: every byte of it is verified.
fn examine(archive: &Sealed<'_>, at: &Location, base: &Base, cluster: &Path) -> Result<(), Failure> {
    if !names(cluster)?.is_empty() {
        let text = format!("{}: there is something already; name a folder that is empty or not there", cluster.display());
        return Err(Failure::new(FailureCode::Failed, text));
    }
    let first = base.first_segment.parse().map_err(mismatch)?;
    if stored(archive.at, &first)?.is_empty() {
        let text = format!("{}: the segment {first}, with which a recovery begins, is missing", archive.at);
        return Err(Failure::new(FailureCode::Gone, text));
    }
    base.objects.iter().try_for_each(|object| streams::verify(at, object))
}

/// Unpacks a cluster, so that PostgreSQL recovers in it as is said there. PostgreSQL's control file comes last in the tar, and without it
/// nothing starts: whoever is killed leaves nothing that could be taken for a cluster. What fails leaves nothing at all.
fn unpack(
    archive: &Sealed<'_>,
    at: &Location,
    base: &Base,
    cluster: &Path,
    say: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let object = base.object(CLUSTER).ok_or_else(|| mismatch(format!("{at} has no {CLUSTER}")))?;
    fs::create_dir_all(cluster).at(cluster)?;
    private(cluster)?;
    let load = || streams::load(at, object, archive.identities, |content| untar(content, cluster));
    let unpacked = load().and_then(|()| sync_all(cluster)).and_then(|()| say());
    if unpacked.is_err() {
        for name in names(cluster)? {
            let path = cluster.join(name);
            if path.is_dir() { fs::remove_dir_all(&path).at(&path)? } else { fs::remove_file(&path).at(&path)? }
        }
    }
    unpacked
}

/// Puts a cluster into a folder that is empty, or not there, as it was copied.
pub fn put(archive: &Sealed<'_>, at: &Location, base: &Base, cluster: &Path) -> Result<(), Failure> {
    examine(archive, at, base, cluster)?;
    unpack(archive, at, base, cluster, || Ok(()))
}

/// PostgreSQL starts in no folder that others can read.
fn private(folder: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).at(folder)?;
    Ok(())
}

/// Lets PostgreSQL recover in this cluster as these lines say.
pub fn signal(cluster: &Path, lines: &str) -> Result<(), Failure> {
    let settings = cluster.join(SETTINGS);
    let mut file = OpenOptions::new().append(true).create(true).open(&settings).at(&settings)?;
    file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()).at(&settings)?;
    let signal = cluster.join(SIGNAL);
    File::create(&signal).and_then(|file| file.sync_all()).at(&signal)?;
    sync(cluster)
}

/// Puts a base back, so that PostgreSQL recovers from it when it is started.
pub fn recover(archive: &Sealed<'_>, recovery: &Recovery<'_>) -> Result<(String, Base), Failure> {
    let (at, base) = choose(archive, recovery.base, recovery.until)?;
    examine(archive, &at, &base, recovery.cluster)?;
    if let (Some(folder), Some(object)) = (recovery.files, base.object(UPLOADS)) {
        fs::create_dir_all(folder).at(folder)?;
        let working = Workplace::inside(folder)?;
        let unpacked = working.folder("files")?;
        streams::load(&at, object, archive.identities, |content| untar(content, &unpacked))?;
        // By the name of their content: one that is there already is the same.
        for name in names(&unpacked)? {
            put_all(&unpacked.join(&name), &folder.join(&name))?;
        }
        sync(folder)?;
    }
    let name = at.name();
    let settings = settings::recovery(&name, recovery.restore_command, recovery.until);
    unpack(archive, &at, &base, recovery.cluster, || signal(recovery.cluster, &settings))?;
    Ok((name, base))
}

/// Everything in a folder survives the loss of power.
fn sync_all(folder: &Path) -> Result<(), Failure> {
    for name in names(folder)? {
        let path = folder.join(name);
        if path.is_dir() { sync_all(&path)? } else { sync(&path)? }
    }
    sync(folder)
}
