//! Cuts a message into tokens and says what each becomes.
//!
//! A pattern has to be cut as its message was. So what a token is depends on nothing that a placeholder beside it changes:
//! no digit stays, hence whatever needs one is found in messages only; behind a `>` a word is just a word, for it may be
//! the rest of one in which a number stood; an address is none if a `<` follows.

use super::{CUT, MESSAGE_BYTES_MAX};

/// Bytes of what may stand before the `@` of an e-mail address (RFC 5321), and after it.
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 255;
/// Bytes of an address of the Internet Protocol, version 6, with the dotted form at its end.
const IP_BYTES_MAX: usize = 45;
/// Letters and digits in a row from which on they are an id.
const ID_CHARS_MIN: usize = 16;
/// Letters in a row from which on they are an id.
const WORD_CHARS_MAX: usize = 40;
/// Hexadecimal digits in a row, decimal ones among them, from which on they are a number. Shorter ones are taken for words
/// with numbers in them.
const HEX_CHARS_MIN: usize = 6;

/// Such digits that are all letters, from which on they are a number.
const HEX_LETTERS_MIN: usize = 8;

/// Quotation marks: what opens, and what closes.
const QUOTES: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('«', '»')];
/// Placeholders, as they stand in patterns.
const PLACEHOLDERS: [&str; 8] = [
    "<num>", "<id>", "<time>", "<ip>", "<url>", "<email>", "<path>", "<text>",
];

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    /// Whether white space stands before it.
    pub(super) follows_space: bool,
    kind: Kind<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind<'a> {
    /// Stays as it is.
    Kept(&'a str),
    /// Becomes a placeholder.
    Replaced(&'static str),
    /// Letters that stay, and digits among them that become placeholders.
    Mixed(&'a str),
    /// A text between quotation marks.
    Quoted(char, char),
}

impl Token<'_> {
    /// Writes what stands for it in a pattern.
    pub(super) fn write(&self, pattern: &mut String) {
        match self.kind {
            Kind::Kept(text) => pattern.push_str(text),
            Kind::Replaced(placeholder) => pattern.push_str(placeholder),
            Kind::Quoted(open, close) => {
                pattern.push(open);
                pattern.push_str("<text>");
                pattern.push(close);
            }
            Kind::Mixed(word) => {
                let mut rest = word;
                while let Some(first) = rest.chars().next() {
                    let is_other = |char: char| char.is_numeric() != first.is_numeric();
                    let (piece, after) = rest.split_at(rest.find(is_other).unwrap_or(rest.len()));
                    let is_number = first.is_numeric() || is_hex_without_digits(piece);
                    pattern.push_str(if is_number { "<num>" } else { piece });
                    rest = after;
                }
            }
        }
    }
}

/// The part of a message that is read.
pub(super) fn read_part(message: &str) -> &str {
    let mut end = message.len().min(MESSAGE_BYTES_MAX);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    &message[..end]
}

/// The tokens of a message.
pub(super) fn tokens(message: &str) -> Tokens<'_> {
    Tokens {
        rest: message,
        before: None,
        is_unclosed: [false; QUOTES.len()],
    }
}

/// Goes through a message.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The character before the rest.
    before: Option<char>,
    /// Of which quotation marks none closes any more.
    is_unclosed: [bool; QUOTES.len()],
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let text = self.rest.trim_start_matches(is_space);
        let follows_space = text.len() < self.rest.len();
        if follows_space {
            (self.rest, self.before) = (text, None);
        }
        let (length, kind) = self.token()?;
        let (token, rest) = text.split_at(length);
        self.before = token.chars().next_back();
        self.rest = rest;
        Some(Token { follows_space, kind })
    }
}

