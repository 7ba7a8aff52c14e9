use http::Uri;
use http::uri::PathAndQuery;

use crate::callout::Origin;
use crate::check::{exactly_one, name};
use crate::problem::Problems;
use crate::resource::service::{ExtProcPlugin, ExtProcProtocol};

/// Where a processor is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Events are posted to this URL.
    Http(Uri),
    /// An origin.
    Grpc(Uri),
    /// Known, but nothing that can be reached here.
    Container,
}

/// The origin that a plugin calls.
pub fn origin(source: &ExtProcPlugin) -> Option<Origin> {
    let url = with_scheme(source.address.as_ref()?);
    Origin::of(&url.parse().ok()?).ok()
}

impl Address {
    pub fn compile(source: &ExtProcPlugin, problems: &mut Problems) -> Option<Self> {
        exactly_one(problems, &[("address", source.address.is_some()), ("container", source.container.is_some())]);
        if source.container.is_some() {
            return Some(Self::Container);
        }
        let address = source.address.as_ref()?;
        problems
            .at("address", |problems| read(address, source.protocol).map_err(|fault| problems.error_with_help(fault, help(source))).ok())
    }
}

fn read(address: &str, protocol: ExtProcProtocol) -> Result<Address, String> {
    if let Some(placeholder) = name::placeholder(address) {
        return Err(format!("`{placeholder}` is a placeholder: put the real value in its place"));
    }
    if address.len() > 2048 || address.contains('#') {
        return Err(format!("{address:?} is not an address"));
    }
    let uri: Uri = with_scheme(address).parse().map_err(|_| format!("{address:?} is not an address"))?;
    let origin = Origin::of(&uri).map_err(|fault| fault.to_string())?;
    let is_url = address.contains("://");
    if !is_url && uri.authority().is_none_or(|authority| authority.port_u16().is_none()) {
        return Err(format!("`{address}` has no port"));
    }
    let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    if protocol != ExtProcProtocol::Http && path != "/" {
        return Err(format!("gRPC has no use for the path `{path}`"));
    }
    let uri = origin.uri(&path).map_err(|error| error.to_string())?;
    Ok(if protocol == ExtProcProtocol::Http { Address::Http(uri) } else { Address::Grpc(uri) })
}

/// Host and port alone mean HTTP without TLS.
fn with_scheme(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("http://{address}") }
}

fn help(source: &ExtProcPlugin) -> &'static str {
    match source.protocol {
        ExtProcProtocol::Http => "write a URL, as in `http://127.0.0.1:9002/process`",
        ExtProcProtocol::ProtocolUnset | ExtProcProtocol::Grpc => "write host and port, as in `127.0.0.1:9002`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn reads_addresses() {
        use ExtProcProtocol::{Grpc, Http};
        for (address, protocol, expected) in [
            ("127.0.0.1:9002", Grpc, Ok("grpc http://127.0.0.1:9002/")),
            ("Processor.svc:9002", Grpc, Ok("grpc http://processor.svc:9002/")),
            ("https://processor.example", Grpc, Ok("grpc https://processor.example/")),
            ("[::1]:9002", Http, Ok("http http://[::1]:9002/")),
            ("http://a.example/process?x=1", Http, Ok("http http://a.example/process?x=1")),
            ("https://a.example:443", Http, Ok("http https://a.example/")),
            ("http://a.example/process", Grpc, Err("no use for the path")),
            ("a.example", Grpc, Err("has no port")),
            ("a.example:", Http, Err("not a host")),
            ("a.example:0", Http, Err("not a host")),
            ("grpc://a.example:1", Grpc, Err("https or http")),
            ("http://user@a.example", Http, Err("user name")),
            ("http://a.example/#x", Http, Err("not an address")),
            ("0x7f.1:9002", Http, Err("another spelling of 127.0.0.1")),
            ("2130706433:9002", Grpc, Err("another spelling of 127.0.0.1")),
            ("http://[::ffff:127.0.0.1]:9002", Http, Err("another spelling of 127.0.0.1")),
            ("<HOST>:9002", Http, Err("placeholder")),
            ("", Http, Err("not an address")),
        ] {
            let text = match read(address, protocol) {
                Ok(Address::Http(uri)) => Ok(format!("http {uri}")),
                Ok(Address::Grpc(uri)) => Ok(format!("grpc {uri}")),
                Ok(Address::Container) => unreachable!(),
                Err(fault) => Err(fault),
            };
            match expected {
                Ok(expected) => assert_eq!(text.as_deref(), Ok(expected), "{address}"),
                Err(part) => assert!(text.as_ref().is_err_and(|fault| fault.contains(part)), "{address}: {text:?}"),
            }
        }
    }
}
