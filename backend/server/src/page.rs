//! The built page: files with hashed names for ever, index.html for every route of the page.

use std::path::{Path, PathBuf};

use ::web::ApiError;
use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{
        Method,
        header::{self, AcceptEncoding, ContentEncoding, Encoding, Header as _},
    },
    web::Data,
};
use kernel::{Code, Error};

/// Where the page lies.
#[derive(Clone)]
pub struct WebRoot(pub PathBuf);

/// The same file as the build packed it, if the browser takes that.
async fn packed(request: &HttpRequest, path: &Path, plain: NamedFile) -> NamedFile {
    let Ok(accepted) = AcceptEncoding::parse(request) else { return plain };
    let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    let (encoding, extension) = match accepted.negotiate(offered.iter()) {
        Some(Encoding::Known(ContentEncoding::Brotli)) => (ContentEncoding::Brotli, ".br"),
        Some(Encoding::Known(ContentEncoding::Gzip)) => (ContentEncoding::Gzip, ".gz"),
        _ => return plain,
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(extension);
    match NamedFile::open_async(beside).await {
        Ok(found) => found.set_content_type(plain.content_type().clone()).set_content_encoding(encoding),
        // Too small to gain by it.
        Err(_) => plain,
    }
}

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
        let mut response = packed(&request, &file, found).await.use_last_modified(false).into_response(&request);
        response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
        let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cache));
        return response;
    }
    // A name with a dot is a file that is not there, unless somebody goes to it as to a page: clauses are called G3.3.
    let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    let visited = accepted.is_some_and(|accepted| accepted.contains("text/html"));
    if hashed || (!visited && path.rsplit('/').next().is_some_and(|name| name.contains('.'))) {
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
