//! The API as its clients see it, on both databases.

mod agent;
mod alerts;
mod attacks;
mod authorisation;
mod backup;
mod backup_plans;
mod compliance;
mod concurrency;
mod contract;
mod demo;
mod every_change;
mod identity_access;
mod log;
mod main_job;
mod office;
mod packs;
mod process_actions;
mod process_releases;
mod processes;
mod recording;
mod security;
mod sheets;
mod tamper;
mod visibility;
mod webhooks;
mod witness;
