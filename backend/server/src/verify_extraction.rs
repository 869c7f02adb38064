//! `zhidu verify-extraction`: whether what an authority was given is what two have approved, and is in the log. It speaks to no server.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use merkle::Verifier;

/// What is to be verified.
#[derive(Debug, Args)]
pub struct VerifyExtraction {
    /// The package (`GET /extractions/{id}/package`).
    package: PathBuf,
    /// The key of the log, as it was given before; the key of its first name serves for all. Without it the package is only held against
    /// itself.
    #[arg(long)]
    key: Vec<Verifier>,
}

impl VerifyExtraction {
    /// Says what was verified. Fails, and names what is wrong.
    pub fn run(&self) -> ExitCode {
        let read = fs::read(&self.package).map_err(|error| format!("{}: {error}", self.package.display()));
        match read.and_then(|package| extraction::verify(&package, &self.key)) {
            Ok(verified) => {
                println!("{verified}");
                if self.key.is_empty() {
                    println!("held against the key that it brought along; compare keys.txt with the key that you were given (--key)");
                }
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("NOT VERIFIED: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
