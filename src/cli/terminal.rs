//! Standard output and standard error: what goes where, and in which colours.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::failure::Failure;
use super::values::Colour;
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
        let told = terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns);
        Some(columns(told, std::env::var("COLUMNS").ok().as_deref()))
    }

    fn colours(&self, is_terminal: bool) -> bool {
        let [no_color, term] = ["NO_COLOR", "TERM"].map(std::env::var_os);
        self.colour.is_wanted(is_terminal, no_color.as_deref(), term.as_deref())
    }
}

/// How wide tables may be on a terminal that tells its columns or leaves that to the variable
/// `COLUMNS`; some do neither.
fn columns(told: Option<u16>, variable: Option<&str>) -> u16 {
    const USUAL: u16 = 80;
    const LEAST: u16 = 60;
    let variable = variable.and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    told.or(variable).unwrap_or(USUAL).max(LEAST)
}

impl Colour {
    /// Whether there are colours, with the variables `NO_COLOR` and `TERM` as they are set.
    fn is_wanted(self, is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                // https://no-color.org: any value but the empty one counts.
                let is_refused = no_color.is_some_and(|value| !value.is_empty());
                let is_dumb = term.is_some_and(|name| name == "dumb");
                is_terminal && !is_refused && !is_dumb
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_have_some() {
        let wanted = |colour: Colour, no_color: Option<&str>, term: &str| {
            colour.is_wanted(true, no_color.map(OsStr::new), Some(OsStr::new(term)))
        };
        assert!(wanted(Colour::Auto, None, "xterm") && wanted(Colour::Auto, Some(""), "xterm"));
        assert!(!wanted(Colour::Auto, Some("1"), "xterm") && !wanted(Colour::Auto, None, "dumb"));
        assert!(wanted(Colour::Always, Some("1"), "dumb") && !wanted(Colour::Never, None, "xterm"));
        assert!(!Colour::Auto.is_wanted(false, None, None) && Colour::Auto.is_wanted(true, None, None));
    }

    #[test]
    fn every_terminal_has_a_width() {
        assert_eq!(columns(Some(132), Some("100")), 132);
        assert_eq!(columns(None, Some("100")), 100);
        for nonsense in [None, Some("0"), Some("wide")] {
            assert_eq!(columns(None, nonsense), 80);
        }
        assert_eq!(columns(Some(20), None), 60);
    }
}
