//! The regular expressions that a filter takes: those of RE2 (<https://github.com/google/re2/wiki/Syntax>), which searches
//! in time linear in the text.
//!
//! A pattern is read here with another parser than the store's, which says well what is wrong and where. So only what both
//! read, and read alike, is let through; the rest is refused, even where one of them would take it. How long a search takes
//! grows with the steps of the pattern when its counted repetitions are written out, so those are limited.

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{
    Assertion, AssertionKind, Ast, ClassBracketed, ClassSet, ClassSetItem, ClassUnicode, ClassUnicodeKind,
    Flag, Flags, FlagsItemKind, GroupKind, HexLiteralKind, Literal, LiteralKind, Repetition, RepetitionKind,
    RepetitionRange, Span,
};

use crate::params::{PATTERN_CHARS_MAX, PATTERN_STEPS_MAX};

/// Classes and groups inside each other.
const NESTING_MAX: u32 = 50;

/// The general categories of Unicode that both know.
const CATEGORIES: &str =
    "Cc Cf L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs";

/// Scripts that both know.
const SCRIPTS: &str = "Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul \
     Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar Sinhala Tamil Telugu Thai Tibetan";

/// Whether a pattern can be searched with.
///
/// # Errors
/// What is wrong with it and where, in words.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    let chars_count = pattern.chars().count();
    if chars_count > PATTERN_CHARS_MAX {
        return Err(format!(
            "a regular expression may have {PATTERN_CHARS_MAX} characters; this one has {chars_count}"
        ));
    }
    let parsed = ParserBuilder::new()
        .nest_limit(NESTING_MAX)
        .build()
        .parse(pattern)
        .map_err(|error| Fault::new(error.span(), error.kind().to_string()));
    parsed
        .and_then(|ast| Reader { pattern }.steps(&ast))
        .map(|_| ())
        .map_err(|fault| {
            let before = pattern.get(..fault.offset).unwrap_or(pattern);
            let position = before.chars().count() + 1;
            format!(
                "at character {position} of the regular expression: {}",
                fault.reason
            )
        })
}

/// What is wrong with a pattern.
struct Fault {
    /// Where, in bytes from its start.
    offset: usize,
    reason: String,
}

impl Fault {
    fn new(span: &Span, reason: impl Into<String>) -> Self {
        Self {
            offset: span.start.offset,
            reason: reason.into(),
        }
    }
}

/// Walks through a pattern that has been parsed.
struct Reader<'a> {
    pattern: &'a str,
}

impl Reader<'_> {
    /// The steps of a part: about the states of the automaton that searches for it. Every part has at least one, so that the
    /// limit on them also keeps RE2's, of 1,000 repetitions inside each other.
    fn steps(&self, ast: &Ast) -> Result<usize, Fault> {
        match ast {
            Ast::Empty(_) | Ast::Dot(_) | Ast::ClassPerl(_) => Ok(1),
            Ast::Flags(set) => flags(&set.flags),
            Ast::Literal(one) => literal(one),
            Ast::Assertion(one) => assertion(one),
            Ast::ClassUnicode(class) => Ok(1 + unicode_class(class)?),
            Ast::ClassBracketed(class) => bracketed(class),
            Ast::Repetition(repetition) => self.repetition(repetition),
            Ast::Group(group) => {
                match &group.kind {
                    GroupKind::NonCapturing(set) => {
                        flags(set)?;
                    }
                    GroupKind::CaptureName { starts_with_p, name } => {
                        let is_plain = name.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                        if !starts_with_p || !is_plain {
                            return Err(Fault::new(
                                &group.span,
                                "a group is named as in (?P<name>…), with ASCII letters, digits and _; leave the name out",
                            ));
                        }
                    }
                    GroupKind::CaptureIndex(_) => {}
                }
                self.steps(&group.ast)
            }
            Ast::Alternation(alternation) => self.sum(&alternation.asts),
            Ast::Concat(concat) => self.sum(&concat.asts),
        }
    }

    fn sum(&self, asts: &[Ast]) -> Result<usize, Fault> {
        asts.iter()
            .try_fold(0, |before, ast| within(before + self.steps(ast)?, ast.span()))
    }

    fn repetition(&self, repetition: &Repetition) -> Result<usize, Fault> {
        let op = &repetition.op;
        if matches!(*repetition.ast, Ast::Repetition(_)) {
            return Err(Fault::new(
                &op.span,
                "a repetition is repeated; put it into a group, or take one of the signs away",
            ));
        }
        let steps = self.steps(&repetition.ast)?;
        let RepetitionKind::Range(range) = &op.kind else {
            return Ok(steps);
        };
        let (written, count) = match range {
            RepetitionRange::Exactly(count) => (format!("{{{count}}}"), count),
            RepetitionRange::AtLeast(least) => (format!("{{{least},}}"), least),
            RepetitionRange::Bounded(least, most) => (format!("{{{least},{most}}}"), most),
        };
        let found = self.pattern.get(op.span.start.offset..op.span.end.offset);
        if found.map(|found| found.trim_end_matches('?')) != Some(&written) {
            return Err(Fault::new(
                &op.span,
                format!("write {written}, without spaces or zeros before a number"),
            ));
        }
        let count = usize::try_from(*count).unwrap_or(usize::MAX).max(1);
        within(steps.saturating_mul(count), &op.span)
    }
}

