//! The tables for people, on a terminal.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, LineStyle, Table, presets};

use super::manifest::Manifest;
use super::notes::notes;
use super::section::{self, Section, Tone};
use crate::experiment::expectation::Outcome;
use crate::experiment::summary::VariantSummary;

/// How a terminal wants its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colours; the text says the same without.
    pub colours: bool,
    /// Columns of the terminal; none where lines may be as long as they are.
    pub width: Option<u16>,
}

/// All tables and the notes below them.
pub fn summary(
    manifest: &Manifest,
    summaries: &[VariantSummary],
    outcomes: &[Outcome],
    style: Style,
) -> String {
    let mut parts = vec![heading(&manifest.scenario.title, style)];
    for section in section::sections(manifest, summaries, outcomes) {
        parts.push(format!("{}\n{}", heading(section.title, style), table(&section, style)));
    }
    let notes = notes(manifest, summaries, outcomes);
    parts.push(notes.iter().map(|note| wrap(note, style)).collect::<Vec<_>>().join("\n"));
    parts.join("\n\n") + "\n"
}

/// A table without contents that looks as all tables do.
pub(super) fn empty(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    // The table must not look at the terminal itself: what it prints is decided by the caller.
    table.force_no_tty();
    if style.colours {
        table.enforce_styling();
    }
    if let Some(width) = style.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// A line above a table.
pub(super) fn heading(text: &str, style: Style) -> String {
    if !style.colours {
        return text.to_owned();
    }
    let bold = anstyle::Style::new().bold();
    format!("{bold}{text}{bold:#}")
}

fn table(section: &Section, style: Style) -> String {
    let mut table = empty(style);
    table.set_header(&section.columns);
    for row in &section.rows {
        table.add_row(row.iter().map(|cell| coloured(&cell.text, cell.tone)));
    }
    for column in table.column_iter_mut().skip(section.names) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn coloured(text: &str, tone: Tone) -> comfy_table::Cell {
    let cell = comfy_table::Cell::new(text);
    match tone {
        Tone::Plain => cell,
        Tone::Better => cell.fg(Color::Green),
        Tone::Worse => cell.fg(Color::Red),
        Tone::Faint => cell.add_attribute(Attribute::Dim),
    }
}

/// Breaks a note at spaces and indents what follows.
pub(super) fn wrap(note: &str, style: Style) -> String {
    let most = style.width.map_or(usize::MAX, usize::from).max(20);
    let mut text = String::new();
    let mut length = 0;
    for word in note.split(' ') {
        let width = word.chars().count();
        if length > 0 && length + 1 + width > most {
            text.push_str("\n  ");
            length = 2;
        } else if length > 0 {
            text.push(' ');
            length += 1;
        }
        text.push_str(word);
        length += width;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn shown(style: Style) -> String {
        let stored = samples::stored();
        summary(&stored.manifest, &stored.summary(), &stored.outcomes(), style)
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let plain = shown(Style { colours: false, width: None });
        assert!(!plain.contains('\u{1b}'), "{plain}");
        assert!(plain.contains("different"));
        assert!(shown(Style { colours: true, width: None }).contains("\u{1b}["));
    }

    #[test]
    fn tables_fit_the_terminal() {
        for line in shown(Style { colours: false, width: Some(100) }).lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
