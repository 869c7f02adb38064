//! The API, from outside, on both databases.

mod identity_access;
