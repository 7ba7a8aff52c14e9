//! gRPC over HTTP/2: what a call asks for, and refusals that its clients understand. Messages pass as they are.

mod refusal;

use http::HeaderMap;
use http::header::CONTENT_TYPE;

pub use refusal::refusal;

/// What a call asks for, by its path: `/package.Service/Method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'p> {
    /// Empty for a service without a package.
    pub package: &'p str,
    pub service: &'p str,
    /// With its package.
    pub service_full_name: &'p str,
    pub method: &'p str,
}

impl<'p> Call<'p> {
    /// `None` for a path of another shape.
    pub fn of(path: &'p str) -> Option<Self> {
        let (service_full_name, method) = path.strip_prefix('/')?.split_once('/')?;
        let (package, service) = service_full_name.rsplit_once('.').unwrap_or(("", service_full_name));
        let is_call = !service.is_empty() && !method.is_empty() && !method.contains('/');
        is_call.then_some(Self { package, service, service_full_name, method })
    }
}

/// Whether a message is gRPC's own, and not that of its form for browsers.
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(CONTENT_TYPE) else { return false };
    let rest = content_type.as_bytes().get(..16).filter(|start| start.eq_ignore_ascii_case(b"application/grpc"));
    rest.is_some() && matches!(content_type.as_bytes().get(16), None | Some(b'+' | b';' | b' '))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::testing::test;

    #[test]
    fn a_path_names_a_method() {
        let named = |path| Call::of(path).map(|call| [call.package, call.service, call.service_full_name, call.method]);
        assert_eq!(named("/hello.v1.Greeter/SayHello"), Some(["hello.v1", "Greeter", "hello.v1.Greeter", "SayHello"]));
        assert_eq!(named("/Greeter/SayHello"), Some(["", "Greeter", "Greeter", "SayHello"]));
        for path in ["/", "/Greeter", "/Greeter/", "//SayHello", "/a.Greeter/Say/Hello", "/a./Say", "*"] {
            assert_eq!(named(path), None, "{path}");
        }
    }

    #[test]
    fn messages_are_known_by_their_type() {
        for (content_type, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("Application/GRPC; a=b", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/json", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            assert_eq!(is_grpc(&headers), expected, "{content_type}");
        }
    }
}
