//! Values from and to JSON. JSON has no dates: the type says what a text means.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value as Json, value::RawValue};

use crate::{
    Code, EvalError, Type, Value,
    temporal::{self, DateTime, Duration},
};

impl Value {
    /// Reads a JSON text as a value of this type. Numbers are taken from their digits, so that none are lost; one with
    /// more digits than a decimal has is refused. With [`Type::Any`], texts stay texts.
    pub fn from_json_text(json: &str, of: &Type) -> Result<Self, EvalError> {
        let raw: &RawValue = serde_json::from_str(json).map_err(|_| misfit("", "JSON"))?;
        read(raw, of, &mut String::new())
    }

    /// Reads a JSON value. A number that JSON holds as a binary fraction is taken as the shortest digits that name it,
    /// which are those it was written with if they were at most 15.
    pub fn from_json(json: &Json, of: &Type) -> Result<Self, EvalError> {
        Self::from_json_text(&json.to_string(), of)
    }

    /// The JSON of a value; dates, times and durations as texts. More than 15 digits may be rounded.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(value) => Json::Bool(*value),
            Self::Number(number) => serde_json::from_str(&number.normalize().to_string()).unwrap_or_default(),
            Self::String(text) => Json::String(text.to_string()),
            Self::Date(date) => Json::String(date.to_string()),
            Self::Time(time) => Json::String(time.to_string()),
            Self::DateTime(at) => Json::String(at.to_string()),
            Self::DaysDuration(duration) => Json::String(Duration::Days(*duration).to_string()),
            Self::MonthsDuration(months) => Json::String(Duration::Months(*months).to_string()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Context(fields) => Json::Object(fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()),
        }
    }
}

fn misfit(path: &str, expected: impl std::fmt::Display) -> EvalError {
    let path = if path.is_empty() { "/" } else { path };
    EvalError::new(Code::BadValue).with("path", path).with("expected", expected)
}

/// `path` is the RFC 6901 pointer of this value.
fn read(raw: &RawValue, of: &Type, path: &mut String) -> Result<Value, EvalError> {
    let json = raw.get();
    let value = match json.bytes().next() {
        Some(b'n') => return Ok(Value::Null),
        Some(b't' | b'f') => Some(Value::Boolean(json == "true")),
        Some(b'"') => serde_json::from_str::<String>(json).ok().and_then(|text| meant(&text, of)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| misfit(path, of))?;
            let of = if let Type::List(of) = of { of } else { &Type::Any };
            let items = items.into_iter().enumerate().map(|(index, item)| below(item, of, &index.to_string(), path));
            Some(Value::List(items.collect::<Result<_, _>>()?))
        }
        Some(b'{') => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json).map_err(|_| misfit(path, of))?;
            let mut values = BTreeMap::new();
            for (name, field) in fields {
                let of = if let Type::Context(types) = of { types.get(&name).unwrap_or(&Type::Any) } else { &Type::Any };
                let value = below(field, of, &name, path)?;
                values.insert(name, value);
            }
            Some(Value::Context(values.into()))
        }
        _ => decimal(json).map(Value::Number),
    };
    value.filter(|value| fits(value, of)).ok_or_else(|| misfit(path, of))
}

fn below(raw: &RawValue, of: &Type, name: &str, path: &mut String) -> Result<Value, EvalError> {
    let length = path.len();
    path.push('/');
    path.push_str(&name.replace('~', "~0").replace('/', "~1"));
    let value = read(raw, of, path);
    path.truncate(length);
    value
}

/// A number by its digits: `12.50`, `1e3`.
fn decimal(text: &str) -> Option<Decimal> {
    match text.split_once(['e', 'E']) {
        None => Decimal::from_str_exact(text).ok(),
        Some((digits, exponent)) => {
            let mut number = Decimal::from_str_exact(digits).ok()?;
            let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 28)?;
            let ten = Decimal::try_from_i128_with_scale(10i128.pow(exponent.unsigned_abs()), 0).ok()?;
            if exponent >= 0 {
                return number.checked_mul(ten);
            }
            number = number.normalize();
            number.set_scale(number.scale().checked_add(exponent.unsigned_abs())?).ok()?;
            Some(number)
        }
    }
}

/// What a text means where a value of this type is expected.
fn meant(text: &str, of: &Type) -> Option<Value> {
    match of {
        Type::Date => temporal::date(text).map(Value::Date),
        // Browsers send times without seconds.
        Type::Time => temporal::time(text).or_else(|| temporal::time(&format!("{text}:00"))).map(Value::Time),
        Type::DateTime => DateTime::parse(text).map(Value::DateTime),
        Type::DaysDuration | Type::MonthsDuration => Duration::parse(text).map(Value::from),
        _ => Some(Value::text(text)),
    }
}

/// Whether a value is of this type; the items of lists and contexts have been looked at before.
fn fits(value: &Value, of: &Type) -> bool {
    match (value, of) {
        (_, Type::Any)
        | (Value::Null, _)
        | (Value::Boolean(_), Type::Boolean)
        | (Value::Number(_), Type::Number)
        // An old form can hold a choice that has been taken out since: it is a text still.
        | (Value::String(_), Type::String | Type::Choice(_))
        | (Value::Date(_), Type::Date)
        | (Value::Time(_), Type::Time)
        | (Value::DateTime(_), Type::DateTime)
        | (Value::DaysDuration(_), Type::DaysDuration)
        | (Value::MonthsDuration(_), Type::MonthsDuration)
        | (Value::List(_), Type::List(_))
        | (Value::Context(_), Type::Context(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let read = |text| Value::from_json_text(text, &Type::Number).unwrap().to_string();
        assert_eq!(read("12345678901234567890.12345678"), "12345678901234567890.12345678");
        assert_eq!(read("0.1"), "0.1");
        assert_eq!(read("-1.5e3"), "-1500");
        assert_eq!(read("15e-1"), "1.5");
        assert_eq!(Value::from_json(&serde_json::json!(0.1), &Type::Any).unwrap().to_string(), "0.1");
        assert!(Value::from_json_text("1e400", &Type::Number).is_err());
    }

    #[test]
    fn the_type_says_what_a_text_means() {
        let of = Type::Context([("日".to_owned(), Type::Date), ("时".to_owned(), Type::list(Type::Time))].into());
        let json = serde_json::json!({ "日": "2026-11-25", "时": ["08:30", null], "注": "2026-11-25" });
        let value = Value::from_json(&json, &of).unwrap();
        assert_eq!(value.to_string(), r#"{日: date("2026-11-25"), 时: [time("08:30:00"), null], 注: "2026-11-25"}"#);
        let wrong = Value::from_json(&serde_json::json!({ "时": ["8点"] }), &of).unwrap_err();
        assert_eq!(wrong.text(false), "The value at /时/0 is not of type time");
        let odd = Type::Context([("a/b~".to_owned(), Type::Number)].into());
        let wrong = Value::from_json(&serde_json::json!({ "a/b~": "1" }), &odd).unwrap_err();
        assert_eq!(wrong.text(true), "/a~1b~0 处的值不是数字");
    }
}