fn within(steps: usize, span: &Span) -> Result<usize, Fault> {
    if steps > PATTERN_STEPS_MAX {
        return Err(Fault::new(
            span,
            format!(
                "with its counted repetitions written out, the regular expression is longer than {PATTERN_STEPS_MAX} characters and classes; repeat less often, or with * or +"
            ),
        ));
    }
    Ok(steps)
}

fn flags(flags: &Flags) -> Result<usize, Fault> {
    let unknown = flags.items.iter().find(|item| match item.kind {
        FlagsItemKind::Flag(flag) => {
            matches!(flag, Flag::Unicode | Flag::CRLF | Flag::IgnoreWhitespace)
        }
        FlagsItemKind::Negation => false,
    });
    match unknown {
        Some(item) => Err(Fault::new(&item.span, "of flags there are i, m, s and U")),
        None => Ok(1),
    }
}

fn literal(literal: &Literal) -> Result<usize, Fault> {
    match &literal.kind {
        LiteralKind::HexFixed(HexLiteralKind::UnicodeShort | HexLiteralKind::UnicodeLong)
        | LiteralKind::HexBrace(HexLiteralKind::UnicodeShort | HexLiteralKind::UnicodeLong) => {
            Err(Fault::new(
                &literal.span,
                format!(
                    "write the number of a character as \\x{{{:X}}}",
                    u32::from(literal.c)
                ),
            ))
        }
        _ => Ok(1),
    }
}

fn assertion(assertion: &Assertion) -> Result<usize, Fault> {
    match assertion.kind {
        AssertionKind::StartLine
        | AssertionKind::EndLine
        | AssertionKind::StartText
        | AssertionKind::EndText
        | AssertionKind::WordBoundary => Ok(1),
        // RE2 searches in bytes and finds \B inside of a character.
        _ => Err(Fault::new(
            &assertion.span,
            "of the boundaries of words there is only \\b; write < and > without \\",
        )),
    }
}

/// What a class by a property of Unicode weighs beyond a step: in UTF-8 it is many ranges of bytes.
fn unicode_class(class: &ClassUnicode) -> Result<usize, Fault> {
    let mut known = CATEGORIES.split(' ').chain(SCRIPTS.split(' '));
    let is_known = match &class.kind {
        ClassUnicodeKind::OneLetter(letter) => known.any(|known| known.chars().eq([*letter])),
        ClassUnicodeKind::Named(name) => known.any(|known| known == name),
        ClassUnicodeKind::NamedValue { .. } => false,
    };
    if !is_known {
        return Err(Fault::new(
            &class.span,
            format!("of the classes of Unicode there are, written exactly so: {CATEGORIES} {SCRIPTS}"),
        ));
    }
    Ok(5)
}

