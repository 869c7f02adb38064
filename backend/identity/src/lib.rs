//! Who is who: companies and units, people with posts, roles with scope, log-in, sessions, tokens.
//!
//! - Posts, heads and role assignments are dated; nobody is deleted, who leaves is deactivated. Only what an import brought in by
//!   mistake, and nobody has used or changed since, goes again when the import is taken back; the log keeps both.
//! - A role is a set of permissions; an assignment is person, role and scope (own, unit, subtree, all).
//! - System, security and audit administrator exclude each other (三员).
//! - There is no default account: the first administrator comes by a one-time link.
//! - The initial password is random and opens nothing but its own change (E4.5).
//! - An access token lives 10 minutes; sessions are looked at again every 4 seconds, so that a revocation, a lock or a
//!   changed role is effective on every replica within 5.
//! - Refresh tokens rotate; the use of an old one ends the whole session.
//! - Five wrong passwords lock the account for ten minutes, twenty the address.

pub mod directory;
pub mod finding;
mod http;
pub mod import;
mod model;
mod passwords;
mod policy;
pub mod schema;
mod secrets;
pub mod service;
mod store;
mod visibility;

use web::Routes;

pub use model::{OrgUnitView, PersonRef, PostType, RoleScope, UnitRef, UnitType};
pub use passwords::{Hasher, PasswordProfile, initial_password};
pub use secrets::Secrets;
pub use service::{auth::Identity, bootstrap, failures::FailedLogins, people::register_work};
pub use visibility::{PeopleVisibility, UnitVisibility};

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("auth")
        .post("/auth/login", http::auth::login, "Logs in with account and password.")
        .post("/auth/refresh", http::auth::refresh, "A new access token, by the refresh cookie.")
        .post("/auth/logout", http::auth::logout, "Ends this session.")
        .post("/auth/password", http::auth::change_password, "Changes one's own password; also the initial one.")
        .get("/auth/password-rules", http::auth::password_rules, "What a new password must be.")
        .get("/auth/setup", http::auth::setup_state, "Whether the first administrator is still to be made.")
        .post("/auth/setup", http::auth::setup, "Makes the first administrator, with the one-time link.")
        .and(
            Routes::new("me")
                .get("/me", http::me::show, "Who I am and what I may do.")
                .patch("/me", http::me::change, "My language and theme.")
                .get("/me/sessions", http::me::sessions, "Where I am logged in.")
                .delete("/me/sessions/{id}", http::me::end_session, "Ends one of my sessions.")
                .get("/me/tokens", http::me::tokens, "My access tokens for programs.")
                .post("/me/tokens", http::me::create_token, "Makes an access token; it is shown once.")
                .delete("/me/tokens/{id}", http::me::revoke_token, "Revokes one of my access tokens.")
                .get("/me/logins", http::me::logins, "When and from where somebody logged in, or tried to, as me."),
        )
        .and(
            Routes::new("org")
                .get("/org-units", http::units::tree, "The whole tree of companies and units.")
                .post("/org-units", http::units::create, "Adds a company or a unit.")
                .get("/org-units/{id}", http::units::show, "One unit.")
                .patch("/org-units/{id}", http::units::change, "Renames, moves, or names the head.")
                .post("/org-units/{id}/close", http::units::close, "Closes an empty unit.")
                .post("/org-units/import", http::imports::units, "Units from CSV or XLSX; with a dry run.")
                .get("/org-units/imports", http::imports::unit_imports, "Imports of units, the newest first.")
                .post(
                    "/org-units/imports/{id}/undo",
                    http::imports::undo_units,
                    "Takes an import back, as far as nobody has gone on from it.",
                )
                .get("/people", http::people::list, "People by name, account, number, unit.")
                .post("/people", http::people::create, "Adds a person with a main post; the initial password is shown once.")
                .get("/people/{id}", http::people::show, "One person with posts and roles.")
                .patch("/people/{id}", http::people::change, "Changes name, number, mail or phone.")
                .post("/people/{id}/deactivate", http::people::deactivate, "The person leaves: sessions end, nothing is deleted.")
                .post("/people/{id}/reactivate", http::people::reactivate, "The person is back.")
                .post("/people/{id}/reset-password", http::people::reset_password, "A new initial password, shown once; sessions end.")
                .post("/people/{id}/unlock", http::people::unlock, "Lifts the lock after wrong passwords.")
                .post("/people/{id}/posts", http::people::add_post, "Adds a post; a new main post ends the old one.")
                .post("/people/{id}/posts/{post_id}/end", http::people::end_post, "Ends a side post.")
                .post("/people/{id}/roles", http::people::assign_role, "Assigns a role with a scope.")
                .delete("/people/{id}/roles/{assignment_id}", http::people::revoke_role, "Takes a role away.")
                .post("/people/import", http::imports::people, "People from CSV or XLSX; with a dry run.")
                .get("/people/imports", http::imports::people_imports, "Imports of people, the newest first.")
                .post(
                    "/people/imports/{id}/undo",
                    http::imports::undo_people,
                    "Takes an import back, as far as nobody has gone on from it.",
                )
                .get("/roles", http::roles::list, "All roles with their permissions.")
                .post("/roles", http::roles::create, "Adds a role.")
                .patch("/roles/{id}", http::roles::change, "Changes a role of one's own making.")
                .get("/permissions", http::roles::permissions, "All permissions there are."),
        )
}
