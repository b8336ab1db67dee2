//! Tells the program what it was built from and for, so that results can say so.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=TEMPFAIL_REVISION");
    let revision = env::var("TEMPFAIL_REVISION").ok().or_else(revision);
    println!("cargo:rustc-env=TEMPFAIL_REVISION={}", revision.as_deref().unwrap_or("unknown"));
    println!("cargo:rustc-env=TEMPFAIL_RUSTC={}", compiler().as_deref().unwrap_or("unknown"));
    println!("cargo:rustc-env=TEMPFAIL_TARGET={}", env::var("TARGET").as_deref().unwrap_or("unknown"));
}

/// The commit that is checked out, with a mark if files differ from it; none outside of a
/// repository of this program, such as in an unpacked archive inside of somebody else's.
fn revision() -> Option<String> {
    let home = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).canonicalize().ok()?;
    if Path::new(&git(&["rev-parse", "--show-toplevel"])?).canonicalize().ok()? != home {
        return None;
    }
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        if Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    for source in ["src", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={source}");
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes =
        git(&["status", "--porcelain", "--untracked-files=no", "--", "src", "Cargo.toml", "Cargo.lock"])?;
    Some(if changes.is_empty() { commit } else { format!("{commit}-modified") })
}

/// The version of the compiler: another one may round mathematical functions differently.
fn compiler() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    let text = output.status.success().then(|| String::from_utf8(output.stdout).ok())??;
    Some(text.trim().trim_start_matches("rustc ").to_owned())
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("--no-optional-locks").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?.map(|text| text.trim().to_owned())
}
