//! `zhidu verify-proof`: whether a record is in a log, from files alone. It speaks to no server.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use merkle::{RecordProof, Verifier};

/// What is to be verified.
#[derive(Debug, Args)]
pub struct VerifyProof {
    /// The proof (`GET /records/{id}/proof`, C2SP tlog-proof).
    proof: PathBuf,
    /// The record's canonical bytes (`canonical` of `GET /records/{id}`); `-` for standard input.
    #[arg(long)]
    record: PathBuf,
    /// The key of the log, as it was written down before, in this year or an earlier one.
    #[arg(long)]
    key: Verifier,
    /// Keys of witnesses that one trusts; each must have signed.
    #[arg(long)]
    witness: Vec<Verifier>,
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" { std::io::stdin().read_to_end(&mut bytes).map(drop) } else { fs::read(path).map(|read| bytes = read) }?;
    Ok(bytes)
}

impl VerifyProof {
    /// Says what the proof proves. Fails if it proves nothing.
    pub fn run(&self) -> ExitCode {
        let verified = read(&self.proof).map_err(|error| format!("{}: {error}", self.proof.display())).and_then(|proof| {
            let record = read(&self.record).map_err(|error| format!("{}: {error}", self.record.display()))?;
            self.verify(&String::from_utf8_lossy(&proof), &record)
        });
        match verified {
            Ok(said) => {
                println!("{said}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("NOT PROVEN: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn verify(&self, proof: &str, record: &[u8]) -> Result<String, String> {
        let proof: RecordProof = proof.parse().map_err(|error: merkle::NoteError| error.to_string())?;
        let origin = proof.checkpoint.lines().next().unwrap_or_default();
        let proven = proof.verify(record, &audit::as_of(&self.key, origin), &self.witness).map_err(|error| error.to_string())?;
        let signed = |witness: &&Verifier| proven.signers.iter().any(|(key, time)| key == *witness && time.is_some());
        if let Some(missing) = self.witness.iter().find(|witness| !signed(witness)) {
            return Err(format!("{} has not signed", missing.name()));
        }
        let mut said = format!("proven: record {} of {} in the log {}", proof.index, proven.checkpoint.size, proven.checkpoint.origin);
        for (key, time) in proven.signers.iter().filter_map(|(key, time)| Some((key, (*time)?))) {
            said.push_str(&format!("\nseen by {} at {time} (seconds since 1970)", key.name()));
        }
        Ok(said)
    }
}
