use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures::lock::{Mutex, MutexGuard};

use super::answer::Token;
use super::client::{Client, TokenError};
use super::stored::Place;
use crate::hex;
use crate::platform::{Capability, Platform, Timestamp};
use crate::secret::{Bounded, Keys, SecretValue};

/// Tokens of upstreams' token endpoints, as an instance knows them. A clone knows the same.
#[derive(Clone)]
pub struct Tokens(Rc<Known>);

struct Known {
    keys: Rc<Keys>,
    /// By what they are for.
    entries: Bounded<Rc<Entry>>,
}

/// One client at one endpoint.
#[derive(Default)]
struct Entry {
    /// Held by who asks the endpoint.
    turn: Mutex<()>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    token: Option<Rc<Token>>,
    /// What the upstream refused last, and when. It and older ones are not taken from the store, which may not know yet.
    refused: Option<(Rc<Token>, Timestamp)>,
    /// Since when somebody gets the next token, in the background.
    renewing: Option<Timestamp>,
    /// How often the endpoint gave no token, and the last reason.
    failures: u64,
    failure: Option<TokenError>,
}

/// A token in one request.
#[derive(Clone)]
pub struct Used {
    entry: Rc<Entry>,
    token: Rc<Token>,
}

/// Clients remembered at a time.
const KEPT: usize = 256;

/// A token that is refused is dropped at most so often: an upstream that refuses all of them must not make us ask for one with
/// every request.
const REFUSED_EVERY: Duration = Duration::from_secs(30);

/// A renewal that has not ended by then never will: hosts end what goes on for long after a response.
const RENEWAL_LOST: Duration = Duration::from_secs(60);

impl Tokens {
    /// `keys` seal what is kept in the store; without a master key nothing is.
    pub fn new(keys: Rc<Keys>) -> Self {
        Self(Rc::new(Known { keys, entries: Bounded::new(KEPT) }))
    }

    /// A token that is valid now. One whose end is near is still used, while the next one is fetched in the background.
    ///
    /// Where requests may wait for one another ([`Capability::SharedWait`]), an instance asks an endpoint one at a time, and all that
    /// waited share the answer; elsewhere each request that finds no token asks by itself.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn get(&self, platform: &Platform, client: Client) -> Result<Used, TokenError> {
        let entry = self.entry(&client);
        let failures = entry.state.borrow().failures;
        let token = match entry.valid(platform.clock.now()) {
            Some(token) => {
                self.renew_ahead(platform, client, &entry, &token);
                token
            }
            None => self.next(platform, &client, &entry, failures).await?,
        };
        Ok(Used { entry, token })
    }

    /// The next token, from the store or the endpoint, unless somebody has got one, or failed to, since `failures` were counted.
    async fn next(&self, platform: &Platform, client: &Client, entry: &Entry, failures: u64) -> Result<Rc<Token>, TokenError> {
        let _turn = entry.turn(platform).await;
        if let Some(token) = entry.valid(platform.clock.now()).filter(|token| !token.is_due(platform.clock.now())) {
            return Ok(token);
        }
        if let Some(failure) = entry.failed_since(failures) {
            return Err(failure);
        }
        // Without a key there is nothing to seal with: the instance is then all that remembers.
        let ring = self.0.keys.ring(platform).await.ok();
        let place = ring.as_ref().and_then(|ring| Some((ring.clone(), Place::of(ring, client)?)));
        if let Some((ring, place)) = &place
            && let Some(token) = place.read(platform, ring).await
            && let Some(token) = entry.take_stored(token, platform.clock.now())
        {
            return Ok(token);
        }
        let token = entry.keep(client.fetch(platform).await)?;
        if let Some((ring, place)) = place.filter(|_| !token.is_due(platform.clock.now())) {
            let (platform_of_task, token, authority) = (platform.clone(), token.clone(), client.authority().to_owned());
            platform.tasks.wait_until(Box::pin(async move {
                if let Err(error) = place.write(&platform_of_task, &ring, &token).await {
                    warn(&platform_of_task, &format!("the token of {authority} is not kept for other instances: {error}"));
                }
            }));
        }
        Ok(token)
    }

    fn renew_ahead(&self, platform: &Platform, client: Client, entry: &Rc<Entry>, token: &Token) {
        if !(token.is_due(platform.clock.now()) && entry.begin_renewal(platform.clock.now())) {
            return;
        }
        let (tokens, platform_of_task, entry) = (self.clone(), platform.clone(), entry.clone());
        platform.tasks.wait_until(Box::pin(async move {
            let failures = entry.state.borrow().failures;
            if let Err(error) = tokens.next(&platform_of_task, &client, &entry, failures).await {
                warn(&platform_of_task, &format!("the token of {} is not renewed: {error}", client.authority()));
            }
            entry.state.borrow_mut().renewing = None;
        }));
    }

    fn entry(&self, client: &Client) -> Rc<Entry> {
        let key = hex::encode(&client.fingerprint());
        self.0.entries.get(&key).unwrap_or_else(|| {
            let entry = Rc::<Entry>::default();
            self.0.entries.insert(&key, entry.clone());
            entry
        })
    }
}

