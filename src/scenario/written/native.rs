//! Configuration in a program's own syntax, as a policy names it.

use serde::Deserialize;

use crate::mta::native::Dialect;
use crate::quantity::Duration;
use crate::scenario::Spanned;

/// Where the configuration of a program is; the tag says which.
///
/// It is read when policies are resolved, and is no part of a [`Policy`](super::Policy) any more.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Native {
    /// `main.cf` or `postconf -n`.
    Postfix(NativeText),
    /// Exim's configuration file or its retry section.
    Exim(NativeText),
    /// `sendmail.cf` or its `.mc`.
    Sendmail(NativeText),
    /// `outbound.ini`.
    Haraka(NativeText),
    /// `init.lua` or TOML.
    KumoMta(NativeText),
    /// TOML or JSON.
    Stalwart(NativeText),
    /// TOML, JavaScript or JSON.
    ZoneMta(NativeText),
    /// The mailet's XML.
    James(NativeText),
    /// `config`.
    PowerMta(NativeText),
    /// `smtpd.conf`.
    OpenSmtpd(NativeText),
}

/// A file or a text, and what it does not say.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NativeText {
    /// The file, relative to the scenario.
    pub file: Option<Spanned<String>>,
    /// The text itself, in place of a file.
    pub text: Option<Spanned<String>>,
    /// Whose limits count (Postfix, Exim).
    pub transport: Option<Spanned<String>>,
    /// For whose mail rules are chosen (Exim, PowerMTA).
    pub domain: Option<Spanned<String>>,
    /// How often queue runs start (Exim, sendmail): the `30m` of `-q30m`.
    pub queue_interval: Option<Spanned<Duration>>,
}

impl Native {
    /// The program, and its text.
    pub fn parts(&self) -> (Dialect, &NativeText) {
        match self {
            Self::Postfix(text) => (Dialect::Postfix, text),
            Self::Exim(text) => (Dialect::Exim, text),
            Self::Sendmail(text) => (Dialect::Sendmail, text),
            Self::Haraka(text) => (Dialect::Haraka, text),
            Self::KumoMta(text) => (Dialect::KumoMta, text),
            Self::Stalwart(text) => (Dialect::Stalwart, text),
            Self::ZoneMta(text) => (Dialect::ZoneMta, text),
            Self::James(text) => (Dialect::James, text),
            Self::PowerMta(text) => (Dialect::PowerMta, text),
            Self::OpenSmtpd(text) => (Dialect::OpenSmtpd, text),
        }
    }
}
