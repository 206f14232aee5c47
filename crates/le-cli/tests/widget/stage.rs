//! A workspace that frames the widget, on loopback.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use le_core::Transport as _;
use le_core::transport::HttpTransport;
use tokio::net::TcpListener;

use crate::service::{Framing, Records, router};

const STAND_IN: &str = include_str!("stand_in_sdk.js");

/// The widget's backend, and two pages that frame the widget: the workspace, and a stranger.
pub(crate) struct Stage {
    pub(crate) widget: SocketAddr,
    pub(crate) workspace: SocketAddr,
    pub(crate) stranger: SocketAddr,
}

impl Stage {
    /// The widget with the stand-in for the SDK; only the workspace may frame it.
    pub(crate) async fn new(records: Option<Arc<dyn Records>>) -> Self {
        let (widget, workspace, stranger) = (listen().await, listen().await, listen().await);
        let address = |listener: &TcpListener| listener.local_addr().unwrap();
        let stage = Self {
            widget: address(&widget),
            workspace: address(&workspace),
            stranger: address(&stranger),
        };
        let framing = Framing::new("/stand-in-sdk.js", &format!("http://{}", stage.workspace)).unwrap();
        let script = || async { ([("content-type", "text/javascript")], STAND_IN) };
        serve(widget, router(framing, records).route("/stand-in-sdk.js", get(script)));
        let page = format!(
            "<!doctype html><title>host</title><iframe src=\"http://{}/\"></iframe>",
            stage.widget
        );
        for listener in [workspace, stranger] {
            let page = page.clone();
            serve(listener, Router::new().route("/", get(|| async { Html(page) })));
        }
        stage
    }

    /// Sends a request to the widget's backend.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.widget))
            .header("content-type", content_type)
            .body(body.into())
            .unwrap();
        exchange(request).await
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// One exchange over plain HTTP.
pub(crate) async fn exchange(request: Request<Bytes>) -> Response<Bytes> {
    let transport = HttpTransport::builder().no_proxy().build().unwrap();
    let (parts, body) = transport.execute(request).await.unwrap().into_parts();
    Response::from_parts(parts, body.collect(16 * 1024 * 1024).await.unwrap())
}
