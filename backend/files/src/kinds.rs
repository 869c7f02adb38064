//! What may be uploaded, told by the first bytes and not by the name.

use kernel::{Code, Error};

/// Extension, media type, how the content begins.
type FileType = (&'static [&'static str], &'static str, &'static [&'static [u8]]);
const KINDS: &[FileType] = &[
    (&["jpg", "jpeg"], "image/jpeg", &[b"\xff\xd8\xff"]),
    (&["png"], "image/png", &[b"\x89PNG\r\n\x1a\n"]),
    (&["gif"], "image/gif", &[b"GIF87a", b"GIF89a"]),
    (&["webp"], "image/webp", &[b"RIFF"]),
    (&["pdf"], "application/pdf", &[b"%PDF-"]),
    (&["zip"], "application/zip", &[b"PK\x03\x04"]),
    (&["docx"], "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[b"PK\x03\x04"]),
    (&["xlsx"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[b"PK\x03\x04"]),
    (&["txt", "log", "csv"], "text/plain", &[b""]),
];

/// The media type of a file by its name, if its content agrees.
pub fn media_type(name: &str, content: &[u8]) -> Result<&'static str, Error> {
    let refused = || Error::new(Code::FileType);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).ok_or_else(refused)?;
    let (_, media_type, starts) = KINDS.iter().find(|(extensions, ..)| extensions.contains(&extension.as_str())).ok_or_else(refused)?;
    let begins = starts.iter().any(|start| content.starts_with(start));
    let fits = match *media_type {
        "text/plain" => std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0')),
        "image/webp" => begins && content.get(8..12) == Some(b"WEBP"),
        // The office formats name their main part in the first kilobytes; macros are a part of their own.
        media if media.contains("wordprocessing") => begins && contains(content, b"word/") && !contains(content, b"vbaProject.bin"),
        media if media.contains("spreadsheet") => begins && contains(content, b"xl/") && !contains(content, b"vbaProject.bin"),
        _ => begins,
    };
    if fits && !content.is_empty() { Ok(media_type) } else { Err(refused()) }
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

/// A name without a path, control characters or leading dots.
pub fn check_name(name: &str) -> Result<(), Error> {
    let bad = name.trim().is_empty()
        || name.chars().count() > 150
        || name.starts_with('.')
        || name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | ':' | '\u{202e}'));
    if bad { Err(Error::new(Code::FileName)) } else { Ok(()) }
}
