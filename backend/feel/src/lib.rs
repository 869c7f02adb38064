//! Conditions as people write them: a strict, total subset of DMN FEEL.
//!
//! - The text stays valid FEEL; what is not in the subset is refused by the parser, never silently ignored.
//! - Numbers are decimals. What has no result (a missing field, division by zero, values of different types) is null,
//!   and null is neither true nor false.
//! - Sources are at most 4 KB and 64 levels deep; an evaluation has fuel. Nothing here can panic, recurse without bound
//!   or read a clock: the same expression in the same context gives the same value.
//! - Before it is used, an expression is checked against the schema of the form that it reads.
//!
//! The language is described in `docs/feel.md`.
//!
//! ```
//! use feel::{Context, Expression, Schema, Value};
//! use serde_json::json;
//!
//! let schema = Schema::from_json(&json!({ "properties": { "金额": { "type": "number" }, "部门": { "enum": ["信息中心", "财务部"] } } }))?;
//! let condition = Expression::parse("金额 > 5000 and 部门 = \"信息中心\"")?;
//! assert!(condition.check(&schema).is_ok());
//!
//! let form = Value::from_json(&json!({ "金额": 5000.01, "部门": "信息中心" }), &schema.as_type())?;
//! assert!(condition.evaluate(&Context::of(&form))?.is_true());
//!
//! let typo = Expression::parse("部门 = \"信息中新\"")?.check(&schema).unwrap_err();
//! assert_eq!(typo[0].text(true), "“信息中新”不在可选值之内：信息中心、财务部");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arithmetic;
mod ast;
mod builtin;
mod check;
mod code;
mod compare;
mod context;
mod eval;
mod fuel;
mod function;
mod json;
mod lexer;
mod parser;
mod print;
mod problem;
mod property;
mod schema;
pub mod table;
mod temporal;
mod types;
mod value;
mod working;

mod expression;
#[cfg(test)]
mod roundtrip;

pub use code::Code;
pub use context::Context;
pub use expression::{Expression, UnaryTests};
pub use fuel::{DEFAULT_STEPS, MAX_LIST, MAX_TEXT};
pub use function::Function;
pub use parser::{MAX_DEPTH, MAX_SOURCE};
pub use problem::{EvalError, Position, Problem, SyntaxError, TypeError};
pub use schema::Schema;
pub use temporal::DateTime;
pub use types::Type;
pub use value::Value;
pub use working::{OfficeCalendar, WorkingTime};
