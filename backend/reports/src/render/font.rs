//! The letters of printed reports: which font has one, how wide it is, where a line breaks.

use std::{ops::Range, sync::OnceLock};

use kernel::Error;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider as _,
    instance::{LocationRef, Size},
};

/// The first that has a letter is used.
static FILES: [&[u8]; 2] =
    [include_bytes!("../../fonts/WenQuanYiMicroHei.ttf.zst"), include_bytes!("../../fonts/DroidSansFallback-rare.ttf.zst")];

/// What stands for a letter that no font has (〓, as printers put it).
const MISSING: char = '\u{3013}';

/// A font that is open.
struct Open {
    bytes: &'static [u8],
    font: Font,
    per_em: f32,
}

/// The fonts, unpacked once.
pub struct Fonts(Vec<Open>);

/// A letter in its font.
#[derive(Clone, Copy, Debug)]
struct Letter {
    font: usize,
    glyph: u32,
    /// In parts of the size.
    advance: f32,
}

/// A stretch of a line in one font.
pub struct Stretch<'t> {
    pub font: Font,
    pub glyphs: Vec<KrillaGlyph>,
    pub text: &'t str,
}

impl Fonts {
    /// Unpacks them at the first use.
    pub fn get() -> Result<&'static Self, Error> {
        static OPEN: OnceLock<Fonts> = OnceLock::new();
        if let Some(fonts) = OPEN.get() {
            return Ok(fonts);
        }
        let open = |packed: &&'static [u8]| {
            let bytes: &'static [u8] = Vec::leak(zstd::decode_all(*packed).map_err(Error::internal)?);
            let font = Font::new(bytes.to_vec().into(), 0).ok_or_else(|| Error::internal("a font of ours is broken"))?;
            let per_em = font.units_per_em();
            Ok(Open { bytes, font, per_em })
        };
        let fonts = FILES.iter().map(open).collect::<Result<_, Error>>()?;
        Ok(OPEN.get_or_init(|| Self(fonts)))
    }

    fn find(&self, letter: char) -> Option<Letter> {
        self.0.iter().enumerate().find_map(|(font, open)| {
            let face = FontRef::new(open.bytes).ok()?;
            let glyph = face.charmap().map(letter).filter(|glyph| glyph.to_u32() != 0)?;
            let advance = face.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(glyph)?;
            Some(Letter { font, glyph: glyph.to_u32(), advance: advance / open.per_em })
        })
    }

    fn letter(&self, letter: char) -> Letter {
        let known = if letter.is_control() { self.find(' ') } else { self.find(letter).or_else(|| self.find(MISSING)) };
        known.unwrap_or(Letter { font: 0, glyph: 0, advance: 1.0 })
    }

    /// How wide a text is, in parts of the size.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.letter(letter).advance).sum()
    }

    /// How wide the widest part is within which a line does not end, in parts of the size.
    pub fn unbroken(&self, text: &str) -> f32 {
        let (mut widest, mut part, mut before) = (0.0_f32, 0.0, None::<char>);
        for letter in text.chars() {
            if before.is_some_and(|before| may_break(before, letter)) {
                part = 0.0;
            }
            part += self.letter(letter).advance;
            widest = widest.max(part);
            before = Some(letter);
        }
        widest
    }

    /// Breaks a text into lines of at most this width, in parts of the size: at line ends, else after a blank or between two letters
    /// of which one is Chinese, else anywhere.
    pub fn lines<'t>(&self, text: &'t str, width: f32) -> Vec<&'t str> {
        text.lines().flat_map(|line| self.broken(line, width)).collect()
    }

    fn broken<'t>(&self, text: &'t str, width: f32) -> Vec<&'t str> {
        let (mut lines, mut start, mut used, mut chance) = (Vec::new(), 0, 0.0, None::<usize>);
        let mut cut = |range: Range<usize>| lines.push(text.get(range).unwrap_or_default().trim_end());
        let mut before = None::<char>;
        for (at, letter) in text.char_indices() {
            if before.is_some_and(|before| may_break(before, letter)) {
                chance = Some(at);
            }
            let advance = self.letter(letter).advance;
            if used + advance > width && at > start {
                let end = chance.filter(|chance| *chance > start).unwrap_or(at);
                cut(start..end);
                (start, chance) = (end, None);
                used = self.width(text.get(end..at).unwrap_or_default());
            }
            used += advance;
            before = Some(letter);
        }
        cut(start..text.len());
        lines
    }

    /// The letters of a line, font by font.
    pub fn stretches<'t>(&self, line: &'t str) -> Vec<Stretch<'t>> {
        let mut all: Vec<(usize, Range<usize>, Vec<KrillaGlyph>)> = Vec::new();
        for (at, letter) in line.char_indices() {
            let (found, end) = (self.letter(letter), at + letter.len_utf8());
            if all.last().is_none_or(|(font, ..)| *font != found.font) {
                all.push((found.font, at..at, Vec::new()));
            }
            if let Some((_, range, glyphs)) = all.last_mut() {
                range.end = end;
                let place = at - range.start..end - range.start;
                glyphs.push(KrillaGlyph::new(GlyphId::new(found.glyph), found.advance, 0.0, 0.0, 0.0, place, None));
            }
        }
        let stretch = |(font, range, glyphs): (usize, Range<usize>, Vec<KrillaGlyph>)| {
            Some(Stretch { font: self.0.get(font)?.font.clone(), glyphs, text: line.get(range)? })
        };
        all.into_iter().filter_map(stretch).collect()
    }
}

/// Whether a line may end between two letters. Chinese text breaks anywhere, but no line begins with what closes and none ends with what
/// opens.
fn may_break(before: char, after: char) -> bool {
    const CLOSING: &str = "，。、；：？！）》」』】〉”’…—,.;:?!)]}%";
    const OPENING: &str = "（《「『【〈“‘([{";
    let wide = |letter: char| matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..);
    if CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || before == '-' && after.is_alphabetic() || wide(before) || wide(after)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_a_name_is_there() {
        let fonts = Fonts::get().unwrap();
        for letter in "制度王䶮㐂喆龘Az09，。（）—…·".chars() {
            assert!(fonts.find(letter).is_some(), "{letter}");
        }
        // What is nowhere is said to be missing.
        assert_eq!(fonts.letter('\u{2a6d6}').glyph, fonts.letter(MISSING).glyph);
    }

    #[test]
    fn lines_break_as_chinese_does() {
        let fonts = Fonts::get().unwrap();
        let em = fonts.width("制");
        assert_eq!(fonts.lines("信息化，管理", em * 3.5), ["信息", "化，管", "理"]);
        assert_eq!(fonts.lines("一\n二", 100.0), ["一", "二"]);
        assert_eq!(fonts.lines("", 100.0), [""; 0]);
        // A word that is too long is cut; nothing is lost.
        let long = "a".repeat(50);
        assert_eq!(fonts.lines(&long, em * 5.0).concat(), long);
        assert!(fonts.lines("two words", fonts.width("two wor")).len() == 2);
    }

    #[test]
    fn a_number_is_one_piece_and_a_sentence_is_not() {
        let fonts = Fonts::get().unwrap();
        assert_eq!(fonts.unbroken("E-2026-00001"), fonts.width("E-2026-00001"));
        assert_eq!(fonts.unbroken("信息化管理"), fonts.width("信"));
    }

    #[test]
    fn a_line_of_two_fonts_is_two_stretches() {
        let stretches = Fonts::get().unwrap().stretches("王䶮A");
        assert_eq!(stretches.iter().map(|stretch| stretch.text).collect::<Vec<_>>(), ["王", "䶮", "A"]);
    }
}
