//! `trace`: one run told as a story.

use std::fmt;
use std::io::{self, Write};

use super::args::Trace;
use super::compare::choose;
use super::failure::Failure;
use super::load::load;
use super::terminal::Terminal;
use crate::report::story::Story;
use crate::scenario::lower;
use crate::system;

/// Events between two looks at whether the story is over.
const STEPS: u64 = 256;

pub(super) fn run(arguments: &Trace, terminal: &Terminal) -> Result<(), Failure> {
    let more: Vec<String> = arguments.seed.iter().map(|seed| format!("seed={seed}")).collect();
    let loaded = load(&arguments.scenario, &more, terminal)?;
    let variants = choose(&loaded.scenario, arguments.policy.as_slice(), arguments.variant.as_slice())?;
    let Some(variant) = variants.first() else {
        return Err(Failure::Usage("the scenario compares nothing".to_owned()));
    };
    let plan =
        lower::plan(&loaded.scenario, variant).map_err(|error| Failure::Scenario(error.to_string()))?;
    let recipients = plan.recipients.iter().map(|named| named.name.clone()).collect();
    let out = Printer { out: io::BufWriter::new(io::stdout().lock()), failed: None };
    let mut story = Story::new(out, recipients, arguments.lines);
    terminal.say(&format!("{}, replication {}", variant.name, arguments.replication));
    // The run goes on to its end unobserved when the story is over; told is what was wanted.
    system::run(&plan, arguments.replication, &mut story, STEPS, |_| true);
    let is_over = story.is_over();
    let (mut printer, lines) = story.into_inner();
    if let Some(error) = printer.failed.take().or_else(|| printer.out.flush().err()) {
        return Err(Failure::Output(error));
    }
    if is_over {
        terminal.say(&format!("... cut after {lines} lines; ask for more with --lines"));
    }
    Ok(())
}

/// Standard output for text, which remembers why it failed.
struct Printer<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> fmt::Write for Printer<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.write_all(text.as_bytes()).map_err(|error| {
            self.failed = Some(error);
            fmt::Error
        })
    }
}
