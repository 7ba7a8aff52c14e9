use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::platform::processor::{Append, CommonResponse, HeaderMutation, ImmediateResponse, ProcessingResponse, SetHeader};
use crate::testing::test;

#[test]
fn writes_requests() {
    let write = |step, content, end_of_stream| -> Value {
        let request = ProcessingRequest { step, content, end_of_stream, context: Rc::new(json!({"region": "eu"})) };
        serde_json::from_slice(&super::write(&request)).unwrap()
    };
    let metadata = json!({"filterMetadata": {"ctx": {"region": "eu"}}});
    let lines = vec![(":method".to_owned(), Bytes::from_static(b"GET")), ("x".to_owned(), Bytes::from_static(b"\xff"))];
    assert_eq!(
        write(Step::RequestHeaders, Content::Headers(lines), true),
        json!({
            "requestHeaders": {
                "headers": {"headers": [
                    {"key": ":method", "value": "GET", "rawValue": "R0VU"},
                    {"key": "x", "value": "\u{fffd}", "rawValue": "/w=="},
                ]},
                "endOfStream": true,
            },
            "metadataContext": metadata,
        })
    );
    assert_eq!(
        write(Step::ResponseBody, Content::Body(Bytes::from_static(b"hi")), false),
        json!({"responseBody": {"body": "aGk="}, "metadataContext": metadata})
    );
}

fn header(name: &str, value: &'static str, append: Append) -> SetHeader {
    SetHeader { name: name.to_owned(), value: Bytes::from_static(value.as_bytes()), append }
}

#[test]
fn reads_answers_in_either_spelling() {
    let camel = json!({"requestHeaders": {"response": {
        "status": "CONTINUE_AND_REPLACE",
        "headerMutation": {
            "setHeaders": [
                {"header": {"key": "a", "value": "1"}},
                {"header": {"key": "b", "rawValue": "Mg=="}, "append": true},
                {"header": {"key": "c", "value": "3"}, "appendAction": "ADD_IF_ABSENT"},
                {"header": {"key": "d", "value": "4", "rawValue": "NA"}, "appendAction": 3},
                {"append": true},
            ],
            "removeHeaders": ["x"],
        },
        "bodyMutation": {"body": "aGk_"},
        "clearRouteCache": true,
    }}, "dynamicMetadata": {}, "modeOverride": {"requestBodyMode": "STREAMED"}});
    let snake = json!({"request_headers": {"response": {
        "status": 1,
        "header_mutation": {
            "set_headers": [
                {"header": {"key": "a", "value": "1"}, "append_action": 2},
                {"header": {"key": "b", "raw_value": "Mg"}, "append_action": "APPEND_IF_EXISTS_OR_ADD"},
                {"header": {"key": "c", "value": "3"}, "append_action": 1},
                {"header": {"key": "d", "value": "4"}, "append_action": "OVERWRITE_IF_EXISTS"},
            ],
            "remove_headers": ["x"],
        },
        "body_mutation": {"body": "aGk/"},
    }}, "response_headers": null});
    let expected = CommonResponse {
        replace: true,
        headers: HeaderMutation {
            remove: vec!["x".to_owned()],
            set: vec![
                header("a", "1", Append::Overwrite),
                header("b", "2", Append::Append),
                header("c", "3", Append::AddIfAbsent),
                header("d", "4", Append::OverwriteIfExists),
            ],
        },
        body: Some(Bytes::from_static(b"hi?")),
    };
    for answer in [camel, snake] {
        let read = read(answer.to_string().as_bytes());
        assert_eq!(read, Ok(ProcessingResponse::Common(Step::RequestHeaders, expected.clone())), "{answer}");
    }
}

#[test]
fn little_may_be_said() {
    for (answer, step, body) in [
        (r#"{"requestBody":{}}"#, Step::RequestBody, None),
        (r#"{"responseHeaders":{"response":{}}}"#, Step::ResponseHeaders, None),
        (
            r#"{"responseBody":{"response":{"status":"CONTINUE","bodyMutation":{"clearBody":true}}}}"#,
            Step::ResponseBody,
            Some(Bytes::new()),
        ),
        (r#"{"responseBody":{"response":{"bodyMutation":{"clearBody":false}}}}"#, Step::ResponseBody, None),
        (r#"{"responseBody":{"response":{"bodyMutation":{}}}}"#, Step::ResponseBody, None),
    ] {
        let expected = CommonResponse { body, ..CommonResponse::default() };
        assert_eq!(read(answer.as_bytes()), Ok(ProcessingResponse::Common(step, expected)), "{answer}");
    }
}

#[test]
fn reads_immediate_answers() {
    for (status, expected) in [
        (json!(null), None),
        (json!({}), None),
        (json!({"code": 429}), Some(429)),
        (json!({"code": "TooManyRequests"}), Some(429)),
        (json!({"code": "URITooLong"}), Some(414)),
        (json!({"code": "OK"}), Some(200)),
        (json!({"code": "IMUsed"}), Some(226)),
        (json!({"code": "HTTPVersionNotSupported"}), Some(505)),
        (json!({"code": "Empty"}), Some(0)),
    ] {
        let answer = json!({"immediateResponse": {"status": status, "body": "bm8=", "details": "why", "grpcStatus": {"status": 7}}});
        let expected = ImmediateResponse { status: expected, headers: HeaderMutation::default(), body: Bytes::from_static(b"no") };
        assert_eq!(read(answer.to_string().as_bytes()), Ok(ProcessingResponse::Immediate(expected)), "{answer}");
    }
}

#[test]
fn refuses_what_it_cannot_read() {
    for answer in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"requestTrailers":{}}"#,
        r#"{"requestHeaders":{},"immediateResponse":{}}"#,
        r#"{"requestHeaders":{},"request_headers":{}}"#,
        r#"{"requestHeaders":[]}"#,
        r#"{"requestHeaders":{"response":{"status":"STOP"}}}"#,
        r#"{"requestHeaders":{"response":{"status":2}}}"#,
        r#"{"requestHeaders":{"response":{"status":-1}}}"#,
        r#"{"requestBody":{"response":{"bodyMutation":{"body":"%"}}}}"#,
        r#"{"requestBody":{"response":{"bodyMutation":{"body":"","clearBody":true}}}}"#,
        r#"{"requestHeaders":{"response":{"headerMutation":{"setHeaders":[{"header":{"key":"a","value":"1","rawValue":"Mg=="}}]}}}}"#,
        r#"{"requestHeaders":{"response":{"headerMutation":{"setHeaders":[{"header":{"key":"a"},"appendAction":4}]}}}}"#,
        r#"{"immediateResponse":{"status":{"code":"Teapot"}}}"#,
        r#"{"immediateResponse":{"status":{"code":""}}}"#,
        r#"{"requestHeaders":{}} {}"#,
    ] {
        assert!(read(answer.as_bytes()).is_err(), "{answer}");
    }
}
