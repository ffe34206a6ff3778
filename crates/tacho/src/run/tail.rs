//! The last lines that a command wrote to stderr.

/// Lines kept.
const LINES_MAX: usize = 20;
/// Bytes kept.
const BYTES_MAX: usize = 8 * 1024;

/// Keeps the end of what flows past, at most twice [`BYTES_MAX`] in memory.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
}

impl Tail {
    /// Sees some more.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(BYTES_MAX)..];
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * BYTES_MAX {
            self.bytes.drain(..self.bytes.len() - BYTES_MAX);
        }
    }

    /// The last lines as text: without terminal colours, without the lines that a carriage return has overwritten, and
    /// with a replacement character for what is no UTF-8. `None` if nothing but space was written.
    pub(crate) fn text(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes[self.bytes.len().saturating_sub(BYTES_MAX)..]);
        let text = without_escapes(&text);
        let lines: Vec<&str> = text
            .lines()
            .map(|line| {
                line.rsplit('\r')
                    .find(|part| !part.is_empty())
                    .unwrap_or("")
                    .trim_end()
            })
            .collect();
        let text = lines[lines.len().saturating_sub(LINES_MAX)..].join("\n");
        let text = text.trim_matches('\n');
        // Replacement characters are longer than what they replace.
        let cut =
            (text.len().saturating_sub(BYTES_MAX)..=text.len()).find(|at| text.is_char_boundary(*at))?;
        let text = &text[cut..];
        (!text.trim().is_empty()).then(|| text.to_owned())
    }
}

/// Drops terminal control sequences (ECMA-48 CSI and OSC) and other control characters.
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '\u{1b}' {
            if !char.is_control() || matches!(char, '\n' | '\r' | '\t') {
                kept.push(char);
            }
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|char| !('@'..='~').contains(&char)) {},
            Some(']') => {
                while let Some(char) = chars.next() {
                    if char == '\u{7}' || (char == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail_of(parts: &[&[u8]]) -> Option<String> {
        let mut tail = Tail::default();
        for part in parts {
            tail.push(part);
        }
        tail.text()
    }

    #[test]
    fn the_last_lines_are_kept() {
        assert_eq!(tail_of(&[]), None);
        assert_eq!(tail_of(&[b"\n \n"]), None);
        assert_eq!(tail_of(&[b"one\ntw", b"o\n"]).as_deref(), Some("one\ntwo"));
        let lines: Vec<String> = (0..50).map(|number| format!("line {number}\n")).collect();
        let parts: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        let text = tail_of(&parts).unwrap();
        assert!(text.starts_with("line 30\n") && text.ends_with("line 49"));
    }

    #[test]
    fn colours_and_progress_bars_go() {
        let text = tail_of(&[b"\x1b[1;31merror\x1b[0m: no\x1b]0;title\x07\n 1 %\r 50 %\r100 %\n"]);
        assert_eq!(text.as_deref(), Some("error: no\n100 %"));
    }

    #[test]
    fn it_stays_small_whatever_comes() {
        let mut tail = Tail::default();
        for _ in 0..1_000 {
            tail.push(&[0xff; 3_000]);
            assert!(tail.bytes.len() <= 2 * BYTES_MAX);
        }
        tail.push(&vec![b'x'; 100_000]);
        assert!(tail.text().unwrap().len() <= BYTES_MAX);
        tail.push(&[0xff; BYTES_MAX]);
        assert!(tail.text().unwrap().len() <= BYTES_MAX);
    }
}