impl<'a> Tokens<'a> {
    /// The first token of the rest and its length.
    fn token(&mut self) -> Option<(usize, Kind<'a>)> {
        let text = self.rest;
        let first = text.chars().next()?;
        if first.is_alphanumeric() {
            let word = &text[..word_length(text)];
            let special = match self.before {
                Some('>') => None,
                _ => special(text, word),
            };
            return Some(special.unwrap_or_else(|| classified(word, &text[word.len()..])));
        }
        let replaced = |length: usize, placeholder| Some((length, Kind::Replaced(placeholder)));
        match first {
            '<' => {
                if let Some(known) = PLACEHOLDERS.into_iter().find(|known| text.starts_with(known)) {
                    return replaced(known.len(), known);
                }
            }
            ':' => {
                if let Some(length) = ip_v6(text) {
                    return replaced(length, "<ip>");
                }
            }
            '/' | '.' | '\\' if self.may_begin_path() => {
                if let Some(length) = path(text) {
                    return replaced(length, "<path>");
                }
            }
            _ => {
                if let Some(quoted) = self.quoted(first) {
                    return Some(quoted);
                }
            }
        }
        Some((first.len_utf8(), Kind::Kept(&text[..first.len_utf8()])))
    }

    /// A path begins after white space or an opening mark, else its sign stands between words, as in "and/or".
    fn may_begin_path(&self) -> bool {
        self.before
            .is_none_or(|before| matches!(before, '(' | '[' | '{' | '=' | ':' | ',' | '~'))
    }

    /// A text between quotation marks, if the first character opens one that is closed.
    fn quoted(&mut self, open: char) -> Option<(usize, Kind<'a>)> {
        let which = QUOTES.iter().position(|(known, _)| *known == open)?;
        let close = QUOTES[which].1;
        let inside = &self.rest[open.len_utf8()..];
        // An apostrophe that stands alone opens nothing.
        if open == '\'' && inside.chars().next().is_none_or(is_space) || self.is_unclosed[which] {
            return None;
        }
        let mut before = open;
        let mut chars = inside.char_indices();
        while let Some((at, char)) = chars.next() {
            let is_apostrophe = || {
                let after = chars.clone().next().map(|(_, after)| after);
                let is_in_word = is_letter(before) && after.is_some_and(is_letter);
                close == '\'' && (is_in_word || is_space(before))
            };
            if char == close && !is_apostrophe() {
                let length = open.len_utf8() + at + close.len_utf8();
                return Some((length, Kind::Quoted(open, close)));
            }
            before = char;
        }
        self.is_unclosed[which] = true;
        None
    }
}

/// White space, and characters that control something.
fn is_space(char: char) -> bool {
    char.is_whitespace() || char.is_control()
}

fn is_letter(char: char) -> bool {
    char.is_alphanumeric() && !char.is_numeric()
}

/// What begins with that word and is more than words and numbers.
fn special<'a>(text: &'a str, word: &str) -> Option<(usize, Kind<'a>)> {
    let url = || {
        let is_url = word.is_ascii() && text[word.len()..].starts_with("://");
        let start = word.len() + 3;
        is_url.then(|| start + run_length(&text[start..], ends_url))
    };
    let found = None
        .or_else(|| Some((url()?, "<url>")))
        .or_else(|| Some((ip_v6(text)?, "<ip>")))
        .or_else(|| Some((time(text)?, "<time>")))
        .or_else(|| Some((uuid(text)?, "<id>")))
        .or_else(|| Some((ip_v4(text)?, "<ip>")))
        .or_else(|| Some((email(text)?, "<email>")))
        .or_else(|| Some((windows_path(text)?, "<path>")));
    found.map(|(length, placeholder)| (length, Kind::Replaced(placeholder)))
}

/// What a word becomes that is nothing special. Numbers go on behind points and commas.
fn classified<'a>(word: &'a str, mut rest: &str) -> (usize, Kind<'a>) {
    let chars = word.chars().count();
    let numeric = word.chars().filter(|char| char.is_numeric()).count();
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let kind = match numeric {
        0 if is_hex_without_digits(word) => Kind::Replaced("<num>"),
        0 if chars >= WORD_CHARS_MAX => Kind::Replaced("<id>"),
        0 => Kind::Kept(word),
        numeric if numeric == chars => {
            let mut length = word.len();
            while let Some(more) = more_digits(rest) {
                length += more;
                rest = &rest[more..];
            }
            return (length, Kind::Replaced("<num>"));
        }
        _ if is_hex && chars >= HEX_CHARS_MIN => Kind::Replaced("<num>"),
        _ if chars >= ID_CHARS_MIN || is_hex_literal(word) => Kind::Replaced("<id>"),
        _ => Kind::Mixed(word),
    };
    (word.len(), kind)
}