impl Entry {
    fn valid(&self, now: Timestamp) -> Option<Rc<Token>> {
        self.state.borrow().token.clone().filter(|token| token.is_valid(now))
    }

    /// Waits until nobody else asks the endpoint, where the host allows to wait for another request.
    async fn turn(&self, platform: &Platform) -> Option<MutexGuard<'_, ()>> {
        if platform.capabilities.has(Capability::SharedWait) { Some(self.turn.lock().await) } else { self.turn.try_lock() }
    }

    fn failed_since(&self, failures: u64) -> Option<TokenError> {
        let state = self.state.borrow();
        state.failure.clone().filter(|_| state.failures > failures)
    }

    /// Takes what another instance got, if it is of use.
    fn take_stored(&self, token: Token, now: Timestamp) -> Option<Rc<Token>> {
        let mut state = self.state.borrow_mut();
        let is_older = state.refused.as_ref().is_some_and(|(refused, _)| token.obtained_at <= refused.obtained_at);
        if is_older || !token.is_valid(now) || token.is_due(now) {
            return None;
        }
        state.token = Some(Rc::new(token));
        state.token.clone()
    }

    fn keep(&self, fetched: Result<Token, TokenError>) -> Result<Rc<Token>, TokenError> {
        let mut state = self.state.borrow_mut();
        match fetched {
            Ok(token) => {
                let token = Rc::new(token);
                state.token = Some(token.clone());
                state.failure = None;
                Ok(token)
            }
            Err(error) => {
                state.failures += 1;
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// False when somebody does it already.
    fn begin_renewal(&self, now: Timestamp) -> bool {
        let mut state = self.state.borrow_mut();
        let is_free = state.renewing.is_none_or(|since| !now.is_within(RENEWAL_LOST, since));
        if is_free {
            state.renewing = Some(now);
        }
        is_free
    }
}

impl Used {
    pub fn value(&self) -> SecretValue {
        self.token.value.clone()
    }

    /// The upstream refused it. Whether the next request would have another token: then this one has been dropped.
    pub fn refuse(&self, now: Timestamp) -> bool {
        let mut state = self.entry.state.borrow_mut();
        // Somebody else was told before, and the next one is there or will be.
        if state.token.as_ref().is_none_or(|current| !current.is_same(&self.token)) {
            return true;
        }
        if state.refused.as_ref().is_some_and(|(_, at)| now.is_within(REFUSED_EVERY, *at)) {
            return false;
        }
        state.refused = Some((self.token.clone(), now));
        state.token = None;
        true
    }
}

fn warn(platform: &Platform, message: &str) {
    platform.log.write(&serde_json::json!({"kind": "ComponentLog", "level": "warning", "message": message}).to_string());
}
