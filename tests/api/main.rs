//! The API as its clients see it, on both databases.

mod concurrency;
mod identity_access;
mod main_job;