/// The length of a point or comma with nothing but digits behind.
fn more_digits(rest: &str) -> Option<usize> {
    let digits = rest.strip_prefix(['.', ','])?;
    let length = word_length(digits);
    let is_number = length > 0 && digits[..length].chars().all(char::is_numeric);
    is_number.then_some(1 + length)
}

/// One hexadecimal id of 8 characters in 2,500 has no decimal digit; no word of that length has no other letters.
fn is_hex_without_digits(word: &str) -> bool {
    word.len() >= HEX_LETTERS_MIN && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_hex_literal(word: &str) -> bool {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The length of the letters and digits at the beginning, with apostrophes between letters.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut before = None;
    while let Some((at, char)) = chars.next() {
        let is_apostrophe = char == '\''
            && before.is_some_and(is_letter)
            && chars.peek().is_some_and(|(_, next)| is_letter(*next));
        if !char.is_alphanumeric() && !is_apostrophe {
            return at;
        }
        before = Some(char);
    }
    text.len()
}

/// The length up to what ends it or white space, without marks of a sentence at its end. An apostrophe between letters ends
/// nothing.
fn run_length(text: &str, ends: impl Fn(char) -> bool) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut before = None;
    let mut length = text.len();
    while let Some((at, char)) = chars.next() {
        let is_apostrophe = char == '\''
            && before.is_some_and(is_letter)
            && chars.peek().is_some_and(|(_, next)| is_letter(*next));
        if !is_apostrophe && (is_space(char) || ends(char)) {
            length = at;
            break;
        }
        before = Some(char);
    }
    text[..length]
        .trim_end_matches(['.', ',', ';', ':', '!', '?'])
        .len()
}

fn ends_url(char: char) -> bool {
    matches!(char, '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | CUT) || is_quote(char)
}

fn ends_path(char: char) -> bool {
    ends_url(char) || matches!(char, ':' | ';' | ',' | '*' | '?' | '!')
}

fn is_quote(char: char) -> bool {
    QUOTES.iter().any(|(open, close)| char == *open || char == *close)
}

/// Whether what was found up to there ends there.
fn is_whole(text: &str, length: usize) -> bool {
    let mut after = text[length..].chars();
    match after.next() {
        Some('\'') => !after.next().is_some_and(is_letter),
        after => !after.is_some_and(char::is_alphanumeric),
    }
}

/// Whether the bytes at a place are as a form has them: `0` stands for a decimal digit, `f` for a hexadecimal one.
fn has_form(text: &str, at: usize, form: &str) -> bool {
    let bytes = text.as_bytes().get(at..at + form.len());
    bytes.is_some_and(|bytes| {
        bytes.iter().zip(form.bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            b'f' => byte.is_ascii_hexdigit(),
            other => *byte == other,
        })
    })
}

/// A date (RFC 3339), with a time behind it or not; or a time with seconds.
fn time(text: &str) -> Option<usize> {
    const DATE: &str = "0000-00-00";
    let is_date = has_form(text, 0, DATE);
    let mut length = if is_date { DATE.len() } else { 0 };
    let is_joined = matches!(text.as_bytes().get(length), Some(b'T' | b't' | b' ' | b'_'));
    let clock = length + usize::from(is_date && is_joined);
    if (!is_date || clock > length) && has_form(text, clock, "00:00") {
        let minutes = clock + 5;
        if has_form(text, minutes, ":00") {
            length = minutes + 3;
            if matches!(text.as_bytes().get(length), Some(b'.' | b',')) {
                let digits = text.as_bytes()[length + 1..].iter();
                let count = digits.take_while(|byte| byte.is_ascii_digit()).count();
                length += if count > 0 { 1 + count } else { 0 };
            }
        } else if is_date {
            length = minutes;
        }
        if is_date && length > DATE.len() {
            length += offset_length(&text[length..]);
        }
    }
    (length > 0 && is_whole(text, length)).then_some(length)
}

