//! Standard output and standard error: what goes where, and in which colours.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::args::Colour;
use super::failure::Failure;
use crate::scenario::Paint;

/// Where output goes and how it may look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    colour: Colour,
    quiet: bool,
}

impl Terminal {
    pub(super) fn new(colour: Colour, quiet: bool) -> Self {
        Self { colour, quiet }
    }

    /// Prints a result on standard output.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        self.with_stdout(|out| out.write_all(text.as_bytes()))
    }

    /// Writes results to standard output, all of them or an error.
    pub(super) fn with_stdout(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        write(&mut out).and_then(|()| out.flush()).map_err(Failure::Output)
    }

    /// Says something on standard error, unless told to be quiet.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Says on standard error what must be said.
    pub(super) fn complain(&self, text: &str) {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Whether progress may be drawn on standard error.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether results on standard output may have colours.
    pub(super) fn colours_on_stdout(&self) -> bool {
        self.colours(io::stdout().is_terminal())
    }

    /// How findings are rendered on standard error.
    pub(super) fn paint(&self) -> Paint {
        if self.colours(io::stderr().is_terminal()) { Paint::Coloured } else { Paint::Plain }
    }

    /// A word in red on standard error.
    pub(super) fn red(&self, word: impl fmt::Display) -> String {
        match self.paint() {
            Paint::Plain => word.to_string(),
            Paint::Coloured => {
                let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
                format!("{style}{word}{style:#}")
            }
        }
    }

    /// Columns of the terminal that shows standard output; none when it goes elsewhere.
    pub(super) fn width(&self) -> Option<u16> {
        if !io::stdout().is_terminal() {
            return None;
        }
        terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns.max(60))
    }

    fn colours(&self, is_terminal: bool) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                // https://no-color.org: any value but the empty one counts.
                let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
                is_terminal && !is_refused && !is_dumb
            }
        }
    }
}
