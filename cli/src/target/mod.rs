//! Where a gateway keeps its secrets, credentials and published Snapshots, by host.

mod cloudflare;
mod dev_vars;
mod local;
mod spin;
mod spin_variables;
mod variables;
mod wrangler;

use anyhow::Result;
use postern_core::auth::StoreWrite;

use crate::args;
use crate::keys::MasterKeys;
use crate::target::cloudflare::Cloudflare;
use crate::target::spin::Spin;

pub use dev_vars::DevVars;
pub use local::{Local, keys as local_keys};
pub use spin_variables::SpinVariables;
pub use variables::{KeyFile, Made};

/// A store and the keys that its entries are protected with.
pub trait Target {
    /// As it is called in messages.
    fn name(&self) -> String;

    /// What the keys of published Snapshots begin with.
    fn applied(&self) -> &'static str {
        "snapshot"
    }

    /// Whether everybody sees a change at once.
    fn reads_its_writes(&self) -> bool {
        true
    }

    /// The keys in force. Where a host's local runs have none yet, one is made.
    ///
    /// # Errors
    /// When there is no key, or it is none.
    fn keys(&self) -> Result<MasterKeys>;

    /// The keys after a rotation: a new one, with the current one as the previous. Where keys are the operator's to set they are
    /// those that are set, and both must be. Nothing is written yet.
    ///
    /// # Errors
    /// As [`Target::keys`], and when the operator has not set both.
    fn next_keys(&self) -> Result<MasterKeys>;

    /// Puts the keys in force, where they are not the operator's to set.
    ///
    /// # Errors
    /// When they cannot be written.
    fn keep_keys(&mut self, keys: &MasterKeys) -> Result<()>;

    /// # Errors
    /// When the store cannot be read.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// The entries whose keys begin with the prefix, sorted.
    ///
    /// # Errors
    /// As [`Target::get`].
    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>>;

    /// Makes the changes, in order where not all at once.
    ///
    /// # Errors
    /// When the store cannot be written. What it says of a value is no more than its key.
    fn write(&mut self, writes: &[StoreWrite]) -> Result<()>;
}

/// The target that the arguments name.
///
/// # Errors
/// When it cannot be reached.
pub fn open(args: &args::Target) -> Result<Box<dyn Target>> {
    Ok(match args.to {
        args::TargetKind::Local => Box::new(Local::open(&args.data)?),
        args::TargetKind::Cloudflare => Box::new(Cloudflare::new(args.remote, args.env.as_deref())),
        args::TargetKind::Spin => Box::new(Spin::new(&args.data)),
    })
}
