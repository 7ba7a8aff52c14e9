use serde_json::json;

use super::{fails, gives, holds, misses};
use crate::testing::test;

#[test]
fn lists() {
    holds(&[
        "ctx.user.spec.groups.hasAll('dev', 'ops')",
        "ctx.user.spec.groups.hasAll(['dev', 'ops'])",
        "!ctx.user.spec.groups.hasAll('dev', 'qa')",
        "ctx.user.spec.groups.hasAny('qa', 'ops')",
        "ctx.user.spec.groups.hasAny(['ops'])",
        "!ctx.user.spec.groups.hasAny(['qa'])",
        "!['a'].hasAny([])",
        "['a'].hasAll([])",
        "[[1], [2]].hasAll([[1]])",
        "[3, 1, 2].min() == 1",
        "[3, 1.5, 2u].max() == 3",
        "['b', 'a'].min() == 'a'",
        "[true, false].max()",
        "[duration('1s'), duration('1m')].max() == duration('60s')",
    ]);
    fails(&["[].max()", "[1, 'a'].min()", "[{}].min()", "'abc'.hasAny('a')", "1.0.max()"]);
    misses(&["ctx.user.spec.roles.hasAny('a')"]);
}

#[test]
fn addresses() {
    holds(&[
        "net.isIP(ctx.request.ip) && net.isIPv4(ctx.request.ip) && !net.isIPv6(ctx.request.ip)",
        "net.isIPv6('::1')",
        "!net.isIP('1.2.3')",
        "!net.isIP('01.2.3.4')",
        "net.isPrivateIP('192.168.0.1') && net.isPrivateIP('fd00::1') && net.isPrivateIP('::ffff:10.0.0.1')",
        "!net.isPrivateIP('127.0.0.1') && !net.isPrivateIP('169.254.0.1') && !net.isPrivateIP('8.8.8.8')",
        "net.isIPInRange(ctx.request.ip, '192.168.0.0/16')",
        "!net.isIPInRange('192.169.0.1', '192.168.0.0/16')",
        "net.isIPInRange('1.2.3.4', '0.0.0.0/0') && net.isIPInRange('::1', '::/0')",
        "net.isIPInRange('2001:db8::1', '2001:db8::/32') && !net.isIPInRange('2001:db9::1', '2001:db8::/32')",
        "!net.isIPInRange('1.2.3.4', '::/0')",
        "net.isIPInRange('10.1.2.3', '10.1.2.3/32') && !net.isIPInRange('10.1.2.2', '10.1.2.3/32')",
    ]);
    fails(&[
        "net.isIPInRange('x', '10.0.0.0/8')",
        "net.isIPInRange('10.0.0.1', '10.0.0.0/33')",
        "net.isIPInRange('10.0.0.1', '10.0.0.0/+8')",
        "net.isIP(1)",
    ]);
}

/// It is Friday, 20 November 2026, 22:31:00.123 UTC.
#[test]
fn time() {
    holds(&[
        "now() == timestamp('2026-11-20T22:31:00.123Z')",
        "now() - timestamp('2026-11-20T22:30:00.123Z') == duration('1m')",
        "now() + duration('24h') == timestamp('2026-11-21T22:31:00.123Z')",
        "time.isWeekday(now()) && !time.isWeekend(now())",
        "time.isWeekendInTZ(now(), 'Asia/Tokyo') && time.isWeekdayInTZ(now(), 'Europe/Berlin')",
        "time.isWeekdayInTZ(now(), '') && time.isWeekdayInTZ(now(), 'UTC')",
        "now().getFullYear() == 2026 && now().getMonth() == 10 && now().getDate() == 20 && now().getDayOfMonth() == 19",
        "now().getDayOfWeek() == 5 && now().getDayOfYear() == 323",
        "now().getHours() == 22 && now().getMinutes() == 31 && now().getSeconds() == 0 && now().getMilliseconds() == 123",
        "now().getHours('America/New_York') == 17 && now().getHours('+05:30') == 4 && now().getMinutes('+05:30') == 1",
        "duration('3730.5s').getHours() == 1 && duration('3730.5s').getMinutes() == 62",
        "duration('3730.5s').getSeconds() == 3730 && duration('3730.5s').getMilliseconds() == 500",
        "int(timestamp('1970-01-01T00:01:00Z')) == 60 && timestamp(60) == timestamp('1970-01-01T00:01:00Z')",
        "string(timestamp('2026-01-02T03:04:05.060+01:00')) == '2026-01-02T02:04:05.06Z'",
        "string(duration('-1.5s')) == '-1.5s' && string(duration('1h')) == '3600s'",
        "timestamp('2026-01-01T00:00:00Z') < now()",
    ]);
    fails(&[
        "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
        "timestamp('0000-01-01T00:00:00Z')",
        "duration('999999999h')",
        "time.isWeekdayInTZ(now(), ctx.user.metadata.name)",
        "time.isWeekend('2026-11-20')",
        "now() + now()",
    ]);
}

