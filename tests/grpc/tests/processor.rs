//! `extProc` over gRPC, with a server that knows Envoy's messages from their published protos.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// Processors still say `append`.
#![allow(deprecated)]

use envoy_types::pb::envoy::config::core::v3::header_value_option::HeaderAppendAction;
use envoy_types::pb::envoy::config::core::v3::{HeaderValue, HeaderValueOption};
use envoy_types::pb::envoy::service::ext_proc::v3::body_mutation::Mutation;
use envoy_types::pb::envoy::service::ext_proc::v3::common_response::ResponseStatus;
use envoy_types::pb::envoy::service::ext_proc::v3::processing_request::Request;
use envoy_types::pb::envoy::service::ext_proc::v3::processing_response::Response;
use envoy_types::pb::envoy::service::ext_proc::v3::{
    BodyMutation, BodyResponse, CommonResponse, HeaderMutation, HeadersResponse, HttpHeaders, ImmediateResponse, TrailersResponse,
};
use envoy_types::pb::envoy::r#type::v3::HttpStatus;
use envoy_types::pb::google::protobuf::value::Kind;
use envoy_types::pb::google::protobuf::{BoolValue, Struct};
use postern_grpc_tests::{Ending, Gateway, Processor, Say, Upstream, until};
use serde_json::json;
use tonic::Status;

fn set(key: &str, value: &str) -> HeaderValueOption {
    let header = HeaderValue { key: key.to_owned(), raw_value: value.as_bytes().to_vec(), ..HeaderValue::default() };
    HeaderValueOption { header: Some(header), ..HeaderValueOption::default() }
}

fn mutate(set_headers: Vec<HeaderValueOption>) -> CommonResponse {
    CommonResponse { header_mutation: Some(HeaderMutation { set_headers, ..HeaderMutation::default() }), ..CommonResponse::default() }
}

fn body(text: &str) -> CommonResponse {
    let mutation = BodyMutation { mutation: Some(Mutation::Body(text.as_bytes().to_vec())) };
    CommonResponse { body_mutation: Some(mutation), ..CommonResponse::default() }
}

/// The answer to a message about the same, with these changes.
fn about(request: &Request, response: CommonResponse) -> Say {
    let response = Some(response);
    Say::Answer(match request {
        Request::RequestHeaders(_) => Response::RequestHeaders(HeadersResponse { response }),
        Request::ResponseHeaders(_) => Response::ResponseHeaders(HeadersResponse { response }),
        Request::RequestBody(_) => Response::RequestBody(BodyResponse { response }),
        Request::ResponseBody(_) => Response::ResponseBody(BodyResponse { response }),
        Request::RequestTrailers(_) | Request::ResponseTrailers(_) => unreachable!("trailers are never told"),
    })
}

fn lines(headers: &HttpHeaders) -> Vec<(&str, &str)> {
    let all = headers.headers.as_ref().unwrap().headers.iter();
    all.map(|header| {
        assert_eq!(header.value.as_bytes(), header.raw_value);
        (header.key.as_str(), header.value.as_str())
    })
    .collect()
}

fn text<'a>(object: &'a Struct, path: &[&str]) -> &'a str {
    let (last, way) = path.split_last().unwrap();
    let object = way.iter().fold(object, |object, key| match &object.fields[*key].kind {
        Some(Kind::StructValue(inner)) => inner,
        other => panic!("{key}: {other:?}"),
    });
    match &object.fields[*last].kind {
        Some(Kind::StringValue(text)) => text,
        other => panic!("{last}: {other:?}"),
    }
}

const ALL: &str = "BUFFERED";

