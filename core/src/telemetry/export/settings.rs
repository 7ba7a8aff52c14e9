use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderName, HeaderValue, Uri};

use crate::check::{at_most, each, exactly_one, header, name, url};
use crate::problem::Problems;
use crate::resource::service::SecretHeader;
use crate::resource::{OtlpBatch, OtlpExporter, OtlpProtocol, OtlpSignals};
use crate::secret::SecretName;
use crate::telemetry::otlp::{KeyValue, Signal, attribute};

/// `telemetry.otlp`, compiled.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Without a slash at its end.
    base: String,
    pub protocol: OtlpProtocol,
    pub headers: Vec<(HeaderName, HeaderText)>,
    pub signals: OtlpSignals,
    pub resource_attributes: Vec<KeyValue>,
    /// The share of traces that are sampled, of those that begin here.
    pub sampling: f64,
    /// Upstreams are told the trace.
    pub propagate: bool,
    pub max_items: usize,
    pub max_age: Duration,
    /// Bytes of items that wait, for each of the signals.
    pub max_queue_bytes: usize,
}

/// The value of a header.
#[derive(Debug, Clone)]
pub enum HeaderText {
    Literal(HeaderValue),
    Secret(SecretName),
}

const MAX_HEADERS: usize = 16;
const MAX_ATTRIBUTES: usize = 64;
const MAX_ITEMS: std::ops::RangeInclusive<u32> = 1..=4096;
const MAX_AGE: Duration = Duration::from_secs(60);
const QUEUE_BYTES: std::ops::RangeInclusive<u32> = 64 << 10..=16 << 20;

/// Reports every problem at its place, as [`Exporter::of`](super::Exporter::of) will find it.
pub fn check(source: &OtlpExporter, problems: &mut Problems) {
    Settings::compile(source, problems);
}

impl Settings {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &OtlpExporter, problems: &mut Problems) -> Option<Self> {
        let base = problems.at("url", |p| compile_url(&source.url, p));
        at_most(problems, "headers", source.headers.len(), MAX_HEADERS, "headers");
        let headers = each(problems, "headers", &source.headers, |p, header| compile_header(header, p));
        at_most(problems, "resourceAttributes", source.resource_attributes.len(), MAX_ATTRIBUTES, "attributes");
        let sampling = source.sampling.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&sampling) {
            problems.at("sampling", |p| p.error("this is 0 to 1"));
        }
        let OtlpSignals { logs, traces, metrics } = source.signals;
        if !(logs || traces || metrics) {
            problems.at("signals", |p| p.error_with_help("nothing is left to send", "leave `otlp` away to send nothing"));
        }
        let (max_items, max_age, max_queue_bytes) = problems.at("batch", |p| compile_batch(&source.batch, p));
        let attributes = source.resource_attributes.iter();
        Some(Self {
            base: base?,
            protocol: source.protocol,
            headers: headers.into_iter().collect::<Option<_>>()?,
            signals: source.signals.clone(),
            resource_attributes: attributes.map(|(key, value)| attribute(key.as_str(), value.as_str())).collect(),
            sampling,
            propagate: source.propagate,
            max_items,
            max_age,
            max_queue_bytes,
        })
    }

    pub fn sends(&self, signal: Signal) -> bool {
        match signal {
            Signal::Logs => self.signals.logs,
            Signal::Traces => self.signals.traces,
            Signal::Metrics => self.signals.metrics,
        }
    }

    pub fn url(&self, signal: Signal) -> String {
        format!("{}{}", self.base, signal.path())
    }

    pub fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(match self.protocol {
            OtlpProtocol::Protobuf => "application/x-protobuf",
            OtlpProtocol::Json => "application/json",
        })
    }
}

