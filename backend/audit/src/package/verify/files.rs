//! The files of a package.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use merkle::tiles::WIDTH;
use zip::ZipArchive;

use super::{Bad, RECORD_BYTES};

/// Bytes of a file at most that is read as a whole: a bundle of the longest records.
const FILE_BYTES: u64 = WIDTH * (RECORD_BYTES + 2);

/// The package at a path.
pub(super) fn open(path: &Path) -> Result<ZipArchive<File>, Bad> {
    let named = |error: &dyn fmt::Display| Bad::whole(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| named(&error))?;
    ZipArchive::new(file).map_err(|error| named(&error))
}

/// A file of the package; none if it is not there.
pub(super) fn bytes(package: &mut ZipArchive<File>, name: &str) -> Result<Option<Vec<u8>>, Bad> {
    let file = match package.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(Bad::whole(format!("{name}: {error}"))),
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| Bad::whole(format!("{name}: {error}")))?;
    Ok(Some(bytes))
}

/// A file that has to be there, as text.
pub(super) fn text(package: &mut ZipArchive<File>, name: &str) -> Result<String, Bad> {
    let bytes = bytes(package, name)?.ok_or_else(|| Bad::whole(format!("{name} is missing")))?;
    String::from_utf8(bytes).map_err(|error| Bad::whole(format!("{name}: {error}")))
}

/// A file of the package, to be read line by line.
pub(super) fn lines<'p>(package: &'p mut ZipArchive<File>, name: &str) -> Result<BufReader<impl io::Read + use<'p>>, Bad> {
    package.by_name(name).map(BufReader::new).map_err(|error| Bad::whole(format!("{name}: {error}")))
}

/// The next line, without its end; none after the last.
pub(super) fn next(lines: &mut impl BufRead, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Bad> {
    let mut line = Vec::new();
    let read = lines.take(limit + 1).read_until(b'\n', &mut line).map_err(|error| Bad::whole(format!("{name}: {error}")))?;
    if read == 0 {
        return Ok(None);
    }
    match line.pop() {
        Some(b'\n') => Ok(Some(line)),
        _ => Err(Bad::whole(format!("{name}: a line is cut off, or too long"))),
    }
}
