//! What is wrong with a scenario, where, and how to mend it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Sources;

/// One thing that is wrong with a scenario, or looks wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether it stops the run.
    pub severity: Severity,
    /// What kind of mistake it is.
    pub kind: Kind,
    /// Where, in the [`Sources`]; `None` if it is nowhere in particular.
    pub span: Option<Range<usize>>,
    /// One line that says what is wrong.
    pub message: String,
    /// What to say at the place itself.
    pub label: Option<String>,
    /// Another place that has to do with it, and what to say there.
    pub related: Option<Box<Related>>,
    /// How to mend it.
    pub help: Option<String>,
}

/// A second place of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The place.
    pub span: Range<usize>,
    /// What to say there.
    pub label: String,
}

/// Whether a finding stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can be run, but something in it has no effect or is easily misread.
    Warning,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not TOML.
    Syntax,
    /// A value of the wrong type.
    Type,
    /// A key that does not exist.
    UnknownKey,
    /// A key that must be there.
    MissingKey,
    /// A name of a policy, recipient, variant or baseline that does not exist.
    UnknownName,
    /// A value that cannot be meant.
    Value,
    /// Two things that contradict each other or mean nothing together.
    Contradiction,
    /// Nothing to simulate, or too much of it.
    Size,
    /// A file that the scenario names.
    File,
    /// A key that has no effect.
    Unused,
}

/// How findings are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Letters only.
    #[default]
    Plain,
    /// With terminal colours.
    Coloured,
}

/// Findings in the order in which they were made; as an error there is at least one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings(Vec<Finding>);

impl Finding {
    /// An error at a place; the empty place `0..0` of an unwritten value is no place.
    pub fn error(kind: Kind, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            kind,
            span: (span != (0..0)).then_some(span),
            message: message.into(),
            label: None,
            related: None,
            help: None,
        }
    }

    /// The finding as a warning.
    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// With words at its place.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// With a second place, unless that was never written.
    pub fn related(self, span: Range<usize>, label: impl Into<String>) -> Self {
        let related = Related { span, label: label.into() };
        Self { related: (related.span != (0..0)).then(|| Box::new(related)), ..self }
    }

    /// With a way to mend it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Draws the finding with its line of the text and a caret under the place.
    pub fn render(&self, sources: &Sources, paint: Paint) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(self.message.as_str()));
        let place = self.span.as_ref().and_then(|span| sources.locate(span));
        let related = self.related.as_deref();
        let related = related.and_then(|other| sources.locate(&other.span).zip(Some(&other.label)));
        if let Some((text, inside)) = place {
            let primary = AnnotationKind::Primary.span(inside).label(self.label.as_deref());
            let mut snippet = Snippet::source(text.as_str()).path(text.name()).annotation(primary);
            let mut elsewhere = None;
            if let Some(((other, inside), label)) = related {
                let context = AnnotationKind::Context.span(inside).label(label.as_str());
                if std::ptr::eq(other, text) {
                    snippet = snippet.annotation(context);
                } else {
                    elsewhere = Some(Snippet::source(other.as_str()).path(other.name()).annotation(context));
                }
            }
            group = group.element(snippet).elements(elsewhere);
        } else if let Some(main) = sources.first() {
            // What is missing altogether has no line.
            group = group.element(Origin::path(main.name()));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Coloured => Renderer::styled(),
        };
        renderer.render(&[group])
    }
}

impl Findings {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something stops the run.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Draws all of them, errors and warnings in order, with an empty line between.
    pub fn render(&self, sources: &Sources, paint: Paint) -> String {
        let drawn: Vec<String> = self.0.iter().map(|finding| finding.render(sources, paint)).collect();
        drawn.join("\n\n")
    }

    /// The same findings, each with this second place if it has none.
    pub(super) fn also_at(self, span: Range<usize>, label: &str) -> Self {
        let with_place = |finding: Finding| match finding.related {
            Some(_) => finding,
            None => finding.related(span.clone(), label),
        };
        Self(self.0.into_iter().map(with_place).collect())
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// Adds a finding unless the same was said about the same place already, as happens when
    /// variants share a mistake.
    pub fn push(&mut self, finding: Finding) {
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The messages alone; [`Findings::render`] shows the places.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{}", finding.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_of_a_contradiction_are_shown() {
        let mut sources = Sources::new();
        let a = sources.add("a.toml", "min = \"2h\"\nmax = \"1h\"\n").start();
        let b = sources.add("--set", "x=1").start();
        let finding = Finding::error(Kind::Contradiction, a + 6..a + 10, "the least is above the greatest")
            .label("least")
            .help("exchange them");
        let same = finding.clone().related(a + 17..a + 21, "greatest").render(&sources, Paint::Plain);
        assert_eq!(
            same,
            "\
error: the least is above the greatest
 --> a.toml:1:7
  |
1 | min = \"2h\"
  |       ^^^^ least
2 | max = \"1h\"
  |       ---- greatest
  |
  = help: exchange them"
        );
        let other = finding.related(b..b + 3, "set here").render(&sources, Paint::Plain);
        assert!(other.contains("--> --set:1:1") || other.contains("::: --set:1:1"), "{other}");
    }

    #[test]
    fn the_same_finding_is_kept_once() {
        let finding = Finding::error(Kind::Value, 3..4, "no");
        let mut findings = Findings::from(finding.clone());
        findings.push(finding.clone());
        findings.push(finding.as_warning());
        assert_eq!(findings.iter().count(), 2);
        assert!(findings.has_errors());
    }
}
