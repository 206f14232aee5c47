//! A widget for the Agent Workspace: a static page that uses the widget SDK, and a backend that enriches the conversation.
//!
//! ```sh
//! cargo run -p le-cli --example workspace_widget
//! ```
//!
//! It listens on 127.0.0.1:8090. A workspace opens widgets over https only, so put it behind something that ends TLS, and enter
//! that address in the workspace's settings (Add agent widget, widget SDK). `docs/widgets.md` has the way to a deployment.
//!
//! | Variable | What it is | Without it |
//! |---|---|---|
//! | `WIDGET_LISTEN` | address and port | `127.0.0.1:8090` |
//! | `WIDGET_FRAME_ANCESTORS` | who may frame the page, separated by spaces | `https://*.liveperson.net` |
//! | `WIDGET_SDK` | address of the widget SDK's script | LivePerson's |
//! | `LE_ACCOUNT_ID`, `LE_USERNAME`, `LE_PASSWORD` ... | a credential for Messaging Interactions, as the command `le` takes it | nothing is confirmed |

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod service;

use std::env;
use std::error::Error;
use std::sync::Arc;

use le_auth::settings::Credential;
use le_auth::{Session, Settings};
use le_core::Client;
use le_core::transport::HttpTransport;
use le_data::Data;
use le_domain::Domain;
use tokio::net::TcpListener;

use crate::service::{Framing, Records};

/// The script of the vendor. Its address is in the documentation of the widget SDK.
const SDK: &str = "https://lpcdn.lpsnmedia.net/webagent/client-SDK.min.js";

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// What LivePerson itself says about a conversation, where there is a credential to ask with.
async fn records() -> Result<Option<Arc<dyn Records>>, Box<dyn Error>> {
    if env::var_os("LE_ACCOUNT_ID").is_none() {
        println!("No LE_ACCOUNT_ID: what the page forwards is shown, and marked as not confirmed.");
        return Ok(None);
    }
    let settings = Settings::load()?;
    let account = settings.account()?;
    let mut transport = HttpTransport::builder();
    if let Some(file) = settings.ca_file() {
        transport = transport.add_root_pem(&std::fs::read(file)?)?;
    }
    let client = Client::builder(account.clone())
        .transport(Arc::new(transport.build()?))
        .trusted_hosts(settings.trusted_hosts())
        .source("example_widget")
        .build()?;
    let mut domain = Domain::builder(account).client(client.clone());
    if let Some(host) = settings.domain_host() {
        domain = domain.host(host);
    }
    let client = client.with_discover(Arc::new(domain.build()?));
    let client = match settings.credential()? {
        Credential::Login(credentials) => {
            let session = Session::builder(client.clone(), credentials).open().await?;
            client.with_authorize(Arc::new(session))
        }
        Credential::ApiKey(key) => client.with_authorize(Arc::new(key)),
        _ => return Err("give a login or an API key".into()),
    };
    Ok(Some(Arc::new(Data::new(client))))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let framing = Framing::new(
        &setting("WIDGET_SDK", SDK),
        &setting("WIDGET_FRAME_ANCESTORS", "https://*.liveperson.net"),
    )?;
    let router = service::router(framing, records().await?);
    let listener = TcpListener::bind(setting("WIDGET_LISTEN", "127.0.0.1:8090")).await?;
    println!("The widget is at http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
