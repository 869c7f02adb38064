//! Forwarding of the log to systems that watch over security (SIEM), as it grows: syslog (RFC 5424) and OCSF over HTTP.
//!
//! - Whoever runs the server names the receivers ([`Receiver`]); each gets the whole log from its first record on, in its order.
//! - Each receiver has a cursor in the database, which goes on only when the receiver has confirmed a batch. While it is away nothing is
//!   lost and nothing piles up in memory: the log itself is the queue. What was sent and not confirmed is sent again, so a receiver may
//!   see a record twice; `metadata.uid` is the same.
//! - A syslog receiver confirms nothing by its protocol. So each batch has a connection of its own, which we end; the receiver has read
//!   all of it when it ends its side in good order. One that breaks off has confirmed nothing.
//! - Of several replicas one does the work, by lease. An outage of more than a minute is a record (`log.forwarding_failed`), and so is
//!   its end (`log.forwarding_resumed`).

mod delivery;
mod http;
mod receiver;
mod schema;
mod store;
mod syslog;
mod worker;

pub use delivery::usable;
pub use receiver::{Address, Authorization, Receiver, named_twice};
pub use store::{Standing, standings};
pub use worker::{Forwarder, forward};

/// The operations.
#[must_use]
pub fn routes() -> web::Routes {
    web::Routes::new("forwarding").get(
        "/log/receivers",
        http::list,
        "Who the log is forwarded to, and how far each receiver has confirmed it, for those who may read all.",
    )
}
