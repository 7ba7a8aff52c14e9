use http::HeaderMap;
use http::header::{ACCEPT, USER_AGENT};

/// Whether a request is what a browser sends when somebody opens a page: not what a script of a page sends, nor a program that gives
/// itself a browser's name in part.
pub fn opens_a_page(headers: &HeaderMap) -> bool {
    // Browsers say what a request is for (W3C Fetch Metadata); older ones do not.
    let is_navigation = headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    is_navigation && accepts_html(headers) && is_browser(headers)
}

/// Whether `text/html` itself is in the list (RFC 9110 §12.5.1): what takes anything is seldom a browser.
fn accepts_html(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/html"));
        let weight = parts.filter_map(|parameter| parameter.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        is_html && weight.is_none_or(|(_, weight)| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// All of them begin alike and name their engine. Crawlers do too, and say that they are only compatible.
fn is_browser(headers: &HeaderMap) -> bool {
    const ENGINES: [&str; 3] = ["AppleWebKit/", "Gecko/", "Trident/"];
    let Some(agent) = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()) else { return false };
    agent.starts_with("Mozilla/5.0 (") && !agent.contains("compatible;") && ENGINES.iter().any(|engine| agent.contains(engine))
}
