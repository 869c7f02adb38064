//! Uploading and reading back.

use actix_web::web::Data;
use kernel::may;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Bytes, Created, Download, Guard, Path, Query};

use crate::{AttachedFile, Blobs, FileId, service};

/// What the file is called.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// With its extension.
    #[validate(length(min = 1, max = 150))]
    #[param(min_length = 1, max_length = 150)]
    name: String,
}

/// POST /files
pub async fn upload(
    call: Guard<may::UseAccount>,
    blobs: Data<Blobs>,
    query: Query<UploadQuery>,
    body: Bytes,
) -> Result<Created<AttachedFile>, ApiError> {
    let kept = service::keep(&blobs, &query.into_inner().name, body.content).await?;
    call.create(move |tx| service::upload(tx, &kept)).await
}

/// GET /files/{id}/content
pub async fn content(call: Guard<may::UseAccount>, blobs: Data<Blobs>, id: Path<FileId>) -> Result<Download, ApiError> {
    let id = *id;
    let file = call.db().read(call.actor(), move |tx| service::own(tx, id)).await?;
    Ok(Download(service::deliver(&blobs, &file).await?))
}
