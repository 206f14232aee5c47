//! The floor: a bare reqwest client and serde_json, with nothing that a service needs to be kept running.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use reqwest::Client;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::plain::{Page, RawPage};
use crate::target::{Pull, Target};

/// Records a page: the most that the service gives.
pub(crate) const PAGE: u32 = 100;

/// A client that trusts this certificate authority alone.
pub(crate) fn client(ca: &str) -> Result<Client> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes())?)?;
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .tcp_nodelay(true)
        .build();
    client.context("the bare client")
}

async fn page(client: &Client, target: &Target, window: (i64, i64), offset: u64) -> Result<Bytes> {
    let url = format!(
        "https://{}/messaging_history/api/account/{}/conversations/search?v=2&offset={offset}&limit={PAGE}&sort=start%3Aasc&source=le_bench",
        target.csds, target.account
    );
    let body = format!(
        r#"{{"start":{{"from":{},"to":{}}},"status":["OPEN","CLOSE"]}}"#,
        window.0, window.1
    );
    let request = client
        .post(url)
        .bearer_auth(&target.bearer)
        .header("content-type", "application/json")
        .body(body);
    Ok(request.send().await?.error_for_status()?.bytes().await?)
}

/// Raw records of these windows to a file, or typed ones to nowhere.
pub(crate) async fn pull(target: &Target, windows: &[(i64, i64)], file: File, typed: bool) -> Result<Pull> {
    let client = client(&target.ca)?;
    let mut out = BufWriter::with_capacity(256 << 10, file);
    let mut pull = Pull::default();
    for &window in windows {
        let mut offset = 0;
        loop {
            let body = page(&client, target, window, offset).await?;
            let text = std::str::from_utf8(&body)?;
            pull.bytes += text.len() as u64;
            let count = if typed {
                serde_json::from_str::<Page>(text)?.conversation_history_records.len()
            } else {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                for record in &page.conversation_history_records {
                    out.write_all(record.get().as_bytes())?;
                    out.write_all(b"\n")?;
                }
                page.conversation_history_records.len()
            } as u64;
            pull.records += count;
            offset += count;
            if count < u64::from(PAGE) {
                break;
            }
        }
    }
    out.flush()?;
    Ok(pull)
}

/// Small answers, one after the other.
pub(crate) async fn calls(target: &Target, count: u64) -> Result<Pull> {
    let client = client(&target.ca)?;
    let url = format!("http://{}/small/{}?version=1.0", target.small, target.account);
    let mut pull = Pull::default();
    for _ in 0..count {
        let body = client
            .get(&url)
            .header("accept", "application/json")
            .send()
            .await?
            .error_for_status()?
            .bytes()
            .await?;
        let answer: serde_json::Value = serde_json::from_slice(&body)?;
        anyhow::ensure!(answer.is_object(), "not an object");
        pull.records += 1;
        pull.bytes += body.len() as u64;
    }
    Ok(pull)
}