/// The length of a time's distance from UTC.
fn offset_length(text: &str) -> usize {
    match text.as_bytes().first() {
        Some(b'Z' | b'z') => 1,
        Some(b'+' | b'-') if has_form(text, 1, "00:00") => 6,
        Some(b'+' | b'-') if has_form(text, 1, "0000") => 5,
        _ => 0,
    }
}

fn uuid(text: &str) -> Option<usize> {
    const FORM: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    let is_uuid = has_form(text, 0, FORM) && is_whole(text, FORM.len());
    // As good as any has a digit; and of what stays in a pattern, nothing may look like one.
    let has_digit = || text.as_bytes()[..FORM.len()].iter().any(u8::is_ascii_digit);
    (is_uuid && has_digit()).then_some(FORM.len())
}

/// Four numbers up to 255 with points between them.
fn ip_v4(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for part in 0..4 {
        if part > 0 {
            (bytes.get(at) == Some(&b'.')).then_some(())?;
            at += 1;
        }
        let digits = bytes[at..].iter().take(4);
        let count = digits.take_while(|byte| byte.is_ascii_digit()).count();
        text.get(at..at + count)?.parse::<u8>().ok()?;
        at += count;
    }
    let goes_on = has_form(text, at, ".0");
    (is_whole(text, at) && !goes_on).then_some(at)
}

/// Up to eight hexadecimal numbers of four digits with colons between them: three colons at least or two in a row, and a
/// decimal digit. Addresses of network cards are alike.
fn ip_v6(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b':';
    let run = bytes.iter().take(IP_BYTES_MAX).take_while(is_part).count();
    // A colon at the end is the sentence's.
    let address = text[..run].trim_end_matches(':');
    let colons = address.bytes().filter(|byte| *byte == b':').count();
    let is_address = (colons >= 3 || address.contains("::"))
        && colons <= 8
        && address.split(':').all(|part| part.len() <= 4)
        && address.bytes().any(|byte| byte.is_ascii_digit());
    (is_address && is_whole(text, run) && is_whole(text, address.len())).then_some(address.len())
}

/// An e-mail address whose domain has letters behind its last point.
fn email(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_local =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'.' | b'_' | b'%' | b'+' | b'-');
    let local = bytes.iter().take(LOCAL_BYTES_MAX).take_while(is_local).count();
    (bytes.get(local) == Some(&b'@')).then_some(())?;
    let start = local + 1;
    (bytes.get(start)?.is_ascii_alphanumeric()).then_some(())?;
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'.' | b'-');
    let domain = bytes[start..].iter().take(DOMAIN_BYTES_MAX);
    let mut end = start + domain.take_while(is_domain).count();
    // The last point with a word of letters behind.
    loop {
        let point = text[start..end].rfind('.')? + start;
        let letters = bytes[point + 1..].iter().take(DOMAIN_BYTES_MAX);
        let letters = letters.take_while(|byte| byte.is_ascii_alphabetic()).count();
        let length = point + 1 + letters;
        let is_cut = text[length..].starts_with(['<', CUT]);
        if letters >= 2 && is_whole(text, length) && !is_cut {
            return Some(length);
        }
        end = point;
    }
}

/// `C:\…`.
fn windows_path(text: &str) -> Option<usize> {
    let is_drive = text.as_bytes()[0].is_ascii_alphabetic();
    let goes_on = text.get(1..3).is_some_and(|next| next == ":\\" || next == ":/");
    (is_drive && goes_on).then(|| 3 + run_length(&text[3..], ends_path))
}

/// `/…`, `./…`, `../…`, `\\…`.
fn path(text: &str) -> Option<usize> {
    let start = ["../", "./", "..\\", ".\\", "\\\\", "/"]
        .into_iter()
        .find(|start| text.starts_with(start))?;
    let length = run_length(&text[start.len()..], ends_path);
    (length > 0).then_some(start.len() + length)
}
