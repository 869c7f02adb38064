//! Certificates: given, or made once and kept.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::Error;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::config::Tls;

/// TLS 1.2 and 1.3 with the given or a self-made certificate.
pub fn config(tls: &Tls, data_dir: &Path) -> Result<ServerConfig, Error> {
    let (cert, key) = paths(tls, data_dir);
    if tls.tls_cert.is_none() {
        self_made(&cert, &key)?;
    }
    read(&cert, &key)
}

/// Where certificate and key are, or will be.
pub fn paths(tls: &Tls, data_dir: &Path) -> (PathBuf, PathBuf) {
    match (&tls.tls_cert, &tls.tls_key) {
        (Some(cert), Some(key)) => (cert.clone(), key.clone()),
        _ => (data_dir.join("self-made-cert.pem"), data_dir.join("self-made-key.pem")),
    }
}

/// The certificates of a file, the server's own first.
pub fn chain(cert: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let said = |error: &dyn std::fmt::Display| Error::internal(format!("{}: {error}", cert.display()));
    let all = CertificateDer::pem_file_iter(cert).map_err(|error| said(&error))?;
    all.collect::<Result<_, _>>().map_err(|error| said(&error))
}

/// TLS with the certificate of these files; the key has to be its own.
pub fn read(cert: &Path, key: &Path) -> Result<ServerConfig, Error> {
    let chain = chain(cert)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| Error::internal(format!("{}: {error}", key.display())))?;
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(Error::internal)
}

fn self_made(cert: &Path, key: &Path) -> Result<(), Error> {
    if !cert.exists() || !key.exists() {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        names.extend(fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
        let made = rcgen::generate_simple_self_signed(names).map_err(Error::internal)?;
        fs::write(cert, made.cert.pem()).map_err(Error::internal)?;
        if key.exists() {
            fs::remove_file(key).map_err(Error::internal)?;
        }
        crate::private::create(key, &made.signing_key.serialize_pem()).map_err(Error::internal)?;
    }
    Ok(())
}
