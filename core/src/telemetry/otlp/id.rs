use crate::hex;

/// An identifier of `N` bytes, hexadecimal in JSON and in headers. All zeros is none (W3C Trace Context §3.2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<const N: usize>(pub [u8; N]);

/// Names a trace.
pub type TraceId = Id<16>;

/// Names a span within its trace.
pub type SpanId = Id<8>;

impl<const N: usize> Id<N> {
    /// Reads lower-case hexadecimal of exactly this length that is not all zeros.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != N * 2 || digits.iter().any(u8::is_ascii_uppercase) {
            return None;
        }
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = hex::digit(*high)? << 4 | hex::digit(*low)?;
        }
        bytes.iter().any(|byte| *byte != 0).then_some(Self(bytes))
    }

    pub fn to_hex(self) -> String {
        hex::encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn reads_only_what_the_specification_allows() {
        assert_eq!(SpanId::parse("00f067aa0ba902b7").map(SpanId::to_hex).as_deref(), Some("00f067aa0ba902b7"));
        for bad in
            ["", "0000000000000000", "00F067AA0BA902B7", "00f067aa0ba902b", "00f067aa0ba902b70", "00f067aa0ba902bg", "+0f067aa0ba902b7"]
        {
            assert_eq!(SpanId::parse(bad), None, "{bad}");
        }
    }
}
