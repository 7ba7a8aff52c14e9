use super::*;
use crate::secret::testing::{FixedRandom, NOW, master};
use crate::testing::test;

fn ring() -> KeyRing {
    KeyRing::new("localhost", master(1), None)
}

fn new(kind: CredentialType) -> NewCredential<'static> {
    NewCredential { name: "app", kind, user: Some("alice"), scope: None, expires_at: None }
}

fn secret(issued: &Issued) -> String {
    let value = match &issued.plaintext {
        Plaintext::Oauth2 { client_secret, .. } => client_secret,
        Plaintext::AccessToken(text) | Plaintext::ApiKey(text) => text,
    };
    String::from_utf8(value.expose().to_vec()).unwrap()
}

#[test]
fn plaintext_is_recognizable_unreserved_and_stored_nowhere() {
    for (kind, prefix) in
        [(CredentialType::Oauth2, "pst_cs_"), (CredentialType::AccessToken, "pst_at_"), (CredentialType::ApiKey, "pst_ak_")]
    {
        let issued = issue(&ring(), &FixedRandom::default(), NOW, &new(kind)).unwrap();
        let text = secret(&issued);
        assert!(text.starts_with(prefix) && text.len() == prefix.len() + 43, "{text}");
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{text}");
        assert!(!format!("{issued:?}").contains(&text));
        for write in &issued.writes {
            let StoreWrite::Put { key, value } = write else { panic!("{write:?}") };
            assert!(!String::from_utf8_lossy(value).contains(&text));
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-".contains(&byte)), "{key}");
        }
    }
}

#[test]
fn client_ids_are_four_letters_twice() {
    let random = FixedRandom::default();
    for _ in 0..100 {
        let id = client_id(&random);
        let (first, second) = id.split_once('-').unwrap();
        assert!([first, second].iter().all(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_lowercase())), "{id}");
    }
}

#[test]
fn a_third_secret_drops_the_oldest() {
    for kind in [CredentialType::Oauth2, CredentialType::AccessToken, CredentialType::ApiKey] {
        let random = FixedRandom::default();
        let first = issue(&ring(), &random, NOW, &new(kind)).unwrap();
        let second = rotate(&ring(), &random, NOW, first.material.clone(), None).unwrap();
        let third = rotate(&ring(), &random, NOW, second.material.clone(), None).unwrap();
        let digests = |issued: &Issued| issued.material.secrets.iter().map(|secret| secret.digest.clone()).collect::<Vec<_>>();
        assert_eq!(digests(&second)[0], digests(&first)[0]);
        assert_eq!(digests(&third), [digests(&second)[1].clone(), digests(&third)[1].clone()]);
        assert_eq!(third.material.generation, first.material.generation, "tokens live on");
        let dropped = StoreWrite::Delete { key: token_key(&digests(&first)[0]) };
        assert_eq!(third.writes.contains(&dropped), kind != CredentialType::Oauth2);
    }
}

#[test]
fn a_rotation_may_give_the_old_secret_a_last_day() {
    let random = FixedRandom::default();
    let first = issue(&ring(), &random, NOW, &new(CredentialType::Oauth2)).unwrap();
    let second = rotate(&ring(), &random, NOW, first.material, Some(Duration::from_secs(60))).unwrap();
    assert_eq!(second.material.live(NOW).count(), 2);
    let later = NOW.plus(Duration::from_secs(60));
    assert_eq!(second.material.live(later).count(), 1);
    let third = rotate(&ring(), &random, later, second.material.clone(), None).unwrap();
    assert_eq!(third.material.secrets[0], second.material.secrets[1], "the expired one does not count as one of the two");
}

#[test]
fn refuses_what_it_cannot_make() {
    let oauth2 = new(CredentialType::Oauth2);
    let table = [
        (NewCredential { name: "../x", ..oauth2 }, IssueError::InvalidName),
        (NewCredential { name: "", ..oauth2 }, IssueError::InvalidName),
        (NewCredential { user: Some("A/b"), ..oauth2 }, IssueError::InvalidName),
        (NewCredential { scope: Some("service:"), ..oauth2 }, IssueError::InvalidScope),
        (new(CredentialType::AuthToken), IssueError::UnsupportedType(CredentialType::AuthToken)),
    ];
    for (credential, want) in table {
        assert_eq!(issue(&ring(), &FixedRandom::default(), NOW, &credential).err(), Some(want), "{credential:?}");
    }
    let issued = issue(&ring(), &FixedRandom::default(), NOW, &oauth2).unwrap();
    let (revoked, _) = revoke(&ring(), NOW, issued.material.clone());
    assert!(revoked.generation > issued.material.generation);
    assert_eq!(rotate(&ring(), &FixedRandom::default(), NOW, revoked, None).err(), Some(IssueError::Revoked));
}
