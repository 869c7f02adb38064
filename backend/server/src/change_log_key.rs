//! `zhidu change-log-key`: the key that signs the log gives way to a new one, and says so itself. Whoever has written the old one down can
//! go on with it.

use std::{io::Write as _, path::PathBuf};

use audit::{Log, Succession};
use clap::Args;
use kernel::Error;
use merkle::Signer;

use crate::{
    Config,
    private::{self, BEFORE, VOUCHED, beside, changes, existing},
};

/// Which key.
#[derive(Args, Clone, Debug)]
pub struct ChangeLogKey {
    #[command(flatten)]
    config: Config,
    /// File with the key that signs the log (default: `log.key` in the data folder).
    #[arg(long, env = "ZHIDU_LOG_KEY_FILE")]
    log_key_file: Option<PathBuf>,
}

impl ChangeLogKey {
    /// Makes the new key, and puts beside it the old one and its word for the new one. A server goes on with the old key until it is
    /// started again. What was interrupted can be done again: until the new key is in place the old one is.
    pub fn run(&self) -> Result<(), Error> {
        let path = self.log_key_file.clone().unwrap_or_else(|| self.config.data_dir.join("log.key"));
        let before = beside(&path, BEFORE);
        let said = |path: &PathBuf, error: &dyn std::fmt::Display| Error::internal(format!("{}: {error}", path.display()));
        let text = existing(&path)?;
        let old: Signer = text.parse().map_err(|error| said(&path, &error))?;
        let new: Signer = Log::generate()?.parse().map_err(Error::internal)?;
        match before.try_exists() {
            Ok(false) => private::create(&before, &text).map_err(|error| said(&before, &error))?,
            Ok(true) if existing(&before)? == text => {}
            Ok(true) => return Err(said(&before, &"the key before the last change is still there; put it away, or delete it, first")),
            Err(error) => return Err(said(&before, &error)),
        }
        let word = Succession::sign(&old, &new.verifier())?;
        let vouched = beside(&path, VOUCHED);
        let lines = changes(&path)?.iter().chain([&word]).map(Succession::line).collect::<Result<String, _>>()?;
        audit::replace(&vouched, lines.as_bytes()).map_err(|error| said(&vouched, &error))?;
        private::replace(&path, &new.secret()).map_err(|error| said(&path, &error))?;
        let (path, before, vouched) = (path.display(), before.display(), vouched.display());
        writeln!(
            std::io::stdout(),
            "{path} is a new key: {}\n{vouched} says so, signed by the old one: keep it beside the key, on every machine that runs the server\n\
             {before} is the old key: delete it when the servers have been started again and the log shows its new name",
            new.verifier()
        )
        .map_err(Error::internal)
    }
}
