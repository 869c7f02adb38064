//! The log as security events (OCSF), one for each line; how a record is one is said in [`crate::ocsf`].

use kernel::{Error, may};
use web::{ApiError, Download, Guard};

use super::{Pieces, Whole};
use crate::ocsf;

async fn write(log: Whole, pieces: Pieces) -> Result<(), Error> {
    let mut from = 0;
    loop {
        let entries = log.from(from).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        from = last.index + 1;
        let lines: String = entries.iter().map(|entry| ocsf::event(entry).to_string() + "\n").collect();
        pieces.send(Ok(lines.into())).await.map_err(|_| Error::internal("the reader has gone"))?;
    }
}

/// GET /log/ocsf
pub async fn export(call: Guard<may::ReadRecords>) -> Result<Download, ApiError> {
    super::whole_log(&call, "ocsf", "application/x-ndjson", "ocsf.ndjson", write).await
}
