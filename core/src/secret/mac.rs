use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// HMAC-SHA-256 (RFC 2104) of the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key of one block, padded as RFC 2104 §2 says, is the form that cannot fail.
    let mut block = Zeroizing::new([0_u8; 64]);
    let hashed;
    let key = if key.len() > block.len() {
        hashed = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(key)));
        hashed.as_slice()
    } else {
        key
    };
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA-256 (RFC 5869) for one output of 32 bytes.
pub fn hkdf_sha256(salt: &[u8], input: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut output = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), input).expand_multi_info(info, output.as_mut_slice());
    // Only an output of more than 255 blocks is refused (RFC 5869 §2.3), and a key must never be left at zero.
    assert!(expanded.is_ok(), "one block of HKDF output");
    output
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use crate::testing::test;

    /// RFC 4231 §4.2, §4.3 and §4.7.
    #[test]
    fn hmac_vectors() {
        let table: [(&[u8], &[u8], &str); 3] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, data, want) in table {
            assert_eq!(hex::encode(&hmac_sha256(key, &[data])), want);
            let (head, tail) = data.split_at(3);
            assert_eq!(hex::encode(&hmac_sha256(key, &[head, tail])), want, "in two parts");
        }
    }

    /// RFC 5869 A.1 and A.3, their first 32 bytes.
    #[test]
    fn hkdf_vectors() {
        let salt: Vec<u8> = (0..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let got = hkdf_sha256(&salt, &[0x0b; 22], &[&info]);
        assert_eq!(hex::encode(got.as_slice()), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
        let got = hkdf_sha256(&[], &[0x0b; 22], &[]);
        assert_eq!(hex::encode(got.as_slice()), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    }
}