#[tokio::test]
async fn a_stream_tells_of_a_request_and_its_response() {
    let processor = Processor::start(|request| match request {
        Request::RequestHeaders(_) => {
            let mut response = mutate(vec![
                set("x-set", "1"),
                HeaderValueOption { append: Some(BoolValue { value: true }), ..set("x-twice", "2") },
                HeaderValueOption { append_action: HeaderAppendAction::AddIfAbsent.into(), ..set("x-twice", "lost") },
                set(":path", "/new?b"),
                set("host", "evil.example"),
            ]);
            response.header_mutation.as_mut().unwrap().remove_headers = vec!["X-Caller".to_owned()];
            about(request, response)
        }
        Request::RequestBody(_) => about(request, body("changed")),
        Request::ResponseHeaders(_) => about(request, mutate(vec![set(":status", "203"), set("x-answer", "1")])),
        other => about(other, body("another answer")),
    })
    .await;
    let upstream = Upstream::start().await;
    let mode = json!({"requestBodyMode": ALL, "responseBodyMode": ALL});
    let gateway = Gateway::start(&upstream, json!({"address": processor.address.to_string(), "processingMode": mode}));

    let answer = gateway.post("original").await;
    assert_eq!((answer.status, answer.body.as_str()), (203, "another answer"), "{answer:?}");
    assert!(answer.head.contains("\r\nx-answer: 1\r\n") && answer.head.contains("\r\ncontent-length: 14"), "{answer:?}");
    let seen = &upstream.seen()[0];
    assert_eq!((seen.target.as_str(), seen.body.as_ref()), ("/new?b", &b"changed"[..]));
    assert_eq!(seen.headers["content-length"], "7");
    assert_eq!(seen.headers["host"], upstream.address.to_string());
    assert_eq!((&seen.headers["x-set"], &seen.headers["x-twice"]), (&"1".parse().unwrap(), &"2".parse().unwrap()));

    let messages = processor.messages();
    let [first, second, third, fourth] = messages.as_slice() else { panic!("{} messages", messages.len()) };
    let Some(Request::RequestHeaders(headers)) = &first.request else { panic!("{first:?}") };
    let told = lines(headers);
    assert_eq!(told[..4], [(":method", "POST"), (":path", "/"), (":authority", "svc.localhost"), (":scheme", "http")]);
    assert!(!headers.end_of_stream);
    let context = &first.metadata_context.as_ref().unwrap().filter_metadata["ctx"];
    assert_eq!(text(context, &["request", "http", "method"]), "POST");
    assert_eq!(text(context, &["service", "metadata", "name"]), "svc.default");
    let Some(Request::RequestBody(told)) = &second.request else { panic!("{second:?}") };
    assert_eq!((told.body.as_slice(), told.end_of_stream), (&b"original"[..], true));
    let Some(Request::ResponseHeaders(headers)) = &third.request else { panic!("{third:?}") };
    assert_eq!(lines(headers)[0], (":status", "200"));
    let Some(Request::ResponseBody(told)) = &fourth.request else { panic!("{fourth:?}") };
    assert_eq!((told.body.as_slice(), told.end_of_stream), (&b"answer"[..], true));
    until("the end of the stream", || processor.endings() == [Ending::Finished]).await;
    assert_eq!(processor.streams(), 1);
}