fn bracketed(class: &ClassBracketed) -> Result<usize, Fault> {
    let ClassSet::Item(item) = &class.kind else {
        return Err(Fault::new(
            &class.span,
            "classes cannot be combined with &&, -- or ~~; write \\&, \\- or \\~ for the character itself",
        ));
    };
    let items = match item {
        ClassSetItem::Union(union) => union.items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut steps = 1;
    for (at, item) in items.iter().enumerate() {
        let weight = |literal: &Literal| usize::from(!literal.c.is_ascii());
        steps += match item {
            ClassSetItem::Literal(one) => {
                let is_bare_hyphen = one.c == '-' && one.kind == LiteralKind::Verbatim;
                if is_bare_hyphen && at > 0 && at + 1 < items.len() {
                    return Err(Fault::new(
                        &one.span,
                        "a - inside of a class stands between two characters, or else is written \\-",
                    ));
                }
                literal(one)?;
                weight(one)
            }
            ClassSetItem::Range(range) => {
                literal(&range.start)?;
                literal(&range.end)?;
                weight(&range.start) + weight(&range.end)
            }
            ClassSetItem::Unicode(class) => unicode_class(class)?,
            ClassSetItem::Empty(_) | ClassSetItem::Ascii(_) | ClassSetItem::Perl(_) => 0,
            ClassSetItem::Bracketed(_) | ClassSetItem::Union(_) => {
                return Err(Fault::new(
                    item.span(),
                    "a class cannot stand inside of another; write \\[ for the character itself, and [[:alpha:]] and such for a named class",
                ));
            }
        };
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_read_alike_is_taken() {
        for pattern in [
            "",
            "timed? out|refused",
            r"(?i)^error:\s+\d{3}\b",
            r"(?P<host>[\w.-]+)\.example\.com$",
            r"[]a]|[^]a]|[-a]|[a-]|[a\-z]|[[:^alpha:]_]|[\p{Greek}\PL\d]",
            r"\x41\x{1F600}\t\n\\\.\/\-\ \A\z",
            r"(?s-i:a.b)(?m)$(?:)()(|a)*",
            r"(a+)+$",
            r"a{2}b{2,}c{2,3}?d*?e+?f??",
            "ärger|Ä{3}|[ä-ü]|.",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
        assert_eq!(check(&"ä".repeat(PATTERN_CHARS_MAX)), Ok(()));
        assert_eq!(check(&format!("a{{{PATTERN_STEPS_MAX}}}")), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let cases = [
            // What neither reads.
            ("(a", 1, "unclosed group"),
            ("ä)", 2, "unopened group"),
            ("a|*", 3, "missing expression"),
            ("[a", 1, "unclosed character class"),
            ("[b-a]", 2, "range"),
            ("a{3,2}", 2, "range"),
            ("(?=a)b", 1, "look-around"),
            ("a(?<!b)", 2, "look-around"),
            (r"(a)\1", 4, "backreferences"),
            (r"a\h", 2, "escape"),
            (r"\Z", 1, "escape"),
            (r"\xG0", 3, "hexadecimal"),
            ("(?z)", 3, "flag"),
            // What only the parser here reads.
            ("(?x) a b", 3, "flags"),
            ("(?R:a$)", 3, "flags"),
            ("(?i-u)a", 5, "flags"),
            ("a(?<n>b)", 2, "(?P<name>…)"),
            ("(?P<größe>b)", 1, "(?P<name>…)"),
            (r"\u0041", 1, r"\x{41}"),
            (r"[a\U0001F600]", 3, r"\x{1F600}"),
            (r"\u{41}", 1, r"\x{41}"),
            ("a**", 3, "repeated"),
            ("a++", 3, "repeated"),
            ("a{2}{3}", 5, "repeated"),
            (r"\p{Letter}", 1, "Unicode"),
            (r"\p{greek}", 1, "Unicode"),
            (r"a\p{sc=Greek}", 2, "Unicode"),
            (r"[\p{Emoji}]", 2, "Unicode"),
            (r"\pC", 1, "Unicode"),
            // What the two read differently.
            (r"\<a", 1, r"\b"),
            (r"a\>", 2, r"\b"),
            (r"\b{start}a", 1, r"\b"),
            (r"a\B", 2, r"\b"),
            ("[a-z&&[^b]]", 1, "&&"),
            ("[a-z--b]", 1, "&&"),
            ("[a~~b]", 1, "&&"),
            ("[a[b]]", 3, "inside of another"),
            ("[[:foo:]]", 2, "inside of another"),
            ("[--a]", 3, r"\-"),
            ("[]-a]", 3, r"\-"),
            ("[a-c-e]", 5, r"\-"),
            ("a{ 2}", 2, "{2}"),
            ("a{2, 3}", 2, "{2,3}"),
            ("a{01}", 2, "{1}"),
            // What is too much.
            ("a{251}", 2, "250"),
            ("(a{20}){20}", 8, "250"),
            ("(a{16}b){16}", 9, "250"),
            ("a{1,999999999}", 2, "250"),
            ("(?:){251}", 5, "250"),
            (r"a{200}b{60}", 7, "250"),
            (r"\pL{100}", 4, "250"),
        ];
        for (pattern, position, word) in cases {
            let reason = check(pattern).expect_err(pattern);
            let place = format!("at character {position} of the regular expression: ");
            assert!(reason.starts_with(&place), "{pattern}: {reason}");
            assert!(reason.contains(word), "{pattern}: {reason}");
        }
        let reason = check(&"a".repeat(PATTERN_CHARS_MAX + 1)).unwrap_err();
        assert_eq!(
            reason,
            "a regular expression may have 200 characters; this one has 201"
        );
        let nested = format!("{}a{}", "(".repeat(80), ")".repeat(80));
        assert!(check(&nested).unwrap_err().contains("nested"));
    }
}
