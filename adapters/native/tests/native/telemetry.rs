//! What a collector on the network gets, read by the published protocol definitions of OpenTelemetry.

use std::time::Duration;

use http::Request;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use postern_core::gateway::Gateway;
use serde_json::{Value, json};

use crate::fixture::{Body, Client, Collector, Host, Upstream, attributes, bytes, json_of, read_all, until};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00f067aa0ba902b7";

fn start(upstream: &Upstream, collector: &Collector, otlp: Value) -> Host {
    Host::serving::<Gateway>(&snapshot(upstream, collector, otlp), |options| options.settings.region = Some("eu".to_owned())).unwrap()
}

/// One anonymous Service, `svc`, whose log shows bodies, and a collector.
fn snapshot(upstream: &Upstream, collector: &Collector, mut otlp: Value) -> String {
    otlp["url"] = collector.url().into();
    let http = json!({"enableRequestBuffering": true, "visibility": {"enableRequestBodyMap": true, "enableResponseBody": true}});
    let service = json!({
        "kind": "Service", "metadata": {"name": "svc"},
        "spec": {"mode": "HTTP", "isPublic": true, "isAnonymous": true, "config": {"upstream": {"url": upstream.url()}, "http": http}},
    });
    let gateway = json!({"kind": "Gateway", "metadata": {"name": "default"}, "spec": {"telemetry": {"otlp": otlp}}});
    json!({
        "format": 1, "generation": 1, "domain": "localhost", "gateway": gateway,
        "services": {"svc.default": service}, "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
    })
    .to_string()
}

