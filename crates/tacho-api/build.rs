//! The web application is embedded from `ui/dist`, which is built apart and not in git. Where it was not built, a page
//! that says so takes its place, so that the crate builds in a fresh clone.

use std::path::Path;
use std::{fs, io};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
  <head><meta charset=\"utf-8\"><title>Tacho</title></head>
  <body><p>The web application is not part of this build. Run <code>make build</code>. The API is described at <a href=\"/docs\">/docs</a>.</p></body>
</html>
";

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    let page = folder.join("index.html");
    if !page.exists() {
        fs::create_dir_all(&folder)?;
        fs::write(&page, PLACEHOLDER)?;
    }
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed={}", page.display());
    Ok(())
}
