//! The commands, one file each.

pub mod apply;
pub mod build;
pub mod check;
pub mod completions;
pub mod create_credential;
pub mod create_secret;
pub mod delete;
pub mod explain;
pub mod get;
pub mod import;
pub mod key_create;
pub mod key_rotate;
pub mod rotate;
pub mod schema;
pub mod serve;
pub mod test;
