//! Certificates: given, or made once and kept.

use std::{fs, path::Path, sync::Arc};

use kernel::Error;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::config::Tls;

/// TLS 1.2 and 1.3 with the given or a self-made certificate.
pub fn config(tls: &Tls, data_dir: &Path) -> Result<ServerConfig, Error> {
    let (cert, key) = match (&tls.tls_cert, &tls.tls_key) {
        (Some(cert), Some(key)) => (cert.clone(), key.clone()),
        _ => self_made(data_dir)?,
    };
    let chain = CertificateDer::pem_file_iter(&cert).map_err(Error::internal)?.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(Error::internal)?;
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(Error::internal)
}

fn self_made(data_dir: &Path) -> Result<(std::path::PathBuf, std::path::PathBuf), Error> {
    let (cert, key) = (data_dir.join("self-made-cert.pem"), data_dir.join("self-made-key.pem"));
    if !cert.exists() || !key.exists() {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        names.extend(fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
        let made = rcgen::generate_simple_self_signed(names).map_err(Error::internal)?;
        fs::write(&cert, made.cert.pem()).map_err(Error::internal)?;
        if key.exists() {
            fs::remove_file(&key).map_err(Error::internal)?;
        }
        crate::private::create(&key, &made.signing_key.serialize_pem()).map_err(Error::internal)?;
    }
    Ok((cert, key))
}
