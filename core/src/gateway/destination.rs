//! Where a request goes.

use std::rc::Rc;

use crate::error::{ErrorKind, GatewayError};
use crate::feature::Feature;
use crate::receive::{CleanPath, Received};
use crate::route::{Asked, HEALTH, Matched, Refused, Route};
use crate::service::Service;

use super::installed::Installed;

/// Who answers a request.
pub enum Destination {
    /// The gateway itself: its endpoints, by the path.
    Gateway,
    /// A Service, with the path that it sees, and the route that led there or applies there.
    Service {
        service: Rc<Service>,
        path: CleanPath,
        route: Option<Matched>,
    },
    Nowhere,
}

/// The gateway's endpoints and the hosts of Services come first, so that no route stands in front of them.
///
/// # Errors
/// As [`Installed::service`]; 400 for a request whose route cannot be told without doubt.
pub fn of(installed: &Installed, received: &Received) -> Result<Destination, GatewayError> {
    let exists = |name: &str| installed.snapshot.services.contains_key(name);
    let by_host = installed.hosts.route(&received.authority, &received.path, exists);
    if let Route::Service { name, path } = by_host {
        let service = installed.service(&name)?;
        let route =
            if const { Feature::Routing.is_built() } { service.routes.find(&Asked::new(received, &path)).map_err(refused)? } else { None };
        return Ok(Destination::Service { service, path, route });
    }
    if by_host == Route::Gateway && is_own(installed, received.path.as_str()) {
        return Ok(Destination::Gateway);
    }
    let elsewhere = if by_host == Route::Gateway { Destination::Gateway } else { Destination::Nowhere };
    if const { Feature::Routing.is_built() } {
        by_route(installed, received).map(|found| found.unwrap_or(elsewhere))
    } else {
        Ok(elsewhere)
    }
}

fn by_route(installed: &Installed, received: &Received) -> Result<Option<Destination>, GatewayError> {
    let found = installed.routes.find(&installed.snapshot.routes, &Asked::new(received, &received.path)).map_err(refused)?;
    let Some(found) = found else { return Ok(None) };
    let service = installed.service(&found.service)?;
    let route = service.routes.get(found.index, found.prefix);
    if route.is_none() {
        return Err(refused(Refused::Unreadable));
    }
    Ok(Some(Destination::Service { service, path: received.path.clone(), route }))
}

/// Whether a path of the gateway's own hosts is the gateway's alone. All of `/-/` is, as Services come and go there.
fn is_own(installed: &Installed, path: &str) -> bool {
    path == "*" || path == HEALTH || path.starts_with("/-/") || installed.authenticator.endpoint(path).is_some()
}

fn refused(why: Refused) -> GatewayError {
    let kind = if why == Refused::Unreadable { ErrorKind::Internal } else { ErrorKind::BadRequest };
    let error = GatewayError::new(kind, why.to_string());
    if kind == ErrorKind::BadRequest { error.saying(why.to_string()) } else { error }
}
