//! Reasons are kept before it is known who will read them: in Chinese and English, in one text.

/// Between the two; no sentence has it.
const BETWEEN: char = '\u{1f}';

/// What is said in Chinese (true) and English (false), as it is kept.
pub fn both(say: impl Fn(bool) -> String) -> String {
    let (chinese, english) = (say(true), say(false));
    if chinese == english { chinese } else { format!("{chinese}{BETWEEN}{english}") }
}

/// It, for a reader.
#[must_use]
pub fn read(kept: &str, chinese: bool) -> &str {
    kept.split_once(BETWEEN).map_or(kept, |(zh, en)| if chinese { zh } else { en })
}