async fn post(client: &mut Client, body: &str) -> u16 {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let request = Request::post("http://svc.localhost/v1?key=canary").header("traceparent", parent).header("tracestate", "vendor=1");
    let response = client.call(request.header("content-type", "application/json").body(Body::of(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    read_all(response).await;
    status
}

fn total(metrics: &[Metric], name: &str) -> i64 {
    let sums = metrics.iter().filter(|metric| metric.name == name).map(|metric| match metric.data.as_ref().unwrap() {
        Data::Sum(sum) => sum.data_points.iter().map(|point| match point.value {
            Some(Number::AsInt(value)) => value,
            _ => panic!("{point:?}"),
        }),
        other => panic!("{other:?}"),
    });
    sums.flatten().sum()
}

async fn stop(host: Host) -> Vec<Value> {
    host.stop();
    let log = host.log.clone();
    host.wait().await;
    log.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn logs_traces_and_metrics_say_the_same_in_protobuf_and_json() {
    for protocol in ["PROTOBUF", "JSON"] {
        let upstream = Upstream::start(|_| async { bytes("answered") }).await;
        let collector = Collector::start().await;
        let otlp = json!({"protocol": protocol, "batch": {"maxAge": {"minutes": 1}}, "resourceAttributes": {"deployment.environment.name": "test"}});
        let host = start(&upstream, &collector, otlp);
        let mut client = Client::connect(host.address, false).await;
        assert_eq!(post(&mut client, r#"{"a":[1,2.5,null,{"b":"c"}]}"#).await, 200);
        drop(client);
        // The batch would wait for a minute; a shutdown does not.
        let log = stop(host).await;
        assert_eq!(collector.messages(), 3, "{protocol}");

        let [(resource, record)] = collector.logs().try_into().unwrap();
        assert_eq!(json_of(record.body.as_ref().unwrap()), log[0], "the record is the log's line");
        assert_eq!((record.severity_number, record.severity_text.as_str(), record.flags), (9, "INFO", 1));
        assert_eq!(record.time_unix_nano, record.observed_time_unix_nano);
        assert_eq!(log[0]["entry"]["info"]["http"]["request"]["bodyMap"]["a"][3]["b"], "c");
        assert_eq!(log[0]["entry"]["info"]["http"]["response"]["body"], "answered");
        let resource = attributes(&resource.attributes);
        assert_eq!((&resource["service.name"], &resource["postern.region.name"]), (&json!("postern"), &json!("eu")));
        assert_eq!(resource["deployment.environment.name"], "test");

        let [server, call] = collector.spans().try_into().unwrap();
        assert_eq!((hex(&server.trace_id), hex(&server.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
        assert_eq!((&record.trace_id, &record.span_id), (&server.trace_id, &server.span_id));
        assert_eq!((&call.trace_id, &call.parent_span_id), (&server.trace_id, &server.span_id));
        assert_eq!((server.name.as_str(), server.kind, server.trace_state.as_str()), ("POST svc.default", 2, "vendor=1"));
        assert_eq!((call.name.as_str(), call.kind), ("POST", 3));
        assert!(server.start_time_unix_nano <= call.start_time_unix_nano && call.end_time_unix_nano <= server.end_time_unix_nano);
        let told = attributes(&server.attributes);
        assert_eq!(
            (&told["http.request.method"], &told["url.path"], &told["http.response.status_code"], &told["network.protocol.version"]),
            (&json!("POST"), &json!("/v1"), &json!(200), &json!("1.1"))
        );
        let told = attributes(&call.attributes);
        assert_eq!(told["server.port"], json!(upstream.address.port()));
        assert_eq!(told["url.full"], format!("{}/v1", upstream.url()), "without the query");

        let metrics = collector.metrics();
        assert_eq!((total(&metrics, "req.total"), total(&metrics, "req.active"), total(&metrics, "req.bytes_sent")), (1, 0, 8));
        for (name, unit, bounds) in [("req.duration", "ms", 17), ("req.ttfb", "ms", 17), ("http.server.request.duration", "s", 14)] {
            let metric = metrics.iter().find(|metric| metric.name == name).unwrap();
            let Some(Data::Histogram(histogram)) = &metric.data else { panic!("{metric:?}") };
            let point = &histogram.data_points[0];
            assert_eq!((metric.unit.as_str(), histogram.aggregation_temporality, point.count), (unit, 1, 1));
            assert_eq!((point.explicit_bounds.len(), point.bucket_counts.len()), (bounds, bounds + 1));
            assert_eq!(point.bucket_counts.iter().sum::<u64>(), 1);
        }
    }
}

/// Readers of protobuf stop at a depth of 100, and would refuse the whole batch.
#[tokio::test]
async fn a_body_as_deep_as_it_may_be_spoils_no_batch() {
    for protocol in ["PROTOBUF", "JSON"] {
        let upstream = Upstream::start(|_| async { bytes("") }).await;
        let collector = Collector::start().await;
        let host = start(&upstream, &collector, json!({"protocol": protocol, "signals": {"traces": false, "metrics": false}}));
        let mut client = Client::connect(host.address, false).await;
        let deep = (0..60).fold("1".to_owned(), |inner, _| format!("[{inner}]"));
        assert_eq!(post(&mut client, &format!(r#"{{"deep":{deep}}}"#)).await, 200);
        drop(client);
        stop(host).await;
        let [(_, record)] = collector.logs().try_into().unwrap();
        assert!(json_of(record.body.as_ref().unwrap()).to_string().contains("[[[1]]]"));
    }
}

#[tokio::test]
async fn an_upstream_is_told_the_span_of_the_call_to_it() {
    let upstream = Upstream::start(|request| async move { bytes(request.headers()["traceparent"].as_bytes().to_vec()) }).await;
    let collector = Collector::start().await;
    let host = start(&upstream, &collector, json!({"propagate": true}));
    let mut client = Client::connect(host.address, false).await;
    let response = client.call(Request::get("http://svc.localhost/").body(Body::empty()).unwrap()).await.unwrap();
    let told = String::from_utf8(read_all(response).await.to_vec()).unwrap();
    drop(client);
    stop(host).await;
    let [server, call] = collector.spans().try_into().unwrap();
    assert_eq!(told, format!("00-{}-{}-01", hex(&call.trace_id), hex(&call.span_id)));
    assert!(server.parent_span_id.is_empty() && call.parent_span_id == server.span_id);
}

#[tokio::test]
async fn a_collector_that_hangs_holds_up_nobody_and_what_is_lost_is_counted() {
    const REQUESTS: usize = 400;
    let upstream = Upstream::start(|_| async { bytes("") }).await;
    // The first message is never answered.
    let collector = Collector::answering(|before| async move {
        if before == 0 {
            std::future::pending::<()>().await;
        }
        bytes("")
    })
    .await;
    let batch = json!({"maxItems": 4096, "maxQueueBytes": 65536, "maxAge": {"milliseconds": 1}});
    let host = start(&upstream, &collector, json!({"signals": {"traces": false}, "batch": batch}));
    let mut client = Client::connect(host.address, false).await;
    assert_eq!(post(&mut client, "{}").await, 200);
    collector.wait_for(1).await;
    for _ in 1..REQUESTS {
        assert_eq!(post(&mut client, "{}").await, 200);
    }
    assert_eq!(collector.messages(), 1, "one message at a time");
    drop(client);
    collector.clear();
    let log = stop(host).await;
    let (records, metrics) = (collector.logs().len(), collector.metrics());
    let lost = usize::try_from(total(&metrics, "postern.telemetry.dropped")).unwrap();
    assert!((1..=120).contains(&records) && records + lost == REQUESTS, "{records} arrived, {lost} were lost");
    assert_eq!(total(&metrics, "req.total"), i64::try_from(REQUESTS).unwrap(), "numbers take no room");
    let complaints: Vec<_> = log.iter().filter(|line| line["kind"] == "ComponentLog").map(|line| line["message"].to_string()).collect();
    assert!(complaints.len() == 1 && complaints[0].contains("no answer in time"), "{complaints:?}");
}

#[tokio::test]
async fn what_a_shutdown_cuts_off_does_no_harm() {
    let upstream = Upstream::start(|_| std::future::pending()).await;
    let collector = Collector::start().await;
    let snapshot = snapshot(&upstream, &collector, json!({}));
    let host = Host::serving::<Gateway>(&snapshot, |options| options.limits.drain = Duration::ZERO).unwrap();
    let address = host.address;
    let call = tokio::spawn(async move {
        Client::connect(address, false).await.call(Request::get("http://svc.localhost/").body(Body::empty()).unwrap()).await
    });
    until("the call's arrival", || upstream.connections() > 0).await;
    let log = stop(host).await;
    assert!(call.await.unwrap().is_err());
    assert_eq!(log.len(), 1, "{log:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
