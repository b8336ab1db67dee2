//! Recordings of real MTAs against scenario files with the recorded configuration, injection times and
//! recipient: through the reader, the senders, the recipient and the scheduler, as a user's scenario.
//!
//! `docs/recordings.md` tells how and shows the outcome. After a change that moves the numbers, write its
//! tables anew with `TEMPFAIL_BLESS=1 cargo test --test it recordings`, and read what became of them.

mod history;
mod quantity;
mod recorded;
mod simulated;
mod table;

use std::env;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use table::{Compared, RECORDINGS};

/// Where the tables stand in the document.
const BEGIN: &str = "<!-- begin: written by the tests -->\n";
const END: &str = "<!-- end -->\n";

static COMPARED: LazyLock<Vec<Compared>> = LazyLock::new(|| RECORDINGS.iter().map(Compared::new).collect());

#[test]
fn attempts_are_made_when_they_were_made() {
    for one in COMPARED.iter() {
        let Some(tolerance) = one.recording.tolerance else { continue };
        let (name, alone) = (one.recording.name, one.alone());
        assert!(alone.share >= one.recording.share, "{name}: as many attempts in {:.2}", alone.share);
        assert!(alone.deviation <= tolerance, "{name}: an attempt is off by {:.3} s", alone.deviation);
        let Some(bounce) = alone.bounce_deviation else { continue };
        assert!(bounce <= tolerance, "{name}: the bounce is off by {bounce:.3} s");
    }
}

#[test]
fn recorded_totals_are_in_the_simulated_range() {
    for one in COMPARED.iter() {
        for total in one.totals() {
            let (name, what) = (one.recording.name, total.quantity.name);
            let (recorded, least, greatest) = (total.recorded, total.least, total.greatest);
            assert!(total.agrees(), "{name}, {what}: {recorded} is not in {least}..={greatest}");
        }
    }
}

#[test]
fn the_document_shows_what_comes_out() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recordings.md");
    let text = fs::read_to_string(&path).expect("the document can be read");
    let (head, rest) = text.split_once(BEGIN).expect("the tables begin");
    let (shown, tail) = rest.split_once(END).expect("the tables end");
    let tables = table::tables(&COMPARED);
    if env::var_os("TEMPFAIL_BLESS").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{tables}{END}{tail}")).expect("the document can be written");
    } else {
        assert_eq!(shown, tables, "docs/recordings.md is out of date");
    }
}
