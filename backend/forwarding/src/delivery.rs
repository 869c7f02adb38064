//! One batch to one receiver: it is confirmed, or it is not.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use audit::{ledger::Entry, ocsf};
use kernel::Error;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::{
    receiver::{Address, Authorization, Receiver},
    syslog,
};

/// How long a receiver may take for a batch, from the connection to the confirmation.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The longest reason that is kept.
const REASON: usize = 300;

/// Who confirms batches.
pub struct Delivery {
    address: Address,
    authorization: Option<String>,
    tls: TlsConnector,
    client: reqwest::Client,
}

/// Why not, for people.
fn why(error: &(dyn std::error::Error + 'static)) -> String {
    // The causes say more than the error itself, which may name an address with a key in it.
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Whether a receiver can be spoken to as far as this machine is concerned. Fails if a file that is named for it cannot be read.
pub fn usable(receiver: &Receiver, authorizations: &[Authorization], ca: Option<&Path>) -> Result<(), Error> {
    Delivery::open(receiver, authorizations, ca).map(|_| ())
}

impl Delivery {
    /// Fails if a file that is named for it cannot be read.
    pub fn open(receiver: &Receiver, authorizations: &[Authorization], ca: Option<&Path>) -> Result<Self, Error> {
        let said = |path: &Path, error: &dyn std::fmt::Display| Error::internal(format!("{}: {error}", path.display()));
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let mut client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        if let Some(ca) = ca {
            let pem = fs::read(ca).map_err(|error| said(ca, &error))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                roots.add(certificate.map_err(|error| said(ca, &error))?).map_err(|error| said(ca, &error))?;
            }
            for certificate in reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| said(ca, &error))? {
                client = client.add_root_certificate(certificate);
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let file = authorizations.iter().find(|one| one.name == receiver.name).map(|one| one.file.as_path());
        let authorization = file.map(|file| fs::read_to_string(file).map_err(|error| said(file, &error))).transpose()?;
        Ok(Self {
            address: receiver.address.clone(),
            authorization: authorization.map(|text| text.trim().to_owned()),
            tls: TlsConnector::from(Arc::new(tls)),
            client: client.build().map_err(Error::internal)?,
        })
    }

    /// Sends a batch. It has arrived if this says so; if not, any part of it may have.
    pub async fn deliver(&self, entries: &[Entry]) -> Result<(), String> {
        let sent = match &self.address {
            Address::Tcp { host, port } => timeout(PATIENCE, self.by_tcp(host, *port, entries)).await,
            Address::Tls { host, port } => timeout(PATIENCE, self.by_tls(host, *port, entries)).await,
            Address::Http(url) => timeout(PATIENCE, self.by_http(url, entries)).await,
        };
        let sent = sent.unwrap_or_else(|_| Err(format!("no confirmation within {} seconds", PATIENCE.as_secs())));
        sent.map_err(|reason| reason.chars().take(REASON).collect())
    }

    async fn by_tcp(&self, host: &str, port: u16, entries: &[Entry]) -> Result<(), String> {
        let stream = TcpStream::connect((host, port)).await.map_err(|error| why(&error))?;
        hand_over(stream, &syslog::frames(entries)).await.map_err(|error| why(&error))
    }

    async fn by_tls(&self, host: &str, port: u16, entries: &[Entry]) -> Result<(), String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| why(&error))?;
        let stream = TcpStream::connect((host, port)).await.map_err(|error| why(&error))?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| why(&error))?;
        hand_over(stream, &syslog::frames(entries)).await.map_err(|error| why(&error))
    }

    async fn by_http(&self, url: &url::Url, entries: &[Entry]) -> Result<(), String> {
        let lines: String = entries.iter().map(|entry| ocsf::event(entry).to_string() + "\n").collect();
        let mut request = self.client.post(url.clone()).header("content-type", "application/x-ndjson").body(lines);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let status = request.send().await.map_err(|error| why(&error))?.status();
        if status.is_success() { Ok(()) } else { Err(status.to_string()) }
    }
}

/// Writes everything, ends our side, and waits for the other to end its own: it does so in good order only when it has read all of it.
async fn hand_over(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    // What a receiver says means nothing to us.
    let mut said = [0; 1024];
    loop {
        match stream.read(&mut said).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // Many receivers end TLS without saying so (close_notify), rsyslog among them. Whoever can end a connection in their name can
            // also keep records from them; `metadata.sequence` shows that to the receiver.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
