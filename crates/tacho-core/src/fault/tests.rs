use proptest::prelude::*;

use super::*;

fn fingerprint(error_type: &str, message: &str) -> String {
    Fault::of(Some(error_type), Some(message)).unwrap().fingerprint
}

#[test]
fn what_differs_each_time_is_replaced() {
    for (message, expected) in [
        (
            "HTTP 500 from https://shop.example/api/v2/documents/48113: Internal Server Error (request 3fa9c01b22d4)",
            "HTTP <num> from <url>: Internal Server Error (request <num>)",
        ),
        (
            "No element matches \"#row-17 > td.amount\" on https://shop.example/orders/1 after 30017 ms",
            "No element matches \"<text>\" on <url> after <num> ms",
        ),
        (
            "Page 3 of scan-09ab23ff.pdf: text confidence 0.43 is below 0.80",
            "Page <num> of scan-<num>.pdf: text confidence <num> is below <num>",
        ),
        (
            "Traceback:\n  File \"load.py\", line 17, in main\nKeyError: 'amount_2017'",
            "Traceback: File \"<text>\", line <num>, in main KeyError: '<text>'",
        ),
        (
            "Could not read /var/lib/app/run-7/state.json: it's gone; see C:\\logs\\app.log",
            "Could not read <path>: it's gone; see <path>",
        ),
        (
            "2026-11-22T10:00:03.125Z: user ada.l+x@mail.example.org at 10.0.0.17:443 and fe80::1ff:9",
            "<time>: user <email> at <ip>:<num> and <ip>",
        ),
        (
            "run 6f1a2b3c-0d4e-4f5a-8b6c-7d8e9f0a1b2c (token eyJhbGciOiJIUzI1NiJ9) at 0x7ffd",
            "run <id> (token <id>) at <id>",
        ),
        (
            "and/or 1,234.56 of page2, v1.2.3",
            "and/or <num> of page<num>, v<num>.<num>",
        ),
        (
            "scan-deadbeef.pdf of facade2 and aaaaaaaa1z",
            "scan-<num>.pdf of <num> and <num><num>z",
        ),
        (
            "std::io::Error: the users' page",
            "std::io::Error: the users' page",
        ),
        (
            "mail a@b.com-1 or a@b.com1 or @Component",
            "mail <email>-<num> or a@b.com<num> or @Component",
        ),
        ("  \n\t ", ""),
    ] {
        assert_eq!(pattern(message), expected, "{message}");
    }
}

#[test]
fn a_fault_is_of_type_and_pattern() {
    assert_eq!(
        fingerprint("http", "page 1 of 2"),
        fingerprint("http", "page 17 of 3,000")
    );
    assert_ne!(fingerprint("http", "page 1"), fingerprint("https", "page 1"));
    assert_ne!(fingerprint("http", "page 1"), fingerprint("http", "sheet 1"));
    assert_ne!(
        Fault::of(Some("a"), None).unwrap().fingerprint,
        Fault::of(None, Some("a")).unwrap().fingerprint
    );
    for (error_type, message) in [(None, None), (Some(" "), Some("\n")), (Some(""), None)] {
        assert_eq!(Fault::of(error_type, message), None);
    }
    let fault = Fault::of(Some("timeout"), Some("")).unwrap();
    assert_eq!(
        (fault.fingerprint.len(), fault.pattern),
        (FINGERPRINT_CHARS, None)
    );
}

/// Fingerprints are kept in links and elsewhere: one that changes has to change the version.
#[test]
fn a_fingerprint_is_the_same_for_ever() {
    let found = fingerprint("http_500", "HTTP 500 from https://shop.example/1");
    assert_eq!((VERSION, found.as_str()), (1, "2fb08cb0eb0f8fb7"));
}

/// Work grows with the length of a message, not with its square: that would take minutes.
#[test]
fn work_is_linear() {
    let units = [
        "'", "\"", "a'", "a.", "a@", "1:", "<", "/.", ":/", "='", "https://", "1.", "1,a", "«", "a-", "::",
        ",./",
    ];
    for unit in units {
        let message = unit.repeat(300_000 / unit.len());
        let started = std::time::Instant::now();
        assert!(scan::tokens(&message).count() > 0);
        let elapsed = started.elapsed();
        assert!(elapsed.as_secs() < 5, "{unit}: {elapsed:?}");
        assert!(pattern(&message).chars().count() <= PATTERN_CHARS_MAX);
    }
}

/// Texts of pieces that matter to the rules, next to each other in any way.
fn message() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "'",
        "\"",
        "`",
        "“",
        "”",
        "<",
        ">",
        "<num>",
        "<id>",
        "<url>",
        "a",
        "b",
        "C",
        "é",
        "it's",
        "²",
        "1",
        "23",
        "0x",
        "aaaaaaaa",
        "ff",
        "deadbeef",
        "cafe12",
        "@",
        ".",
        "..",
        ",",
        ":",
        "::",
        "/",
        "//",
        "://",
        "\\",
        "-",
        "_",
        "+",
        "T",
        "Z",
        " ",
        "\n",
        "(",
        ")",
        "[",
        "=",
        "~",
        "…",
        "com",
        "http",
        "10.0.0.1",
        "10:11:12",
        "2026-11-22",
        "6f1a2b3c-0d4e-4f5a-8b6c-7d8e9f0a1b2c",
        "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa",
        "abcdefghijklmno",
    ]);
    prop_oneof![
        4 => prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat()),
        1 => "\\PC{0,400}",
        1 => "[ -~]{0,400}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_is_its_own_pattern(message in message()) {
        let once = pattern(&message);
        prop_assert!(once.chars().count() <= PATTERN_CHARS_MAX);
        prop_assert!(!once.contains(|char: char| char.is_numeric()));
        prop_assert_eq!(pattern(&once), once);
    }

    #[test]
    fn numbers_ids_and_texts_do_not_matter(parts in prop::collection::vec((0..9usize, "[a-z]{2,9}"), 1..12), seeds in [any::<u64>(), any::<u64>()]) {
        let [one, other] = seeds.map(|seed| {
            let written = parts.iter().enumerate().map(|(at, (what, word))| {
                let number = seed.rotate_left(at as u32 * 7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let value = match what {
                    0 => number.to_string(),
                    1 => format!("{}.{:02}", number % 1_000, number % 89),
                    // A digit in front, as all but a few have somewhere.
                    2 => format!("7{number:015x}"),
                    3 => format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", number as u32, number as u16, number % 4_000, number % 4_000, number >> 16),
                    4 => format!("https://{:x}.example/{number}?q={number:x}", number % 999),
                    5 => format!("\"{number:x} {}\"", number % 7),
                    6 => format!("{}.{}.{}.{}", number % 256, number % 251, number % 99, number % 7),
                    7 => format!("2026-{:02}-{:02}T{:02}:00:{:02}Z", 1 + number % 12, 1 + number % 28, number % 24, number % 60),
                    _ => format!("u{number:x}@host-{}.example.org", number % 50),
                };
                format!("{word} {value}")
            });
            written.collect::<Vec<_>>().join(", ")
        });
        prop_assert_eq!(pattern(&one), pattern(&other));
    }
}
