//! Where files lie, and which hosts may see a credential.

use http::Uri;
use le_core::{BaseUri, Error};
use percent_encoding::percent_decode_str;

/// The region of an account, which has a host of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// The United States: `va.da.liveperson.net`.
    Us,
    /// The United Kingdom: `lo.da.liveperson.net`.
    Uk,
    /// Asia and Pacific: `sy.da.liveperson.net`.
    Apac,
}

impl Region {
    /// The host.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Us => "va.da.liveperson.net",
            Self::Uk => "lo.da.liveperson.net",
            Self::Apac => "sy.da.liveperson.net",
        }
    }
}

/// The hosts of the vendor's files end so.
const FILE_HOSTS: &str = ".da.liveperson.net";

/// Whether a file on this host may be asked for with the credential: a host of the vendor's files, or one that the user named.
pub(super) fn is_trusted(base: &BaseUri, named: &[String]) -> bool {
    base.host().ends_with(FILE_HOSTS) || named.iter().any(|host| host == base.host())
}

/// The address of a file, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileAddress {
    pub(super) base: BaseUri,
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) query: Vec<(String, String)>,
}

impl FileAddress {
    /// Reads an `@href`: `https://host/data_access_le/account/{accountId}/le/{kind}/{fileName}`.
    ///
    /// Plain `http` on a host elsewhere becomes `https`: credentials never travel in the clear.
    pub(super) fn new(href: &str) -> Result<Self, Error> {
        let refused = || {
            Error::validation("the address of a file is not https://host/data_access_le/account/{id}/le/{kind}/{name}")
                .with_advice("give the `@href` of the list as it came")
        };
        let uri: Uri = href.trim().parse().map_err(|_| refused())?;
        let authority = uri.authority().ok_or_else(refused)?.as_str();
        let base = match uri.scheme_str() {
            Some("https") => BaseUri::new(authority)?,
            Some("http") => BaseUri::plain(authority).or_else(|_| BaseUri::new(authority))?,
            _ => return Err(refused()),
        };
        let segments: Vec<String> = uri.path().split('/').skip(1).map(decoded).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["data_access_le", "account", account, "le", kind, name] = segments[..] else {
            return Err(refused());
        };
        if account.is_empty() || kind.is_empty() || name.is_empty() {
            return Err(refused());
        }
        let pairs = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Ok(Self {
            base,
            account: account.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            query: query.collect(),
        })
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart_and_odd_ones_refused() {
        let href =
            "https://va-a.da.liveperson.net/data_access_le/account/le1000/le/survey/Survey.1.2.part-00000-0.gz?v=1.0";
        let address = FileAddress::new(href).unwrap();
        assert_eq!(address.base.host(), "va-a.da.liveperson.net");
        assert_eq!(
            (address.kind.as_str(), address.name.as_str()),
            ("survey", "Survey.1.2.part-00000-0.gz")
        );
        assert_eq!(address.query, [("v".to_owned(), "1.0".to_owned())]);
        let upgraded = FileAddress::new(&href.replacen("https", "http", 1)).unwrap();
        assert_eq!(upgraded, address);
        let local = FileAddress::new("http://127.0.0.1:80/data_access_le/account/a/le/survey/x").unwrap();
        assert!(local.base.is_plain());
        for odd in [
            "",
            "/data_access_le/account/a/le/survey/x",
            "ftp://va.da.liveperson.net/data_access_le/account/a/le/survey/x",
            "https://va.da.liveperson.net/elsewhere",
            "https://va.da.liveperson.net/data_access_le/account/a/le/survey/x/y",
            "https://va.da.liveperson.net/data_access_le/account/a/le/survey/",
        ] {
            assert!(FileAddress::new(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn only_hosts_of_files_and_named_ones_are_trusted() {
        let named = ["127.0.0.1".to_owned()];
        let trusted = |host: &str| is_trusted(&BaseUri::new(host).unwrap(), &named);
        assert!(trusted("va-a.da.liveperson.net") && trusted("127.0.0.1:8080"));
        for other in [
            "evil.example",
            "da.liveperson.net.evil.example",
            "xda.liveperson.net",
            "va.idp.liveperson.net",
        ] {
            assert!(!trusted(other), "{other}");
        }
    }
}
