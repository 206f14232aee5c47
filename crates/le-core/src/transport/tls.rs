//! TLS 1.2 or newer, with a crypto provider that is passed explicitly and never installed for the whole process.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::error::Error;

/// Which certificate authorities are trusted.
#[derive(Debug, Clone, Default)]
pub(super) struct Roots {
    pub(super) extra: Vec<CertificateDer<'static>>,
    pub(super) only_extra: bool,
}

/// Reads every certificate of a PEM text.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(Error::configuration("the root certificate file holds no certificate")
            .with_advice("give a PEM file with at least one BEGIN CERTIFICATE block")),
        Err(e) => Err(Error::configuration("the root certificate file is not PEM").with_source(e)),
    }
}

/// The provider of the features that are on; aws-lc-rs wins where both are.
fn provider() -> Result<Arc<CryptoProvider>, Error> {
    #[cfg(feature = "aws-lc-rs")]
    return Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Ok(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    Err(Error::configuration("no TLS provider was compiled in")
        .with_advice("turn on the feature `ring` or `aws-lc-rs` of le-core"))
}

pub(super) fn client_config(roots: &Roots, provider: Option<Arc<CryptoProvider>>) -> Result<ClientConfig, Error> {
    let provider = match provider {
        Some(provider) => provider,
        None => self::provider()?,
    };
    let failed = |e: rustls::Error| Error::configuration("TLS cannot be set up").with_source(e);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)?;
    if !roots.only_extra {
        match Verifier::new_with_extra_roots(roots.extra.clone(), provider) {
            Ok(verifier) => {
                return Ok(builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(verifier))
                    .with_no_client_auth());
            }
            // A container without a certificate store still talks to loopback and to hosts with the given roots.
            Err(e) => {
                tracing::warn!(error = %e, "no certificate store on this machine; only the given roots are trusted")
            }
        }
    }
    let mut store = RootCertStore::empty();
    let (_added, refused) = store.add_parsable_certificates(roots.extra.iter().cloned());
    if refused > 0 {
        return Err(Error::configuration(
            "a given root certificate is not a usable certificate authority",
        ));
    }
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}
