/// What not every host can do. The table in `docs/architecture.md` says which host has which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// A test may set the time.
    MoveClock,
    /// A WebSocket upgrade passes through.
    WebSocket,
    /// HTTP/2 trailers, so gRPC passes through, and external processors can be spoken to over it.
    Grpc,
    /// The `Host` header sent upstream may differ from the URL's.
    HostOverride,
    /// Methods outside of RFC 9110 and PATCH pass through.
    UnknownMethods,
    /// Repeated header lines stay separate lines (elsewhere they arrive joined by a comma).
    RepeatedHeaderLines,
    /// The bytes of a streamed response are counted for the access log.
    ByteCount,
    /// Events are seen on their way to the caller, so that none passes in part and a last one that is missing is told.
    ErrorEvent,
    /// A client that goes away before the first byte aborts the upstream call.
    EarlyAbort,
    /// An upstream may be a container that the host runs.
    Container,
    /// A connection that failed can be told from one that broke.
    ConnectFailure,
    /// A request may wait for what another one of the same instance has begun.
    SharedWait,
}

/// The set that a host declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(u16);

impl Capabilities {
    /// The memory platform under the runner of the cases: no sockets, so no upgrade and no trailers.
    pub const MEMORY: Self = Self::none()
        .with(Capability::MoveClock)
        .with(Capability::HostOverride)
        .with(Capability::UnknownMethods)
        .with(Capability::RepeatedHeaderLines)
        .with(Capability::ByteCount)
        .with(Capability::ErrorEvent)
        .with(Capability::EarlyAbort)
        .with(Capability::ConnectFailure)
        .with(Capability::SharedWait);

    /// The native server: all but a clock that can be moved, and containers.
    pub const NATIVE: Self = Self::none()
        .with(Capability::WebSocket)
        .with(Capability::Grpc)
        .with(Capability::HostOverride)
        .with(Capability::UnknownMethods)
        .with(Capability::RepeatedHeaderLines)
        .with(Capability::ByteCount)
        .with(Capability::ErrorEvent)
        .with(Capability::EarlyAbort)
        .with(Capability::ConnectFailure)
        .with(Capability::SharedWait);

    /// Cloudflare Workers; `docs/cloudflare.md` says how each was measured.
    pub const CLOUDFLARE: Self = Self::none().with(Capability::WebSocket).with(Capability::Container);

    /// Spin; `docs/spin.md` says how each was measured.
    pub const SPIN: Self = Self::none()
        .with(Capability::UnknownMethods)
        .with(Capability::RepeatedHeaderLines)
        .with(Capability::ByteCount)
        .with(Capability::ErrorEvent)
        .with(Capability::ConnectFailure);

    pub const fn none() -> Self {
        Self(0)
    }

    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u16)
    }

    pub const fn has(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u16 != 0
    }
}
