//! Requests per second of one address.

use std::{net::IpAddr, num::NonZeroU32};

use actix_web::{
    Error as ActixError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kernel::{Code, Error};
use web::ApiError;

/// The counters; none if switched off.
pub struct Limiter(Option<DefaultKeyedRateLimiter<IpAddr>>);

impl Limiter {
    /// So many per second, bursts of twice as many.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self(
            NonZeroU32::new(per_second).map(|rate| {
                RateLimiter::keyed(Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(1))))
            }),
        )
    }

    /// Forgets addresses that have not asked for a while: an attacker has as many as he likes.
    pub fn forget(&self) {
        if let Some(counters) = &self.0 {
            counters.retain_recent();
            counters.shrink_to_fit();
        }
    }
}

/// The middleware.
pub async fn limit(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let over = request
        .app_data::<Data<Limiter>>()
        .and_then(|limiter| limiter.0.as_ref())
        .is_some_and(|limiter| web::client_address(request.request()).is_some_and(|address| limiter.check_key(&address).is_err()));
    if over {
        let error = ApiError(Error::new(Code::TooManyRequests).with("retry_after", 1));
        return Ok(request.into_response(actix_web::ResponseError::error_response(&error)));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}
