//! The closed list of what may be written without a record.

/// What is tidied. No regulation speaks of any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Housekeeping {
    /// Last use of sessions and tokens, expired refresh tokens.
    Sessions,
    /// Answers kept for replay.
    Idempotency,
    /// Numbering of records.
    Sequencer,
    /// What witnesses of the log have signed: a record of it would make the log grow, and be signed again.
    Cosignatures,
    /// When an agent was last heard of.
    InventorySeen,
    /// Who has looked at what.
    ReadMarks,
    /// Counters of failed log-ins.
    Throttle,
    /// What became of messages to other systems.
    Outbox,
    /// What controls make of the log: it could be computed again.
    Controls,
    /// Uploads that nothing refers to.
    OrphanedUploads,
    /// Who works on a backup plan, and when it is due next.
    BackupLease,
    /// Who forwards the log, and how far each receiver has confirmed it.
    Forwarding,
    /// Who makes a report, and when a planned one is due next.
    ReportLease,
}
