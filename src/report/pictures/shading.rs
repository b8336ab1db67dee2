//! When recipients are down, as pictures shade it and captions say it.

use super::super::figure::Window;
use super::super::manifest::{Manifest, RecipientEntry};
use super::super::stored::Stored;
use super::instant;

/// When all or part of the capacity of a recipient is missing in a variant; stretches that touch are one.
pub(super) fn of_recipient(manifest: &Manifest, variant: &str, recipient: &str) -> Vec<Window> {
    let own = manifest.recipients_of(variant).iter().filter(|entry| entry.name == recipient);
    merged(own.flat_map(stretches).collect())
}

/// When that is so for any of the recipients of a variant.
pub(super) fn of_variant(manifest: &Manifest, variant: &str) -> Vec<Window> {
    merged(manifest.recipients_of(variant).iter().flat_map(stretches).collect())
}

/// When that is so in every variant alike.
pub(super) fn of_all(stored: &Stored) -> Vec<Window> {
    let mut each = stored.variants.iter().map(|variant| of_variant(&stored.manifest, &variant.key.variant));
    let first = each.next().unwrap_or_default();
    each.fold(first, |common, windows| overlap(&common, &windows))
}

/// What shading means in a picture of all recipients: who is down; none where nothing is shaded.
pub(super) fn meaning(stored: &Stored) -> Option<String> {
    let who = down(stored)?;
    let up: Vec<&str> = up(stored);
    let others = match up[..] {
        [] => String::new(),
        [one] => format!("; {one} is up"),
        [one, other] => format!("; {one} and {other} are up"),
        _ => "; the others are up".to_owned(),
    };
    Some(format!("Shaded: {who} down or partly down{others}."))
}

/// Who is down at some time in some variant, with its verb; none where nobody is.
pub(super) fn down(stored: &Stored) -> Option<String> {
    let recipients = &stored.manifest.recipients;
    let named: Vec<&str> = names(stored, true);
    match named[..] {
        [] => None,
        [_] if recipients.len() == 1 => Some("the recipient is".to_owned()),
        [one] => Some(format!("{one} is")),
        [one, other] => Some(format!("{one} or {other} is")),
        _ => Some("at least one recipient is".to_owned()),
    }
}

fn up(stored: &Stored) -> Vec<&str> {
    names(stored, false)
}

/// The recipients that are down at some time in some variant, or those that never are.
fn names(stored: &Stored, wanted: bool) -> Vec<&str> {
    let manifest = &stored.manifest;
    let is_down = |recipient: &RecipientEntry| {
        let mut variants = stored.variants.iter().map(|variant| &variant.key.variant);
        variants.any(|variant| !of_recipient(manifest, variant, &recipient.name).is_empty())
    };
    let named = manifest.recipients.iter().filter(|recipient| is_down(recipient) == wanted);
    named.map(|recipient| recipient.name.as_str()).collect()
}

fn stretches(recipient: &RecipientEntry) -> impl Iterator<Item = Window> + '_ {
    let window = |[from, until]: &[f64; 2]| Window { start: instant(*from), end: instant(*until) };
    recipient.windows_s.iter().chain(&recipient.reopening_s).map(window)
}

/// The same stretches in order, those that touch or overlap made one.
fn merged(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| (window.start, window.end));
    windows.dedup_by(|later, earlier| {
        let touches = later.start <= earlier.end;
        if touches {
            earlier.end = earlier.end.max(later.end);
        }
        touches
    });
    windows
}

/// What belongs to both.
fn overlap(one: &[Window], other: &[Window]) -> Vec<Window> {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
    let common = pairs.map(|(a, b)| Window { start: a.start.max(b.start), end: a.end.min(b.end) });
    merged(common.filter(|window| window.start < window.end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn window(start: f64, end: f64) -> Window {
        Window { start: instant(start), end: instant(end) }
    }

    #[test]
    fn reopening_belongs_to_the_window_before() {
        let mut manifest = samples::manifest();
        manifest.recipients[0].reopening_s = vec![[60.0, 90.0]];
        assert_eq!(of_recipient(&manifest, "a", "mx"), [window(0.0, 90.0)]);
        assert!(of_recipient(&manifest, "a", "other").is_empty());
    }

    #[test]
    fn what_all_variants_share_is_shaded_for_all() {
        let mut stored = samples::stored();
        let mut own = stored.manifest.recipients.clone();
        own[0].windows_s = vec![[30.0, 45.0], [50.0, 100.0]];
        stored.manifest.variants[1].recipients = Some(own);
        assert_eq!(of_all(&stored), [window(30.0, 45.0), window(50.0, 60.0)]);
        assert_eq!(of_variant(&stored.manifest, "a"), [window(0.0, 60.0)]);
    }

    #[test]
    fn captions_say_who_is_down() {
        let mut stored = samples::stored();
        let text = |stored: &Stored| meaning(stored).unwrap();
        assert_eq!(text(&stored), "Shaded: the recipient is down or partly down.");
        let up = |name: &str| RecipientEntry {
            name: name.to_owned(),
            windows_s: Vec::new(),
            ..samples::manifest().recipients.remove(0)
        };
        stored.manifest.recipients.extend([up("a"), up("b")]);
        assert_eq!(text(&stored), "Shaded: mx is down or partly down; a and b are up.");
        stored.manifest.recipients.remove(0);
        assert_eq!(meaning(&stored), None);
    }
}
