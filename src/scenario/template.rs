//! A scenario to begin with.

/// The text of a small scenario with comments that explain it.
///
/// ```
/// use tempfail::scenario::{Sources, TEMPLATE, load};
///
/// let mut sources = Sources::new();
/// sources.add("my.toml", TEMPLATE);
/// let checked = load(&mut sources, "my.toml", &[])?;
/// assert_eq!(checked.scenario.variants().len(), 5);
/// # Ok::<(), tempfail::scenario::Findings>(())
/// ```
pub const TEMPLATE: &str = include_str!("template.toml");

#[cfg(test)]
mod tests {
    use super::super::{Paint, Sources, load};
    use super::*;

    fn findings(text: &str) -> String {
        let mut sources = Sources::new();
        sources.add("my.toml", text);
        match load(&mut sources, "my.toml", &[]) {
            Ok(checked) => checked.warnings.render(&sources, Paint::Plain),
            Err(findings) => findings.render(&sources, Paint::Plain),
        }
    }

    #[test]
    fn it_is_without_fault() {
        assert_eq!(findings(TEMPLATE), "");
    }

    #[test]
    fn so_is_the_part_in_its_comments() {
        let (start, variants) = TEMPLATE.split_once("are written like this:\n#\n").expect("it is there");
        let uncommented = variants.replace("#     ", "");
        assert_eq!(findings(&format!("{start}\n{uncommented}")), "");
    }
}
