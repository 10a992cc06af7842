//! What the server must prove, in libpq's words (`sslmode`).
use crate::base::Fault;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres::config::SslMode;

/// `disable` and `allow` speak plainly; `prefer` (the default) and `require` encrypt and ask for no proof; `verify-ca`
/// asks who signed the certificate, `verify-full` also whether it names the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    Disable,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    pub fn named(name: &str) -> Result<Self, Fault> {
        Ok(match name {
            "disable" | "allow" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                let known = "disable, allow, prefer, require, verify-ca or verify-full";
                return Err(Fault::new(format!("sslmode must be {known}")));
            }
        })
    }

    pub fn of_driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

/// Who signs for the public authorities in libpq's words: it is no file.
pub(in crate::db) const SYSTEM: &str = "system";

/// Files in PEM: whose signature is trusted (without one, or with [`SYSTEM`], the public authorities'), and who we are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Files {
    pub authority: Option<String>,
    pub certificate: Option<String>,
    pub key: Option<String>,
}

pub(super) fn client(mode: Mode, files: &Files) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let config = config.map_err(Fault::new)?;
    let config = match mode {
        Mode::Disable | Mode::Prefer | Mode::Require => {
            config.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { provider, signed: None }))
        }
        Mode::VerifyCa => {
            let roots = Arc::new(trusted(files)?);
            let signed = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().map_err(Fault::new)?;
            config.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { provider, signed: Some(signed) }))
        }
        Mode::VerifyFull => config.with_root_certificates(trusted(files)?),
    };
    match (&files.certificate, &files.key) {
        (None, None) => Ok(config.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("sslkey", key, &error))?;
            config.with_client_auth_cert(certificates("sslcert", certificate)?, key).map_err(Fault::new)
        }
        _ => Err(Fault::new("sslcert and sslkey must be given together")),
    }
}

/// Whoever names an authority trusts no other, as with libpq.
fn trusted(files: &Files) -> Result<RootCertStore, Fault> {
    let Some(file) = files.authority.as_deref().filter(|file| *file != SYSTEM) else {
        return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates("sslrootcert", file)? {
        roots.add(certificate).map_err(Fault::new)?;
    }
    Ok(roots)
}

fn certificates(named: &str, file: &str) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = all.map_err(|error| unreadable(named, file, &error))?;
    if all.is_empty() {
        return Err(Fault::new(format!("{named}: there is no certificate in {file}")));
    }
    Ok(all)
}

fn unreadable(named: &str, file: &str, error: &impl std::fmt::Display) -> Fault {
    Fault::new(format!("{named}: {file} cannot be read: {error}"))
}

/// Minds no name, and without `signed` no signer either: what libpq's modes below `verify-full` promise.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    signed: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(signed) = &self.signed else { return Ok(ServerCertVerified::assertion()) };
        match signed.verify_server_cert(server, between, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
