//! The built page: files with hashed names for ever, index.html for every route of the page.

use std::path::PathBuf;

use ::web::ApiError;
use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{Method, header},
    web::Data,
};
use kernel::{Code, Error};

/// Where the page lies.
#[derive(Clone)]
pub struct WebRoot(pub PathBuf);

/// What no route answers: a file of the page, the page itself, or a problem document.
pub async fn fallback(request: HttpRequest, root: Data<WebRoot>) -> HttpResponse {
    let path = request.path();
    let api = path.starts_with("/api") || path == "/healthz" || path.starts_with("/inventory");
    if api || !matches!(*request.method(), Method::GET | Method::HEAD) {
        let known = !api && request.method() != Method::GET;
        return ApiError(Error::new(if known { Code::MethodNotAllowed } else { Code::NotFound })).error_response();
    }
    let clean: PathBuf =
        path.split('/').filter(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0'])).collect();
    let file = root.0.join(&clean);
    let hashed = path.starts_with("/assets/");
    if let (false, Ok(found)) = (clean.as_os_str().is_empty(), NamedFile::open_async(&file).await)
        && found.metadata().is_file()
    {
        let mut response = found.use_last_modified(false).into_response(&request);
        let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cache));
        return response;
    }
    if hashed || path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return ApiError(Error::new(Code::NotFound)).error_response();
    }
    match NamedFile::open_async(root.0.join("index.html")).await {
        Ok(page) => {
            let mut response = page.use_last_modified(false).into_response(&request);
            response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
            response
        }
        Err(_) => ApiError(Error::new(Code::NotFound)).error_response(),
    }
}
