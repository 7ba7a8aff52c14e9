//! External processors over gRPC (`envoy.service.ext_proc.v3`), on the client that everything else goes through.

mod convert;
mod framing;
mod message;
mod stream;

use http::Uri;
use postern_core::platform::processor::{ProcessorClient, ProcessorStream};

use crate::NativeClient;
use stream::GrpcStream;

/// Opens streams to processors; each thread has one.
pub struct GrpcProcessors {
    client: NativeClient,
}

impl GrpcProcessors {
    pub fn new(client: NativeClient) -> Self {
        Self { client }
    }
}

impl ProcessorClient for GrpcProcessors {
    fn open(&self, origin: Uri) -> Box<dyn ProcessorStream> {
        Box::new(GrpcStream::new(self.client.clone(), origin))
    }
}
