//! Puts the DuckDB library beside the executables, where their rpath (see .cargo/config.toml) looks for it.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }
    let (Some(library_dir), Some(out_dir)) = (env::var_os("DUCKDB_LIB_DIR"), env::var_os("OUT_DIR")) else {
        return;
    };
    // OUT_DIR is target/<profile>/build/<crate>/out.
    let Some(profile_dir) = Path::new(&out_dir).ancestors().nth(3) else {
        return;
    };
    for name in ["libduckdb.so", "libduckdb.dylib"] {
        let library = PathBuf::from(&library_dir).join(name);
        println!("cargo::rerun-if-changed={}", library.display());
        if !library.exists() {
            continue;
        }
        let beside = profile_dir.join(name);
        // Written under another name first: executables of another build may have the old one open.
        let fresh = profile_dir.join(format!("{name}.{}", std::process::id()));
        let copied = fs::copy(&library, &fresh).and_then(|_| fs::rename(&fresh, &beside));
        if let Err(error) = copied {
            println!(
                "cargo::warning=could not copy {} to {}: {error}",
                library.display(),
                beside.display()
            );
        }
    }
}