fn compile_url(text: &str, problems: &mut Problems) -> Option<String> {
    let uri = url::parse(text).map_err(|fault| problems.error(fault)).ok()?;
    if uri.scheme() == Some(&Scheme::HTTP) && !is_loopback(&uri) {
        problems.warning_with_help("whoever is on the way reads what is sent, the credential too", "write `https`");
    } else if uri.scheme() != Some(&Scheme::HTTPS) && uri.scheme() != Some(&Scheme::HTTP) {
        problems.error("the scheme is `https` or `http`");
        return None;
    }
    if uri.query().is_some() {
        problems.error("the base URL has no query: `/v1/logs` and the like are appended to it");
        return None;
    }
    if let Some(base) = Signal::ALL.iter().find_map(|signal| text.strip_suffix(signal.path())) {
        problems.error_with_help("the base URL is without the signal's path, which is appended to it", format!("write `{base}`"));
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn compile_header(source: &SecretHeader, problems: &mut Problems) -> Option<(HeaderName, HeaderText)> {
    let name = problems.at("key", |p| {
        let name = header::name(&source.key, p)?;
        if matches!(name.as_str(), "content-type" | "content-length" | "host" | "transfer-encoding" | "connection") {
            p.error(format!("`{name}` is set by the gateway"));
        }
        Some(name)
    });
    exactly_one(problems, &[("value", source.value.is_some()), ("fromSecret", source.from_secret.is_some())]);
    let text = match (&source.value, &source.from_secret) {
        (Some(value), _) => problems.at("value", |p| header::value(value, p)).map(HeaderText::Literal),
        (None, Some(secret)) => problems.at("fromSecret", |p| compile_secret(secret, p)).map(HeaderText::Secret),
        (None, None) => None,
    };
    Some((name?, text?))
}

fn compile_secret(secret: &str, problems: &mut Problems) -> Option<SecretName> {
    name::label(secret).map_err(|fault| problems.error(fault)).ok()?;
    SecretName::parse(secret).map_err(|error| problems.error(error.to_string())).ok()
}

fn compile_batch(source: &OtlpBatch, problems: &mut Problems) -> (usize, Duration, usize) {
    let max_items = source.max_items.unwrap_or(256);
    if !MAX_ITEMS.contains(&max_items) {
        problems.at("maxItems", |p| p.error("this is 1 to 4096"));
    }
    let max_age = source.max_age.map_or(Duration::from_secs(5), crate::resource::Duration::to_std);
    if max_age > MAX_AGE {
        problems.at("maxAge", |p| p.error("this is at most 1 minute"));
    }
    let bytes = source.max_queue_bytes.unwrap_or(1 << 20);
    if !QUEUE_BYTES.contains(&bytes) {
        problems.at("maxQueueBytes", |p| p.error("this is 65536 (64 KiB) to 16777216 (16 MiB)"));
    }
    (max_items as usize, max_age, bytes as usize)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::test;

    fn compile(mut source: Value) -> Result<Settings, String> {
        if source.get("url").is_none() {
            source["url"] = "https://otel.example".into();
        }
        let mut problems = Problems::new();
        let settings = Settings::compile(&serde_json::from_value(source).unwrap(), &mut problems);
        let first = problems.iter().next().map(|problem| format!("{} {:?}", problem.path, problem.severity));
        first.map_or_else(|| Ok(settings.unwrap()), Err)
    }

    #[test]
    fn problems_are_where_they_arise() {
        for (source, problem) in [
            (json!({"url": "http://otel.example:4318"}), "url Warning"),
            (json!({"url": "grpc://otel.example"}), "url Error"),
            (json!({"url": "https://otel.example?a=1"}), "url Error"),
            (json!({"url": "https://otel.example/v1/traces"}), "url Error"),
            (json!({"url": "<URL>"}), "url Error"),
            (json!({"headers": [{"key": "a b", "value": "x"}]}), "headers[0].key Error"),
            (json!({"headers": [{"key": "Content-Type", "value": "x"}]}), "headers[0].key Error"),
            (json!({"headers": [{"key": "a"}]}), "headers[0] Error"),
            (json!({"headers": [{"key": "a", "value": "\n"}]}), "headers[0].value Error"),
            (json!({"headers": [{"key": "a", "fromSecret": "A B"}]}), "headers[0].fromSecret Error"),
            (json!({"sampling": 1.5}), "sampling Error"),
            (json!({"sampling": -0.1}), "sampling Error"),
            (json!({"signals": {"logs": false, "traces": false, "metrics": false}}), "signals Error"),
            (json!({"batch": {"maxItems": 0}}), "batch.maxItems Error"),
            (json!({"batch": {"maxAge": {"minutes": 2}}}), "batch.maxAge Error"),
            (json!({"batch": {"maxQueueBytes": 1}}), "batch.maxQueueBytes Error"),
        ] {
            assert_eq!(compile(source.clone()).err().as_deref(), Some(problem), "{source}");
        }
    }

    #[test]
    fn defaults_and_paths() {
        for (base, url) in [
            ("https://otel.example", "https://otel.example/v1/logs"),
            ("https://otel.example/", "https://otel.example/v1/logs"),
            ("https://otel.example/otlp/", "https://otel.example/otlp/v1/logs"),
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/logs"),
            ("http://[::1]:4318", "http://[::1]:4318/v1/logs"),
        ] {
            assert_eq!(compile(json!({"url": base})).unwrap().url(Signal::Logs), url);
        }
        let settings = compile(json!({})).unwrap();
        assert!(Signal::ALL.iter().all(|signal| settings.sends(*signal)) && !settings.propagate);
        assert_eq!((settings.sampling, settings.max_age), (1.0, Duration::from_secs(5)));
        assert!(!compile(json!({"signals": {"traces": false}})).unwrap().sends(Signal::Traces));
    }
}
