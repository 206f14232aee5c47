//! The bytes behind a `relativePath`: files that agents and consumers sent each other.
//!
//! History holds paths, never bytes. A path has to be signed over the messaging socket (`ms.GenerateURLForDownloadFile`, in the crate
//! `le-bots`); the signature holds about a minute, and there is no documented way to sign a single path otherwise. For all files
//! of a conversation see [`bulk_files`](crate::bulk_files).

use http::HeaderValue;
use http::header::ACCEPT;
use le_core::{Client, Error, Operation, Result, Secret};
use percent_encoding::percent_decode_str;

pub use crate::file_stream::FileStream;
use crate::generated::operations::DOWNLOAD_HOSTED_FILE;

/// The storage of files. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HostedFiles {
    client: Client,
}

impl HostedFiles {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// A file by its signed path: `/v1/{container}/{account}/{file}?temp_url_sig=..&temp_url_expires=..`, as the messaging socket
    /// gives it (`le_bots::FileUrl::path_and_query`). The signature is the permission: no credential is sent.
    ///
    /// The bytes are given out as they come ([`FileStream::write_to`], [`FileStream::collect`]). The signature holds a minute, so a
    /// stream that broke needs a new one.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](le_core::ErrorKind::Authentication) where the signature does not hold any more; otherwise see
    /// [`ErrorKind`](le_core::ErrorKind).
    pub async fn download(&self, path_and_query: impl Into<Secret>) -> Result<FileStream> {
        let operation = operation(path_and_query.into().expose())?;
        let answer = self.client.call(operation).stream().await?;
        Ok(FileStream::answer(answer))
    }

    /// A file by its path and the two parts of its signature. `expires` is in seconds since 1970.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn download_signed(&self, relative_path: &str, signature: &Secret, expires: &str) -> Result<FileStream> {
        let address = format!(
            "{relative_path}?temp_url_sig={}&temp_url_expires={expires}",
            signature.expose()
        );
        self.download(address).await
    }
}

fn operation(path_and_query: &str) -> Result<Operation> {
    let refused = |what: &str| {
        Error::validation(format!("the signed path {what}"))
            .with_operation(DOWNLOAD_HOSTED_FILE.id)
            .with_advice("give /v1/{container}/{account}/{file}?temp_url_sig=..&temp_url_expires=..")
    };
    let (path, query) = path_and_query
        .split_once('?')
        .ok_or_else(|| refused("has no signature"))?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let ["v1", container, account, file] = segments[..] else {
        return Err(refused("is not /v1/{container}/{account}/{file}"));
    };
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let pairs: Vec<(String, String)> = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
    for name in ["temp_url_sig", "temp_url_expires"] {
        if !pairs.iter().any(|(own, value)| own == name && !value.is_empty()) {
            return Err(refused(&format!("has no `{name}`")));
        }
    }
    let operation = Operation::new(&DOWNLOAD_HOSTED_FILE)
        .path_value("container", decoded(container))
        .path_value("accountId", decoded(account))
        .path_value("file", decoded(file))
        .header(ACCEPT, HeaderValue::from_static("*/*"));
    Ok(pairs
        .into_iter()
        .fold(operation, |operation, (name, value)| operation.query(name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_path_is_taken_apart_and_put_together_again() {
        let address = "/v1/AUTH_async-images/70000001/0f0e%20x.PNG?temp_url_sig=9a%2Bb&temp_url_expires=1893456000";
        let sent = operation(address)
            .unwrap()
            .path_and_query("other", Some("le_test"))
            .unwrap();
        assert_eq!(sent, address);
        for (odd, what) in [
            ("/v1/AUTH_x/1/f.PNG", "no signature"),
            ("/v1/AUTH_x/1/f.PNG?temp_url_sig=a", "temp_url_expires"),
            ("/v2/AUTH_x/1/f.PNG?temp_url_sig=a&temp_url_expires=1", "/v1/"),
            ("/v1/AUTH_x/1/a/b.PNG?temp_url_sig=a&temp_url_expires=1", "/v1/"),
        ] {
            let error = operation(odd).unwrap_err();
            assert!(error.to_string().contains(what), "{odd}: {error}");
        }
    }
}
