//! `zhidu new-key` and `zhidu sign-pack`: whoever writes regulation packs signs them; a company says whose it lets in.

use std::{fs, io, path::PathBuf, process::ExitCode};

use clap::Args;
use rand::Rng as _;
use server::private;
use workflows::packs::{Pack, SIGNATURE};

use crate::check_process::gather;

/// Whose key.
#[derive(Debug, Args)]
pub struct NewKey {
    /// A name without blanks: `example.com/packs`.
    name: String,
    /// Where the secret key is written; the file must not be there yet.
    file: PathBuf,
}

impl NewKey {
    /// Writes the secret key, and prints the one that others are given.
    pub fn run(&self) -> ExitCode {
        let mut seed = [0_u8; 32];
        rand::rng().fill(&mut seed[..]);
        let written = merkle::Signer::new(&self.name, seed).map_err(io::Error::other).and_then(|signer| {
            private::create(&self.file, &format!("{}\n", signer.secret()))?;
            Ok(signer.verifier())
        });
        said(written.map(|key| key.to_string()), &self.file)
    }
}

/// Which pack, with which key.
#[derive(Debug, Args)]
pub struct SignPack {
    /// Its folder.
    folder: PathBuf,
    /// The file with the secret key.
    #[arg(long)]
    key: PathBuf,
}

impl SignPack {
    /// Writes the signature into the folder.
    pub fn run(&self) -> ExitCode {
        let signed = fs::read_to_string(&self.key).and_then(|key| {
            let signer: merkle::Signer = key.parse().map_err(io::Error::other)?;
            let mut files = Default::default();
            gather(&self.folder, "", &mut files)?;
            let note = Pack::read(files).and_then(|pack| pack.sign(&signer)).map_err(io::Error::other)?;
            fs::write(self.folder.join(SIGNATURE), note)?;
            Ok(format!("{} {}", self.folder.join(SIGNATURE).display(), signer.verifier()))
        });
        said(signed, &self.folder)
    }
}

fn said(result: io::Result<String>, about: &std::path::Path) -> ExitCode {
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", about.display());
            ExitCode::FAILURE
        }
    }
}
