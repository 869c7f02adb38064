//! Rules of the house that the compiler does not know.

use std::{fs, path::Path};

use crate::Outcome;

/// Where statements that write may stand: the stores and the database crate itself.
fn may_write(path: &str) -> bool {
    path.contains("/store") || path.contains("backend/db/") || path.contains("backend/xtask/")
}

/// Reads all sources and says what is where it must not be.
pub fn run() -> Outcome {
    let mut found = Vec::new();
    visit(Path::new("backend"), &mut |path, text| {
        for (number, line) in text.lines().enumerate() {
            let mut refuse = |why: &str| found.push(format!("{path}:{}: {why}: {}", number + 1, line.trim()));
            let code = line.split("//").next().unwrap_or(line);
            if !may_write(path)
                && ["insert_into(", "diesel::update(", "diesel::delete(", ".execute("].iter().any(|statement| code.contains(statement))
            {
                refuse("a write outside a store");
            }
            if !path.contains("backend/xtask/")
                && ["todo!(", "unimplemented!(", "TODO", "FIXME", "XXX"].iter().any(|word| line.contains(word))
            {
                refuse("unfinished");
            }
            if path.contains("/http") && code.contains(".conn()") {
                refuse("a handler with a connection");
            }
        }
    })?;
    if found.is_empty() {
        println!("tidy: nothing to say");
        return Ok(());
    }
    Err(found.join("\n").into())
}

fn visit(folder: &Path, look: &mut dyn FnMut(&str, &str)) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            visit(&path, look)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            look(&path.display().to_string(), &fs::read_to_string(&path)?);
        }
    }
    Ok(())
}
