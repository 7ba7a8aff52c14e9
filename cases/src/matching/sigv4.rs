//! Whether a request carries a valid signature of AWS Signature Version 4, looked at from the other side: from what arrived.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Mismatches;
use crate::upstream::Received;

/// Compares the signature that arrived with the one that AWS would compute from the rest of the request.
pub(crate) fn check(secret: &str, call: &Received, out: &mut Mismatches) {
    match signatures(secret, call) {
        Ok((sent, computed)) => out.equal("the signature", &computed, &sent),
        Err(why) => out.note(format!("the request is not signed: {why}")),
    }
}

/// The one that arrived, and the one that should have.
fn signatures(secret: &str, call: &Received) -> Result<(String, String), String> {
    let authorization = header(call, "authorization").ok_or("it has no Authorization")?;
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("its Authorization is of another scheme")?;
    let field = |name: &str| fields.split(", ").find_map(|field| field.strip_prefix(name)).ok_or(format!("there is no {name}"));
    let (_, scope) = field("Credential=")?.split_once('/').ok_or("there is no scope")?;
    let [date, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return Err("the scope is malformed".into());
    };
    let names = field("SignedHeaders=")?;
    let time = header(call, "x-amz-date").ok_or("it has no X-Amz-Date")?;
    if !time.starts_with(date) || !names.split(';').any(|name| name == "host") {
        return Err(format!("{scope} and {names} do not cover the time and the host"));
    }
    let payload = hex(&Sha256::digest(&call.body));
    if header(call, "x-amz-content-sha256").as_deref() != Some(&payload) {
        return Err("the digest is not that of the body".into());
    }

    let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
    // S3 takes the path for the name of an object; the others put empty segments aside and encode what arrived once more.
    let path = if service == "s3" { encode(&decode(path), b"/") } else { encode(without_empty_segments(path).as_bytes(), b"/") };
    let mut pairs: Vec<(String, String)> = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    pairs.sort();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut headers = String::new();
    for name in names.split(';') {
        let value = header(call, name).ok_or(format!("the signed header {name} is not there"))?;
        headers += &format!("{name}:{value}\n");
    }
    let request = format!("{}\n{path}\n{}\n{headers}\n{names}\n{payload}", call.method, query.join("&"));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = [date, region, service, "aws4_request"].iter().fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    Ok((field("Signature=")?.to_owned(), hex(&hmac(&key, &text))))
}

fn without_empty_segments(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

fn header(call: &Received, name: &str) -> Option<String> {
    let values: Vec<_> =
        call.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| String::from_utf8_lossy(value).trim().to_owned()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (encode(&decode(name), b""), encode(&decode(value), b""))
}

fn encode(bytes: &[u8], keep: &[u8]) -> String {
    let encode = |byte: &u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || keep.contains(byte) => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}

fn decode(text: &str) -> Vec<u8> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(digits.unwrap_or(b'%'));
        bytes.extend_from_slice(piece.get(if digits.is_some() { 2 } else { 0 }..).unwrap_or_default().as_bytes());
    }
    bytes
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// "GET Bucket (List Objects)" of S3's documentation.
    #[test]
    fn a_published_signature() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
            SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-content-sha256", empty),
            ("authorization", authorization),
        ];
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), Bytes::from(value))).into();
        let mut call = Received { method: "GET".into(), target: "/?prefix=J&max-keys=2".into(), headers, ..Received::default() };
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let (sent, computed) = signatures(secret, &call).unwrap();
        assert_eq!(sent, computed);
        call.target = "/?prefix=K&max-keys=2".into();
        let (sent, computed) = signatures(secret, &call).unwrap();
        assert_ne!(sent, computed);
        call.body = Bytes::from_static(b"x");
        assert!(signatures(secret, &call).is_err());
    }
}
