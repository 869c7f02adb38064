//! Migrations are embedded by a macro, which does not say so to Cargo: a new folder has to build this crate anew.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
