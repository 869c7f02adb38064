//! Serials that are none: what makers leave in the firmware when nobody filled it in.

const PLACEHOLDERS: &[&str] = &[
    "default string",
    "to be filled by o.e.m.",
    "to be filled by oem",
    "system serial number",
    "system product name",
    "system manufacturer",
    "not specified",
    "not available",
    "not applicable",
    "none",
    "n/a",
    "na",
    "unknown",
    "invalid",
    "oem",
    "o.e.m.",
    "empty",
    "chassis serial number",
    "base board serial number",
    "serial",
    "0123456789",
    "123456789",
    "1234567890",
    "12345678",
    "03000200-0400-0500-0006-000700080009",
    "00020003-0004-0005-0006-000700080009",
    "xxxxxxxxxx",
    "type1sku0",
    "overlayblk",
];

/// The serial or UUID, if it tells one machine from another.
#[must_use]
pub fn real(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.to_lowercase();
    let letters: Vec<char> = plain.chars().filter(char::is_ascii_alphanumeric).collect();
    let monotone = letters.windows(2).all(|pair| pair.first() == pair.last());
    let placeholder = PLACEHOLDERS.contains(&plain.as_str()) || plain.starts_with("to be filled");
    (letters.len() >= 4 && !monotone && !placeholder && text.chars().count() <= 120).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::real;

    #[test]
    fn placeholders_are_no_serials() {
        for text in ["", " ", "Default string", "To Be Filled By O.E.M.", "None", "00000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "0"] {
            assert_eq!(real(text), None, "{text}");
        }
        assert_eq!(real(" 640HP72 ").as_deref(), Some("640HP72"));
    }
}
