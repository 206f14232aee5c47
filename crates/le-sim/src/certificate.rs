//! The certificate authority made at start, and the TLS settings of the listeners.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::{error::SimError, hosts};

/// Names on every leaf: what known clients use to reach one port. The wildcards cover one label only, so the
/// two-label hosts stand beside them.
const NAMES: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "::1",
    "api.liveperson.net",
    "adminlogin.liveperson.net",
    "*.liveperson.net",
    "lo.da.liveperson.net",
    "va.da.liveperson.net",
    "sy.da.liveperson.net",
    "*.da.liveperson.net",
    "*.liveperson.com",
    "accdn.lpsnmedia.net",
    "*.lpsnmedia.net",
];

/// How many leaves for vendor hosts are kept; a client that invents names does not fill the memory.
const MINTED_LIMIT: usize = 256;

/// Which certificate the TLS port shows. All but the first are for tests of clients that must refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Leaf {
    /// Signed by the simulator's authority, valid now, for the right names.
    #[default]
    Valid,
    /// Signed by itself: no authority vouches for it.
    SelfSigned,
    /// Signed by the authority, but its time is over.
    Expired,
    /// Signed by the authority, for another host.
    WrongName,
}

/// Which TLS versions the TLS port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    #[default]
    Modern,
    /// 1.2 only.
    Only12,
    /// 1.3 only.
    Only13,
    /// Answers each handshake as a server does that ends at 1.1: with a `ServerHello` of that version. No client of
    /// today goes on from there, which is what it is for; no byte of HTTP is ever served.
    Legacy11,
}

/// The authority and the leaf of one simulator.
pub(crate) struct Certificates {
    authority: CertifiedIssuer<'static, KeyPair>,
    leaf: Arc<CertifiedKey>,
    provider: Arc<CryptoProvider>,
    kind: Leaf,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Certificates {
    /// Makes an authority and a leaf for the known names and `extra` ones.
    pub(crate) fn generate(kind: Leaf, extra: &[String]) -> Result<Arc<Self>, SimError> {
        let mut names: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
        for name in extra {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if kind == Leaf::WrongName {
            names = vec!["elsewhere.example.org".to_owned()];
        }
        let provider = Arc::new(ring::default_provider());
        let failed = |source| SimError::Certificate {
            names: extra.join(", "),
            source,
        };
        let authority = authority().map_err(failed)?;
        let leaf = mint(&authority, kind, &names, &provider).map_err(failed)?;
        Ok(Arc::new(Self {
            authority,
            leaf: Arc::new(leaf),
            provider,
            kind,
            minted: Mutex::default(),
        }))
    }

    /// The authority's certificate, for the client's list of trusted roots.
    pub(crate) fn ca_pem(&self) -> String {
        self.authority.pem()
    }

    /// The TLS settings of a listener. HTTP/1.1 only, as the vendor's clients speak it.
    pub(crate) fn server_config(self: &Arc<Self>, versions: TlsVersions) -> Result<Arc<ServerConfig>, SimError> {
        let versions: &[&rustls::SupportedProtocolVersion] = match versions {
            TlsVersions::Only12 => &[&rustls::version::TLS12],
            TlsVersions::Only13 => &[&rustls::version::TLS13],
            TlsVersions::Modern | TlsVersions::Legacy11 => &[&rustls::version::TLS13, &rustls::version::TLS12],
        };
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)
            .map_err(|source| SimError::Tls { source })?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// A leaf for a vendor host that the fixed names do not cover, such as `va.msghist.liveperson.net`.
    fn minted_for(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = minted.get(host) {
            return Some(Arc::clone(key));
        }
        let key = Arc::new(mint(&self.authority, self.kind, &[host.to_owned()], &self.provider).ok()?);
        if minted.len() >= MINTED_LIMIT {
            minted.clear();
        }
        minted.insert(host.to_owned(), Arc::clone(&key));
        Some(key)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            Some(host) if self.kind == Leaf::Valid && needs_own_leaf(host) => self
                .minted_for(&host.to_ascii_lowercase())
                .or_else(|| Some(Arc::clone(&self.leaf))),
            _ => Some(Arc::clone(&self.leaf)),
        }
    }
}

/// Whether a vendor host has more labels than the wildcards of the fixed leaf cover.
fn needs_own_leaf(host: &str) -> bool {
    hosts::is_vendor(host) && host.split('.').count() > 3 && !host.to_ascii_lowercase().ends_with(".da.liveperson.net")
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "le-sim local certificate authority");
    params.distinguished_name.push(DnType::OrganizationName, "le-sim");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    valid_now(&mut params);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn mint(
    authority: &CertifiedIssuer<'static, KeyPair>,
    kind: Leaf,
    names: &[String],
    provider: &CryptoProvider,
) -> Result<CertifiedKey, rcgen::Error> {
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, "le-sim");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid_now(&mut params);
    if kind == Leaf::Expired {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    }
    let key = KeyPair::generate()?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let chain = if kind == Leaf::SelfSigned {
        vec![params.self_signed(&key)?.der().clone()]
    } else {
        vec![
            params.signed_by(&key, authority)?.der().clone(),
            authority.der().clone(),
        ]
    };
    let signing = provider
        .key_provider
        .load_private_key(private)
        .map_err(|_| rcgen::Error::RingUnspecified)?;
    Ok(CertifiedKey::new(chain, signing))
}

/// From last year to the end of next year: some clients refuse a certificate that lives for more than about two years.
fn valid_now(params: &mut CertificateParams) {
    let year = i32::from(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year());
    params.not_before = rcgen::date_time_ymd(year - 1, 12, 1);
    params.not_after = rcgen::date_time_ymd(year + 1, 12, 31);
}

/// Checks the names given by a user before anything is made of them, to name the one that is wrong.
pub(crate) fn check_names(names: &[String]) -> Result<(), SimError> {
    for name in names {
        if name.parse::<IpAddr>().is_err() {
            CertificateParams::new(vec![name.clone()]).map_err(|source| SimError::Certificate {
                names: format!("{name:?}"),
                source,
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_label_hosts_get_a_leaf_of_their_own() {
        assert!(needs_own_leaf("va.msghist.liveperson.net"));
        assert!(!needs_own_leaf("api.liveperson.net"));
        assert!(!needs_own_leaf("lo.da.liveperson.net"));
        assert!(!needs_own_leaf("a.b.c.example.org"));
    }

    #[test]
    fn a_minted_leaf_is_kept() {
        let certificates = Certificates::generate(Leaf::Valid, &[]).unwrap();
        let one = certificates.minted_for("va.msghist.liveperson.net").unwrap();
        let two = certificates.minted_for("va.msghist.liveperson.net").unwrap();
        assert!(Arc::ptr_eq(&one, &two));
        assert!(certificates.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn a_name_that_cannot_stand_in_a_certificate_is_named() {
        let error = check_names(&["fine.example.org".to_owned(), "sn\u{f6}w".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("sn"), "{error}");
    }
}
