//! Addresses of places.

use le_core::{Error, Result};

use super::Place;

/// The schemes of object stores, and the feature that each needs.
const STORES: [(&str, &str); 8] = [
    ("s3", "aws"),
    ("s3a", "aws"),
    ("gs", "gcp"),
    ("az", "azure"),
    ("adl", "azure"),
    ("azure", "azure"),
    ("abfs", "azure"),
    ("abfss", "azure"),
];

pub(super) fn open(address: &str) -> Result<Place> {
    if address.trim().is_empty() {
        return Err(Error::configuration("the destination is empty")
            .with_advice("give a folder, or an address such as s3://bucket/prefix"));
    }
    let Some((scheme, rest)) = address.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
        return Ok(Place::folder(address.strip_prefix("file:").unwrap_or(address)));
    };
    if scheme.eq_ignore_ascii_case("file") {
        return file(address, rest);
    }
    let known = STORES.iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
    let Some((_, feature)) = known else {
        return Err(
            Error::configuration(format!("the scheme {scheme:?} of the destination is not known"))
                .with_advice("use a folder, file://, s3://, gs:// or az://"),
        );
    };
    if rest
        .split('/')
        .next()
        .is_some_and(|authority| authority.contains('@') && !scheme.starts_with("abfs"))
        || rest.contains('?')
    {
        return Err(Error::configuration("the destination holds a credential or a query")
            .with_advice("give credentials in the environment of the store (AWS_.., GOOGLE_.., AZURE_..)"));
    }
    store(address, scheme, feature)
}

fn is_scheme(text: &str) -> bool {
    // A single letter is a drive of Windows.
    text.len() > 1
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'-')
}

/// `file:///path` or `file://localhost/path`.
fn file(address: &str, rest: &str) -> Result<Place> {
    match rest.split_once('/') {
        Some(("" | "localhost", path)) if !path.is_empty() => Ok(Place::folder(format!("/{path}"))),
        _ => Err(
            Error::configuration(format!("{address:?} names no folder of this machine"))
                .with_advice("write file:///folder, or just the path"),
        ),
    }
}

#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
fn store(address: &str, scheme: &str, feature: &str) -> Result<Place> {
    use std::sync::Arc;

    use object_store::ObjectStore;

    let scheme = scheme.to_ascii_lowercase();
    let refused = |error: &object_store::Error| {
        super::failure::store_failed(address, error)
            .with_kind(le_core::ErrorKind::Configuration)
            .with_advice("check the address and the environment of the store (AWS_.., GOOGLE_.., AZURE_..)")
    };
    let store: Arc<dyn ObjectStore> = match feature {
        #[cfg(feature = "aws")]
        "aws" => {
            let builder = object_store::aws::AmazonS3Builder::from_env().with_url(address);
            Arc::new(builder.build().map_err(|error| refused(&error))?)
        }
        #[cfg(feature = "gcp")]
        "gcp" => {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env().with_url(address);
            Arc::new(builder.build().map_err(|error| refused(&error))?)
        }
        #[cfg(feature = "azure")]
        "azure" => {
            let builder = object_store::azure::MicrosoftAzureBuilder::from_env().with_url(address);
            Arc::new(builder.build().map_err(|error| refused(&error))?)
        }
        _ => return Err(not_built_in(&scheme, feature)),
    };
    let prefix = address.splitn(4, '/').nth(3).unwrap_or_default();
    Ok(Place::store(store, prefix, address.trim_end_matches('/')))
}

#[cfg(not(any(feature = "aws", feature = "gcp", feature = "azure")))]
fn store(_address: &str, scheme: &str, feature: &str) -> Result<Place> {
    Err(not_built_in(scheme, feature))
}

fn not_built_in(scheme: &str, feature: &str) -> Error {
    Error::configuration(format!("{scheme}:// is not built in"))
        .with_advice(format!("build with the feature `{feature}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths() {
        for (address, shown) in [
            ("lake", "lake"),
            ("/data/lake", "/data/lake"),
            ("file:///data/lake", "/data/lake"),
            ("file://localhost/data", "/data"),
            ("file:data", "data"),
            ("C:\\lake", "C:\\lake"),
        ] {
            assert_eq!(open(address).unwrap().to_string(), shown);
        }
        for (address, part) in [
            ("", "empty"),
            ("ftp://h/x", "not known"),
            ("file://host/x", "no folder"),
            ("s3://key:secret@bucket/x", "credential"),
            ("az://c/x?sig=1", "credential or a query"),
        ] {
            let error = open(address).unwrap_err();
            assert!(error.message().contains(part), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[cfg(not(feature = "aws"))]
    #[test]
    fn a_store_that_is_not_built_in_is_named_with_its_feature() {
        let error = open("s3://bucket/lake").unwrap_err();
        assert!(error.to_string().contains("feature `aws`"), "{error}");
    }

    #[cfg(all(feature = "aws", feature = "azure"))]
    #[test]
    fn stores_are_opened_without_a_call() {
        let place = open("s3://bucket/lake/x/").unwrap();
        assert_eq!(place.to_string(), "s3://bucket/lake/x");
        assert_eq!(place.object_store().unwrap().1.as_ref(), "lake/x");
    }
}
