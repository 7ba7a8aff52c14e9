use super::Pages;
use crate::check::url;
use crate::problem::Problems;
use crate::resource::Web;

impl Pages {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &Web, problems: &mut Problems) -> Self {
        let mut page = |field: &str, address: &Option<String>| {
            problems.at(field, |problems| address.as_deref().and_then(|address| compile_page(address, problems)))
        };
        Self { login: page("loginURL", &source.login_url), denied: page("deniedURL", &source.denied_url) }
    }
}

fn compile_page(address: &str, problems: &mut Problems) -> Option<String> {
    let uri = url::parse(address).map_err(|fault| problems.error(fault)).ok()?;
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let is_loopback = host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "[::1]";
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback => {}
        _ => {
            problems.error_with_help(format!("`{address}` is not safe to send people to"), "use `https`; `http` is for this machine only");
            return None;
        }
    }
    Some(uri.to_string())
}