#[tokio::test]
async fn a_processor_may_answer_itself() {
    let processor = Processor::start(|_| {
        Say::Answer(Response::ImmediateResponse(ImmediateResponse {
            status: Some(HttpStatus { code: 429 }),
            headers: Some(HeaderMutation { set_headers: vec![set("x-why", "often")], ..HeaderMutation::default() }),
            body: b"later".to_vec(),
            details: "for Envoy's log".to_owned(),
            ..ImmediateResponse::default()
        }))
    })
    .await;
    let upstream = Upstream::start().await;
    let gateway = Gateway::start(&upstream, json!({"address": format!("http://{}", processor.address), "protocol": "GRPC"}));
    let answer = gateway.get("/").await;
    assert_eq!((answer.status, answer.body.as_str()), (429, "later"));
    assert!(answer.head.contains("\r\nx-why: often") && answer.head.contains("\r\ncontent-type: text/plain"), "{answer:?}");
    assert!(upstream.seen().is_empty());
    until("the end of the stream", || processor.endings() == [Ending::Finished]).await;
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_502() {
    let failures: [fn(&Request) -> Say; 11] = [
        |_| Say::Nothing,
        |_| Say::End,
        |_| Say::Fail(Status::unavailable("not now")),
        |_| Say::Fail(Status::ok("")),
        |_| Say::Answer(Response::ResponseHeaders(HeadersResponse::default())),
        |_| Say::Answer(Response::RequestBody(BodyResponse::default())),
        |_| Say::Answer(Response::RequestTrailers(TrailersResponse::default())),
        |request| about(request, CommonResponse { status: 7, ..CommonResponse::default() }),
        |request| about(request, mutate(vec![set("x-a", "1\r\nx-evil: 1")])),
        |request| about(request, mutate(vec![HeaderValueOption { append_action: 9, ..set("x-a", "1") }])),
        |request| about(request, CommonResponse { status: ResponseStatus::ContinueAndReplace.into(), ..body(&"a".repeat(100_001)) }),
    ];
    let upstream = Upstream::start().await;
    for (number, failure) in failures.into_iter().enumerate() {
        let processor = Processor::start(failure).await;
        let timeout = json!({"milliseconds": if number == 0 { 100 } else { 6000 }});
        let gateway = Gateway::start(&upstream, json!({"address": processor.address.to_string(), "messageTimeout": timeout}));
        let answer = gateway.get("/").await;
        assert_eq!(answer.status, 502, "{number} {answer:?}");
        assert!(answer.body.contains("processor_failed"), "{number} {answer:?}");
        assert_eq!(processor.messages().len(), 1, "{number}");
        if number == 0 {
            until("the end of the stream", || processor.endings() == [Ending::Cancelled]).await;
        }
    }
    // One that speaks HTTP/1 only, and none at all.
    for address in [upstream.address.to_string(), "127.0.0.1:1".to_owned()] {
        let gateway = Gateway::start(&upstream, json!({"address": address}));
        assert_eq!(gateway.get("/").await.status, 502, "{address}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn only_what_is_asked_for_is_told() {
    let upstream = Upstream::start().await;
    for (mode, told) in [
        (json!({"requestHeaderMode": "SKIP"}), vec!["response headers"]),
        (json!({"responseHeaderMode": "SKIP"}), vec!["request headers"]),
        (json!({"requestHeaderMode": "SKIP", "requestBodyMode": ALL, "responseHeaderMode": "SKIP"}), vec!["request body"]),
        (json!({"responseHeaderMode": "SKIP", "responseBodyMode": ALL}), vec!["request headers", "response body"]),
    ] {
        let processor = Processor::start(|request| about(request, CommonResponse::default())).await;
        let gateway = Gateway::start(&upstream, json!({"address": processor.address.to_string(), "processingMode": mode.clone()}));
        let answer = gateway.post("hello").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "answer"), "{mode}");
        let names = processor.messages().into_iter().map(|message| match message.request.unwrap() {
            Request::RequestHeaders(_) => "request headers",
            Request::RequestBody(_) => "request body",
            Request::ResponseHeaders(_) => "response headers",
            _ => "response body",
        });
        assert_eq!(names.collect::<Vec<_>>(), told, "{mode}");
        assert_eq!(upstream.seen().last().unwrap().body, "hello");
    }
}

#[tokio::test]
async fn requests_in_parallel_have_streams_of_their_own() {
    let processor = Processor::start(|request| match request {
        Request::RequestHeaders(headers) => {
            let path = lines(headers)[1].1.to_owned();
            about(request, mutate(vec![set("x-path", &path)]))
        }
        other => about(other, CommonResponse::default()),
    })
    .await;
    let upstream = Upstream::start().await;
    let gateway = Gateway::start(&upstream, json!({"address": processor.address.to_string(), "messageTimeout": {"seconds": 6}}));
    let paths: Vec<String> = (0..50).map(|number| format!("/{number}")).collect();
    let mut requests = tokio::task::JoinSet::new();
    let gateway = std::sync::Arc::new(gateway);
    for path in paths {
        let gateway = gateway.clone();
        requests.spawn(async move { gateway.get(&path).await.status });
    }
    assert!(requests.join_all().await.into_iter().all(|status| status == 200));
    assert_eq!(processor.streams(), 50);
    let seen = upstream.seen();
    assert_eq!(seen.len(), 50);
    assert!(seen.iter().all(|seen| seen.headers["x-path"] == seen.target), "nobody gets another's answer");
    until("the ends of the streams", || processor.endings() == [Ending::Finished; 50]).await;
}
