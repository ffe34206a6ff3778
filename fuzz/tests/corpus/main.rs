//! Every target on its corpus, and for a moment on changed inputs of it. The long run is `prove/fuzz`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod mutation;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tacho_fuzz::timed;

use self::mutation::changed;

/// How long changed inputs are tried.
const CHANGED_FOR: Duration = Duration::from_millis(700);

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs of a target's corpus, in the order of their names.
fn inputs(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(corpus().join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Keeps the input that breaks a law.
struct Kept<'a> {
    target: &'a str,
    input: &'a [u8],
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("found-{}", self.target));
            fs::write(&path, self.input).unwrap();
            eprintln!(
                "the input is {}; mended, it belongs into the corpus",
                path.display()
            );
        }
    }
}

fn exercise(target: &str, body: fn(&[u8])) {
    let inputs = inputs(target);
    assert!(!inputs.is_empty(), "{target} has no corpus");
    for (path, input) in &inputs {
        eprintln!("{}", path.display());
        timed(body, input);
    }
    let inputs: Vec<Vec<u8>> = inputs.into_iter().map(|(_, input)| input).collect();
    let mut dice = StdRng::seed_from_u64(7);
    let start = Instant::now();
    while start.elapsed() < CHANGED_FOR {
        let input = changed(&inputs, &mut dice);
        let kept = Kept {
            target,
            input: &input,
        };
        timed(body, kept.input);
    }
}

macro_rules! targets {
    ($($target:ident),*) => {
        $(
            #[test]
            fn $target() {
                exercise(stringify!($target), tacho_fuzz::$target);
            }
        )*

        #[test]
        fn every_folder_of_the_corpus_is_a_targets() {
            let entries = fs::read_dir(corpus()).unwrap();
            let mut names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($target)),*]);
        }
    };
}

targets!(
    compressed_body,
    cron,
    decode_records,
    filters,
    import_file,
    journal_directory,
    journal_segment,
    query,
    url_params,
    web_socket
);
