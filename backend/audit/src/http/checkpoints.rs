//! What was signed, what witnesses have seen of it, and that one follows from another.

use actix_web::web::Data;
use db::ReadTx;
use kernel::{Code, Error, Page, Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Fine, Guard, List, Query, Valid, View, rules};

use super::base64;
use crate::{Log, log, store};

/// Something that was signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckpointView {
    /// How many records.
    pub size: i64,
    /// The root of their tree (RFC 9162), in Base 64.
    pub root: String,
    /// As it was signed (C2SP tlog-checkpoint), also by witnesses; its first line is the name of the log.
    pub checkpoint: String,
    /// When.
    pub signed_at: Ts,
}
impl View for CheckpointView {}

/// GET /log/checkpoints
pub async fn checkpoints(call: Guard<may::ReadRecords>, query: Query<List>) -> Result<Fine<Page<CheckpointView>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| {
        let page = page.page(store::checkpoints(tx, &page)?, |kept| (kept.origin_number, kept.size));
        page.try_map(|kept| checkpoint_view(tx, &kept))
    })
    .await
}

fn checkpoint_view(tx: &mut ReadTx<'_>, kept: &store::Kept) -> Result<CheckpointView, Error> {
    let checkpoint = log::seen(tx, kept)?;
    Ok(CheckpointView { size: kept.size, root: base64(&kept.root), checkpoint, signed_at: kept.signed_at })
}

/// What a witness has seen.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Cosign {
    /// Of which log.
    #[validate(length(min = 1, max = 200))]
    pub origin: String,
    /// How many records.
    #[validate(range(min = 0))]
    pub size: i64,
    /// Its signature as it stands under the checkpoint (C2SP tlog-cosignature), one line: a dash, its name, Base 64.
    #[validate(length(min = 1, max = 1000), custom(function = "rules::line"))]
    pub cosignature: String,
}

/// POST /log/cosignatures
pub async fn cosign(call: Guard<may::ReadRecords>, log: Data<Log>, body: Valid<Cosign>) -> Result<Fine<CheckpointView>, ApiError> {
    let Cosign { origin, size, cosignature } = body.into_inner();
    let kept = call.db().read(call.actor(), move |tx| store::kept(tx, &origin, size)).await?;
    let kept = kept.ok_or_else(|| Error::invalid("/size", Code::CosignatureUnknown))?;
    let line = format!("{cosignature}\n");
    let opened = merkle::Note::open(&format!("{}{line}", kept.note), log.witnesses());
    let witness = opened.ok().and_then(|note| note.verified.into_iter().next());
    let (witness, _) = witness.ok_or_else(|| Error::invalid("/cosignature", Code::CosignatureUnknown))?;
    let (origin_number, witness) = (kept.origin_number, witness.to_string());
    let keep = move |rows: &mut db::Rows<'_>| {
        let (witness, line, seen_at) = (witness.clone(), line.clone(), rows.now());
        store::cosign(rows, &store::Cosigned { origin_number, size, witness, line, seen_at })
    };
    call.db().housekeep(db::Housekeeping::Cosignatures, keep).await?;
    let view = call.db().read(call.actor(), move |tx| checkpoint_view(tx, &kept)).await?;
    Fine::with(&view)
}

/// Between which sizes.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyQuery {
    /// The size that is known.
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    pub old: i64,
    /// The size that is claimed to begin with it.
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    pub new: i64,
}

/// A consistency proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsistencyView {
    /// In the order of RFC 9162, section 2.1.4.1, in Base 64.
    pub hashes: Vec<String>,
}
impl View for ConsistencyView {}

/// GET /log/consistency
pub async fn consistency(call: Guard<may::ReadRecords>, query: Query<ConsistencyQuery>) -> Result<Fine<ConsistencyView>, ApiError> {
    let query = query.into_inner();
    call.read(move |tx| {
        let size = |number: i64| u64::try_from(number).map_err(Error::internal);
        let hashes = log::consistency(tx, size(query.old)?, size(query.new)?)?;
        Ok(ConsistencyView { hashes: hashes.iter().map(|hash| base64(hash)).collect() })
    })
    .await
}
