//! HTTP exchanges and upgrades over the network in memory.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use le_core::transport::{Body, Transport, TransportError, UpgradeAnswer};

use crate::network::Network;
use crate::support::pipe;

/// One connection for each exchange, as from a machine that does not keep any.
#[derive(Debug)]
pub(crate) struct PipeTransport {
    network: Network,
    /// Whose connections these are, for the trace.
    name: String,
}

impl PipeTransport {
    pub(crate) fn new(network: Network, name: impl Into<String>) -> Self {
        Self {
            network,
            name: name.into(),
        }
    }
}

#[async_trait]
impl Transport for PipeTransport {
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        pipe::execute(self.network.dial(&self.name).await?, request).await
    }

    async fn upgrade(&self, request: Request<()>) -> Result<UpgradeAnswer, TransportError> {
        pipe::upgrade(self.network.dial(&self.name).await?, request).await
    }
}
