//! Files: addresses in the vendor's storage, valid for one minute.
//!
//! Upload: ask for an address, `PUT` the bytes to `https://{swift}{path_and_query}` (201: stored, 401: too late), then publish
//! [`Event::file`](crate::Event::file). Limits: JPG, PNG or GIF, 3 MB, previews 30 KB.
//! <https://developers.liveperson.com/messaging-window-api-tutorials-file-sharing.html>

pub use crate::generated::enums::FileType;

use std::fmt;

use le_core::Secret;
use le_core::id::DialogId;
use le_core::wire::{Int, RawRecord};
use percent_encoding::utf8_percent_encode;

use crate::request::request;
use crate::socket::UNRESERVED;

le_core::record! {
    /// Asks where to put a file.
    pub struct UploadUrl {
        /// Bytes. It is sent as text, as the schema has it.
        file_size: Option<Int> = "fileSize" [safe],
        /// Kind.
        file_type: Option<FileType> = "fileType" [safe],
    }
}
request!(UploadUrl, UPLOAD_URL, FileUrl);

impl UploadUrl {
    /// For a file of this many bytes.
    #[must_use]
    pub fn new(bytes: u32, file_type: FileType) -> Self {
        // The schema says text; a number is what two samples of the vendor show.
        let text = serde_json::from_str(&format!("\"{bytes}\""));
        Self {
            file_size: Some(text.unwrap_or_else(|_| Int::from(i64::from(bytes)))),
            file_type: Some(file_type),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Asks where to read a file.
    pub struct DownloadUrl {
        /// Path in the storage, as the event has it.
        relative_path: Option<String> = "relativePath",
        /// Dialog; the vendor's web client sends it.
        dialog_id: Option<DialogId> = "dialogId" [safe],
    }
}
request!(DownloadUrl, DOWNLOAD_URL, FileUrl);

impl DownloadUrl {
    /// For the file at this path.
    #[must_use]
    pub fn new(relative_path: impl Into<String>) -> Self {
        Self {
            relative_path: Some(relative_path.into()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Where a file is, and the signature that opens it.
    pub struct FileUrl {
        /// Path, with a slash in front.
        relative_path: Option<String> = "relativePath",
        /// Query: signature and time of expiry. Whoever has it can read or replace the file.
        query: Option<RawRecord> = "queryParams",
    }
}

impl FileUrl {
    /// Path and query, to go behind `https://{host of the service swift}`. It is as good as a password for one minute.
    #[must_use]
    pub fn path_and_query(&self) -> Option<Secret> {
        let path = self.relative_path.as_deref()?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        let query = self.query.as_ref()?.to_value().ok()?;
        let pairs: Vec<String> = query
            .as_object()?
            .iter()
            .map(|(name, value)| pair(name, value))
            .collect();
        Some(Secret::new(format!("{slash}{path}?{}", pairs.join("&"))))
    }
}

fn pair(name: &str, value: &serde_json::Value) -> String {
    let value: &dyn fmt::Display = match value {
        serde_json::Value::String(text) => text,
        other => other,
    };
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    format!("{}={}", encode(name), encode(&value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_put_together_as_the_storage_wants_it() {
        let url: FileUrl = serde_json::from_str(
            r#"{"relativePath":"/v1/AUTH_x/1/f.PNG","queryParams":{"temp_url_sig":"9a+b","temp_url_expires":1760000160}}"#,
        )
        .unwrap();
        let text = url.path_and_query().unwrap();
        let expected = "/v1/AUTH_x/1/f.PNG?temp_url_expires=1760000160&temp_url_sig=9a%2Bb";
        assert_eq!(text.expose(), expected);
        assert!(!format!("{url:?} {text:?}").contains("9a"));
        assert!(FileUrl::default().path_and_query().is_none());
    }

    #[test]
    fn sizes_are_sent_as_text() {
        let request = UploadUrl::new(48_213, FileType::Png);
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"fileSize":"48213","fileType":"PNG"}"#
        );
    }
}
