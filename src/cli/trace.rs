//! `trace`: one run told as a story.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};
use std::num::NonZeroUsize;

use super::amount::Amount;
use super::args::Trace;
use super::compare::{choose, plans};
use super::failure::Failure;
use super::load::load;
use super::memory;
use super::terminal::Terminal;
use super::worlds::world;
use crate::report::story::Story;
use crate::system::{self, Happening, Observer};
use crate::time::Instant;

/// Events between two looks at whether the story is over.
const STEPS: u64 = 256;

pub(super) fn run(arguments: &Trace, terminal: &Terminal) -> Result<(), Failure> {
    let more: Vec<String> = arguments.seed.iter().map(|seed| format!("seed={seed}")).collect();
    let loaded = load(&arguments.scenario, &more, terminal)?;
    let scenario = world(&loaded, arguments.replication, terminal)?;
    let variants = choose(&scenario, arguments.policy.as_slice(), arguments.variant.as_slice())?;
    let Some(variant) = variants.first() else {
        return Err(Failure::Usage("the scenario compares nothing".to_owned()));
    };
    let plans = plans(&scenario, std::slice::from_ref(variant))?;
    memory::enough(&loaded, &plans, &Amount::Fixed(1), NonZeroUsize::MIN, terminal)?;
    let plan = &plans[0];
    let recipients = plan.recipients.iter().map(|named| named.name.clone()).collect();
    let out = Printer { out: io::BufWriter::new(io::stdout().lock()), failed: None };
    let mut story = Story::new(out, recipients, arguments.lines);
    terminal.say(&format!("{}, replication {}", variant.name, arguments.replication));
    let over = Cell::new(false);
    let teller = Teller { story: &mut story, over: &over };
    // Nobody hears what comes after the end of the story.
    let finished = system::run(plan, arguments.replication, teller, STEPS, |_, _| !over.get());
    if let Some(tally) = finished.map(|finished| finished.tally) {
        story.end(plan.horizon, &tally);
    }
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

/// Tells the story, and the one who drives the run when it is over.
struct Teller<'a, W> {
    story: &'a mut Story<W>,
    over: &'a Cell<bool>,
}

impl<W: fmt::Write> Observer for Teller<'_, W> {
    fn observe(&mut self, now: Instant, happening: Happening) {
        self.story.observe(now, happening);
        self.over.set(self.story.is_over());
    }
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
