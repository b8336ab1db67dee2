//! Real mail senders and textbook policies: their numbers, as texts in the format of a policy table.
//!
//! Every preset is a file under `presets/` that could stand in a scenario as it is, and can be
//! patched there with `like`. Configuration in a program's own syntax is read by [`native`] into the
//! words of such a table. [`scenario`](crate::scenario) makes policies of both.

pub mod native;

/// A policy that has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name in scenario files.
    pub name: &'static str,
    /// What it is; a policy table, except for the clairvoyant.
    pub kind: PresetKind,
}

/// What a preset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetKind {
    /// A policy table as a TOML text.
    Table(&'static str),
    /// The reference that no real policy can be; the line says what it is.
    Clairvoyant(&'static str),
}

/// All presets: programs first, then textbook policies from the most to the least eager, then the
/// reference.
pub const fn presets() -> &'static [Preset] {
    &PRESETS
}

/// The preset of this name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

const fn table(name: &'static str, text: &'static str) -> Preset {
    Preset { name, kind: PresetKind::Table(text) }
}

const PRESETS: [Preset; 13] = [
    table("postfix", include_str!("presets/postfix.toml")),
    table("exim", include_str!("presets/exim.toml")),
    table("qmail", include_str!("presets/qmail.toml")),
    table("rfc5321", include_str!("presets/rfc5321.toml")),
    table("immediate", include_str!("presets/immediate.toml")),
    table("fixed", include_str!("presets/fixed.toml")),
    table("linear", include_str!("presets/linear.toml")),
    table("exponential", include_str!("presets/exponential.toml")),
    table("full-jitter", include_str!("presets/full-jitter.toml")),
    table("equal-jitter", include_str!("presets/equal-jitter.toml")),
    table("decorrelated-jitter", include_str!("presets/decorrelated-jitter.toml")),
    table("exponential-jitter", include_str!("presets/exponential-jitter.toml")),
    Preset {
        name: "clairvoyant",
        kind: PresetKind::Clairvoyant("knows when there is room: a free queue in front of the recipient"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_different() {
        for (index, one) in presets().iter().enumerate() {
            assert_eq!(preset(one.name), Some(&presets()[index]), "{}", one.name);
        }
        assert_eq!(preset("sendfix"), None);
    }
}
