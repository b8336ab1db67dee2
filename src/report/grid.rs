//! Small tables of text that are printed on a terminal or pasted into a document.

use comfy_table::CellAlignment;

use super::markdown;
use super::tables::{self, Style};

/// How a small table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// For a terminal.
    Terminal(Style),
    /// For a document.
    Markdown,
}

/// A table of texts: names to the left, numbers to the right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Grid {
    /// The names of the columns.
    pub(super) columns: Vec<String>,
    /// The rows, as many texts each as there are columns.
    pub(super) rows: Vec<Vec<String>>,
    /// How many columns at the left are names.
    pub(super) names: usize,
}

impl Grid {
    /// The table with a newline at its end.
    pub(super) fn text(&self, layout: Layout) -> String {
        match layout {
            Layout::Terminal(style) => self.on_terminal(style) + "\n",
            Layout::Markdown => markdown::grid(&self.columns, &self.rows, self.names),
        }
    }

    fn on_terminal(&self, style: Style) -> String {
        let mut table = tables::empty(style);
        table.set_header(&self.columns);
        for row in &self.rows {
            table.add_row(row);
        }
        for column in table.column_iter_mut().skip(self.names) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.trim_fmt()
    }
}

/// Notes below a table, a line or an item of a list each.
pub(super) fn notes(notes: &[String], layout: Layout) -> String {
    let line = |note: &String| match layout {
        Layout::Terminal(style) => tables::wrap(note, style) + "\n",
        Layout::Markdown => format!("- {}\n", markdown::escape(note)),
    };
    notes.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_say_the_same() {
        let grid = Grid {
            columns: vec!["policy".to_owned(), "1h".to_owned()],
            rows: vec![vec!["a|b".to_owned(), "5m".to_owned()]],
            names: 1,
        };
        let style = Style { colours: false, width: None };
        let printed = grid.text(Layout::Terminal(style));
        assert!(printed.contains("a|b") && printed.contains("5m") && printed.ends_with('\n'), "{printed}");
        let expected = "| policy | 1h |\n| --- | ---: |\n| a\\|b | 5m |\n";
        assert_eq!(grid.text(Layout::Markdown), expected);
        assert_eq!(notes(&["one".to_owned()], Layout::Markdown), "- one\n");
    }
}