#[test]
fn text_beyond_the_standard() {
    gives(&[
        ("'ÀB'.toLower()", json!("àb")),
        ("'straße'.toUpper()", json!("STRASSE")),
        ("'ÀB'.lowerAscii()", json!("Àb")),
        ("'%s is %d years, %.2f %x %%'.format(['a', 3, 1.5, 255])", json!("a is 3 years, 1.50 ff %")),
        ("'%s'.format([[1, 'a', {'k': null}]])", json!("[1, a, {k: null}]")),
        ("'%e %b %o %X %x'.format([1234.5, 5, 8, 'hi', b'\\xff'])", json!("1.234500e+03 101 10 6869 ff")),
        ("'a-b-c'.split('-', 2)", json!(["a", "b-c"])),
        ("'héé'.split('')", json!(["h", "é", "é"])),
        ("'héé'.split('', 2)", json!(["h", "éé"])),
        ("'aaa'.replace('a', 'b', 2)", json!("bba")),
        ("strings.quote('a\"b\\n')", json!("\"a\\\"b\\n\"")),
    ]);
    fails(&["'%d'.format(['a'])", "'%s'.format([])", "'%q'.format([1])", "'%.101f'.format([1.0])", "'%'.format([1])", "['a', 1].join()"]);
}

#[test]
fn patterns() {
    holds(&[
        "'gpt-4o-mini'.matches('^gpt-')",
        "matches('abc', 'b')",
        "!'abc'.matches('^b')",
        "'gemini'.matches(attrs.pattern)",
        "'x'.matches('(?i)X')",
    ]);
    fails(&["'a'.matches('(' + '')", "1.0.matches('a')", "'a'.matches('((a{100}){100}){100}' + '')"]);
}

#[test]
fn json_and_base64() {
    gives(&[
        ("json.parse('{\"a\": [1, {\"b\": null}], \"c\": 1.5}')", json!({"a": [1, {"b": null}], "c": 1.5})),
        ("json.parse('{\"a\": 1}').a + 1", json!(2)),
        ("json.parse(json.marshal({'a': b'hi'})).a", json!("aGk=")),
        ("json.marshal({'a': [1, 2.5, true, null], 'b': now(), 'c': duration('90s'), 3: 'd'})", {
            json!(r#"{"3":"d","a":[1,2.5,true,null],"b":"2026-11-20T22:31:00.123Z","c":"90s"}"#)
        }),
        ("json.marshal(ctx.request.http.bodyMap.messages[0])", json!(r#"{"content":"be nice","role":"system"}"#)),
        ("base64.encode(b'hello')", json!("aGVsbG8=")),
        ("string(base64.decode('aGVsbG8='))", json!("hello")),
        ("string(base64.decode('aGVsbG8'))", json!("hello")),
        ("b'\\x00\\xff'", json!("AP8=")),
    ]);
    fails(&["base64.decode('*')", "json.marshal(0.0 / 0.0)", "json.marshal(int)", "json.parse('')", "json.parse(1)", "base64.encode('a')"]);
}

#[test]
fn numbers() {
    gives(&[
        ("math.greatest(1, 2.5)", json!(2.5)),
        ("math.greatest(1, ctx.request.http.bodyMap.n + 5, 3)", json!(6)),
        ("math.least([3, 2, 4])", json!(2)),
        ("math.least(7)", json!(7)),
        ("math.abs(-3) + math.bitAnd(6, 3)", json!(5)),
        ("math.ceil(1.2)", json!(2.0)),
    ]);
    fails(&["math.greatest([])", "math.greatest('a')", "math.least(1, 'a')"]);
}

#[test]
fn binding() {
    gives(&[
        ("cel.bind(x, 2, x * x)", json!(4)),
        ("cel.bind(x, 1, cel.bind(x, x + 1, x) + x)", json!(3)),
        ("[1, 2].map(x, cel.bind(y, x * 10, y + x))", json!([11, 22])),
        ("cel.bind(net, {'isIP': 1}, net.isIP)", json!(1)),
    ]);
}
