use crate::check::url;

/// An origin as browsers write it (RFC 6454 §6.2): scheme, host, and the port where it is not the scheme's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
}

impl<'a> Origin<'a> {
    /// Takes what stands in `Origin`; `None` for `null`, a list, and whatever else is no origin.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let end = rest.find(']')?;
                let (address, after) = (rest.get(..end)?, rest.get(end + 1..)?);
                address.parse::<std::net::Ipv6Addr>().ok()?;
                (address, after)
            }
            None => match rest.find(':') {
                Some(colon) => (rest.get(..colon)?, rest.get(colon..)?),
                None => (rest, ""),
            },
        };
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
        let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'));
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|number| number > 0));
        (is_scheme && is_host && is_port).then_some(Self { scheme, host })
    }

    /// Whether its host is the domain or below it. A page that came by plain `http` is believed only where requests do too: on the
    /// way anybody could have written it.
    pub fn is_of(&self, domain: &str, scheme: &str) -> bool {
        let is_safe = self.scheme == "https" || self.scheme == "http" && scheme == "http";
        is_safe && (self.host == domain || self.host.strip_suffix(domain).is_some_and(|labels| labels.ends_with('.')))
    }
}

/// What an operator wrote, as browsers will.
///
/// # Errors
/// Why it is no origin, and what to write instead.
pub fn written(text: &str) -> Result<String, (String, &'static str)> {
    const HELP: &str = "write scheme and host, and the port if there is one, as in `https://app.example.com`";
    if text == "null" {
        return Ok(text.to_owned());
    }
    if text.contains('*') {
        return Err((format!("`{text}` is a pattern, and origins are compared whole"), "list each origin, or write `*` alone for all"));
    }
    let uri = url::parse(text).map_err(|fault| (fault, HELP))?;
    if !url::is_origin(&uri) {
        return Err((format!("`{text}` has a path, and an origin has none"), HELP));
    }
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    };
    let port = uri.port_u16().filter(|port| Some(*port) != usual).map(|port| format!(":{port}")).unwrap_or_default();
    let origin = format!("{scheme}://{host}{port}");
    if Origin::parse(&origin).is_none() {
        return Err((format!("`{text}` is not an origin"), HELP));
    }
    Ok(origin)
}
