//! The same work through our crates.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use anyhow::Result;
use futures_util::StreamExt as _;
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Client, Operation, OperationSpec, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::jsonl::JsonLines;

use crate::target::{Pull, Target};

static SMALL: OperationSpec = OperationSpec {
    id: "bench.small",
    service: "",
    method: http::Method::GET,
    path: "/small/{accountId}",
    query: &[("version", "1.0")],
    auth: AuthRequirement::None,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: false,
    documentation: "",
};

pub(crate) fn client(target: &Target, base: BaseUri) -> Result<Client> {
    let transport = HttpTransport::builder()
        .no_proxy()
        .only_added_roots()
        .add_root_pem(target.ca.as_bytes())?
        .build()?;
    let client = Client::builder(AccountId::new(&target.account)?)
        .transport(Arc::new(transport))
        .discover(Arc::new(FixedBase(base)))
        .trusted_hosts(TrustedHosts::default().with_host("localhost").with_host("127.0.0.1"))
        .authorize(Arc::new(StaticBearer::new(target.bearer.as_str())))
        .source("le_bench")
        .build()?;
    Ok(client)
}

/// Raw records to a file, or typed ones to nowhere, in the same windows as the floor.
pub(crate) async fn pull(target: &Target, typed: bool) -> Result<Pull> {
    let data = Data::new(client(target, BaseUri::new(&target.csds)?)?);
    let mut pull = Pull::default();
    let mut lines = JsonLines::new(BufWriter::with_capacity(256 << 10, File::create("/dev/null")?));
    for &(from, to) in &target.windows {
        let range = TimeRange::new(Timestamp::from_millis(from), Timestamp::from_millis(to))?;
        let search = data.conversations().search(range).limit(crate::bare::PAGE);
        if typed {
            let mut records = search.stream();
            while let Some(record) = records.next().await {
                let record = record?;
                pull.records += 1;
                pull.bytes += record.raw().len() as u64;
            }
        } else {
            let mut records = search.raw_stream();
            while let Some(record) = records.next().await {
                lines.write(&record?)?;
            }
        }
    }
    lines.flush()?;
    Ok(Pull {
        records: pull.records + lines.records(),
        bytes: pull.bytes + lines.bytes(),
    })
}

/// Small answers, one after the other, through the whole pipeline.
pub(crate) async fn calls(target: &Target, count: u64) -> Result<Pull> {
    let client = client(target, BaseUri::plain(&target.small)?)?;
    let mut pull = Pull::default();
    for _ in 0..count {
        let answer = client.call(Operation::new(&SMALL)).await?;
        let value: serde_json::Value = answer.json()?;
        anyhow::ensure!(value.is_object(), "not an object");
        pull.records += 1;
        pull.bytes += answer.body().len() as u64;
    }
    Ok(pull)
}
