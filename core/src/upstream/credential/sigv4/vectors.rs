//! AWS's published signatures: those of its test suite for Signature Version 4, the examples of S3's documentation, and what AWS's own
//! client (botocore 1.44) computes for URLs that neither has.

use sha2::{Digest, Sha256};

use super::canonical::{self, Request};
use super::sign::{Scope, authorization, timestamp};
use crate::hex;
use crate::platform::Timestamp;
use crate::testing::test;

struct Vector {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    query: &'static str,
    /// Without `host`, and without the date.
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    signature: &'static str,
}

const GET: Vector = Vector { name: "", method: "GET", path: "/", query: "", headers: &[], body: "", signature: "" };
const POST: Vector = Vector { method: "POST", ..GET };

const PLAIN_GET: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
const PLAIN_POST: &str = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
const UNRESERVED: &str = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const UNRESERVED_QUERY: &str =
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SESSION_TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

const SUITE: [Vector; 30] = [
    Vector { name: "get-vanilla", signature: PLAIN_GET, ..GET },
    Vector { name: "get-relative", path: "/example/..", signature: PLAIN_GET, ..GET },
    Vector { name: "get-relative-relative", path: "/example1/example2/../..", signature: PLAIN_GET, ..GET },
    Vector { name: "get-slash", path: "//", signature: PLAIN_GET, ..GET },
    Vector { name: "get-slash-dot-slash", path: "/./", signature: PLAIN_GET, ..GET },
    Vector {
        name: "get-slash-pointless-dot",
        path: "/./example",
        signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
        ..GET
    },
    Vector {
        name: "get-slashes",
        path: "//example//",
        signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ..GET
    },
    Vector {
        name: "get-space",
        path: "/example space/",
        signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ..GET
    },
    Vector {
        name: "get-unreserved",
        path: UNRESERVED,
        signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ..GET
    },
    Vector { name: "get-utf8", path: "/\u{1234}", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85", ..GET },
    Vector {
        name: "get-vanilla-empty-query-key",
        query: "Param1=value1",
        signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ..GET
    },
    Vector {
        name: "get-vanilla-query-order-key-case",
        query: "Param2=value2&Param1=value1",
        signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ..GET
    },
    Vector {
        name: "get-vanilla-query-order-key",
        query: "Param1=value2&Param1=Value1",
        signature: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1",
        ..GET
    },
    Vector {
        name: "get-vanilla-query-order-value",
        query: "Param1=value2&Param1=value1",
        signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
        ..GET
    },
    Vector {
        name: "get-vanilla-query-unreserved",
        query: UNRESERVED_QUERY,
        signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ..GET
    },
    Vector {
        name: "get-vanilla-utf8-query",
        query: "\u{1234}=bar",
        signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ..GET
    },
    Vector {
        name: "get-header-key-duplicate",
        headers: &[("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")],
        signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ..GET
    },
    Vector {
        name: "get-header-value-multiline",
        headers: &[("my-header1", "value1"), ("my-header1", "  value2"), ("my-header1", "     value3")],
        signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
        ..GET
    },
    Vector {
        name: "get-header-value-order",
        headers: &[("my-header1", "value4"), ("my-header1", "value1"), ("my-header1", "value3"), ("my-header1", "value2")],
        signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        ..GET
    },
    Vector {
        name: "get-header-value-trim",
        headers: &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
        signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ..GET
    },
    Vector { name: "post-vanilla", signature: PLAIN_POST, ..POST },
    Vector { name: "post-header-key-case", signature: PLAIN_POST, ..POST },
    Vector { name: "post-sts-header-after", signature: PLAIN_POST, ..POST },
    Vector {
        name: "post-header-key-sort",
        headers: &[("my-header1", "value1")],
        signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ..POST
    },
    Vector {
        name: "post-header-value-case",
        headers: &[("my-header1", "VALUE1")],
        signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ..POST
    },
    Vector {
        name: "post-sts-header-before",
        headers: &[("x-amz-security-token", SESSION_TOKEN)],
        signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ..POST
    },
    Vector {
        name: "post-vanilla-query",
        query: "Param1=value1",
        signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ..POST
    },
    Vector {
        name: "post-vanilla-empty-query-value",
        query: "Param1=value1",
        signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ..POST
    },
    Vector {
        name: "post-x-www-form-urlencoded",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: "Param1=value1",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ..POST
    },
    Vector {
        name: "post-x-www-form-urlencoded-parameters",
        headers: &[("content-type", "application/x-www-form-urlencoded; charset=utf8")],
        body: "Param1=value1",
        signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
        ..POST
    },
];

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const CONTENT: &str = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
const WELCOME: &str = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";

const S3: [Vector; 4] = [
    Vector {
        name: "GET Object",
        path: "/test.txt",
        headers: &[("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)],
        signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ..GET
    },
    Vector {
        name: "PUT Object",
        method: "PUT",
        path: "/test$file.text",
        headers: &[
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-content-sha256", WELCOME),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ],
        body: "Welcome to Amazon S3.",
        signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ..GET
    },
    Vector {
        name: "GET Bucket Lifecycle",
        query: "lifecycle",
        headers: &[("x-amz-content-sha256", EMPTY)],
        signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ..GET
    },
    Vector {
        name: "Get Bucket (List Objects)",
        query: "max-keys=2&prefix=J",
        headers: &[("x-amz-content-sha256", EMPTY)],
        signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ..GET
    },
];

const CLIENT: [Vector; 2] = [
    Vector {
        name: "a model's name",
        path: "/model/anthropic.claude-v1%3A0/converse",
        headers: &[("content-type", "application/json")],
        body: r#"{"messages":[]}"#,
        signature: "81ff817a2345d06745941cb4ea2d92ad6b519d683dab02105af4a741368b40df",
        ..POST
    },
    Vector {
        name: "escapes",
        path: "/a%20b//%7Bf%7D/(h)!/",
        query: "b=2&a=1&b=1&c=&d=x%20y&e=%E4%3A%2F%40",
        signature: "488908f8c1a5b0a21ada710af29d3891b8fe2fa749273223af7a87f55a55b3a4",
        ..GET
    },
];

const CLIENT_S3: [Vector; 1] = [Vector {
    name: "an object's name",
    method: "PUT",
    path: "/bucket//a%20b%2Bc%3Ad.txt",
    headers: &[("x-amz-content-sha256", CONTENT), ("x-amz-meta-a", "one")],
    body: "content",
    signature: "435bc2aeb2ef866d1036a768c86ac0152b7486367d686d49cd1e21eede1940a4",
    ..GET
}];

#[test]
fn published_signatures() {
    let suite = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "example.amazonaws.com", "service", 1_440_938_160);
    let s3 = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "examplebucket.s3.amazonaws.com", "s3", 1_369_353_600);
    let client_s3 = (suite.0, suite.1, suite.2, "s3", suite.4);
    let of = |vectors: &'static [Vector], account| vectors.iter().map(move |vector| (vector, account));
    let all = of(&SUITE, suite).chain(of(&S3, s3)).chain(of(&CLIENT, suite)).chain(of(&CLIENT_S3, client_s3));
    for (vector, (id, secret, host, service, seconds)) in all {
        let time = timestamp(Timestamp::from_seconds(seconds));
        let own = [("host", host), ("x-amz-date", time.as_str())];
        let lines = vector.headers.iter().copied().chain(own).map(|(name, value)| (name, value.as_bytes()));
        let digest = hex::encode(&Sha256::digest(vector.body));
        let request =
            Request { method: vector.method, path: vector.path, query: vector.query, headers: canonical::headers(lines), payload: &digest };
        let got = authorization(id, secret, &Scope { time: &time, region: "us-east-1", service }, &request);
        let mut names: Vec<&str> = vector.headers.iter().map(|(name, _)| *name).chain(["host", "x-amz-date"]).collect();
        names.sort_unstable();
        names.dedup();
        let date = &time[..8];
        let want = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{date}/us-east-1/{service}/aws4_request, SignedHeaders={}, Signature={}",
            names.join(";"),
            vector.signature
        );
        assert_eq!(got, want, "{}", vector.name);
    }
}
