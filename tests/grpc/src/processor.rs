use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use envoy_types::pb::envoy::service::ext_proc::v3::external_processor_server::{ExternalProcessor, ExternalProcessorServer};
use envoy_types::pb::envoy::service::ext_proc::v3::{ProcessingRequest, ProcessingResponse, processing_request, processing_response};
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// A gRPC server that does what a test says, and keeps what it was told.
pub struct Processor {
    pub address: SocketAddr,
    pub told: Arc<Mutex<Told>>,
}

#[derive(Default)]
pub struct Told {
    /// The messages of all streams, in order of arrival, with the number of the stream.
    pub messages: Vec<(usize, ProcessingRequest)>,
    /// How streams ended, in that order.
    pub endings: Vec<Ending>,
    streams: usize,
}

/// How the gateway ended a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Finished,
    Cancelled,
}

/// What becomes of a message.
pub enum Say {
    Answer(processing_response::Response),
    /// The server never answers.
    Nothing,
    /// The server ends the stream, without an error.
    End,
    Fail(Status),
}

type Script = dyn Fn(&processing_request::Request) -> Say + Send + Sync;

impl Processor {
    pub async fn start(script: impl Fn(&processing_request::Request) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let told = Arc::<Mutex<Told>>::default();
        let service = ExternalProcessorServer::new(Service { script: Arc::new(script), told: told.clone() });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = TowerToHyperService::new(service.clone());
                tokio::spawn(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, told }
    }

    /// The messages of all streams, in order of arrival.
    pub fn messages(&self) -> Vec<ProcessingRequest> {
        self.told.lock().unwrap().messages.iter().map(|(_, message)| message.clone()).collect()
    }

    pub fn streams(&self) -> usize {
        self.told.lock().unwrap().streams
    }

    pub fn endings(&self) -> Vec<Ending> {
        self.told.lock().unwrap().endings.clone()
    }
}

struct Service {
    script: Arc<Script>,
    told: Arc<Mutex<Told>>,
}

#[tonic::async_trait]
impl ExternalProcessor for Service {
    type ProcessStream = Pin<Box<dyn Stream<Item = Result<ProcessingResponse, Status>> + Send>>;

    async fn process(&self, request: Request<Streaming<ProcessingRequest>>) -> Result<Response<Self::ProcessStream>, Status> {
        let number = {
            let mut told = self.told.lock().unwrap();
            told.streams += 1;
            told.streams
        };
        let (answers, stream) = mpsc::unbounded_channel();
        let (script, told) = (self.script.clone(), self.told.clone());
        tokio::spawn(async move {
            let mut messages = request.into_inner();
            loop {
                let message = match messages.message().await {
                    Ok(Some(message)) => message,
                    Ok(None) => break told.lock().unwrap().endings.push(Ending::Finished),
                    Err(_) => break told.lock().unwrap().endings.push(Ending::Cancelled),
                };
                told.lock().unwrap().messages.push((number, message.clone()));
                match script(message.request.as_ref().unwrap()) {
                    Say::Answer(response) => {
                        let _ = answers.send(Ok(ProcessingResponse { response: Some(response), ..ProcessingResponse::default() }));
                    }
                    Say::Nothing => {}
                    Say::End => break,
                    Say::Fail(status) => break drop(answers.send(Err(status))),
                }
            }
        });
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(stream))))
    }
}
