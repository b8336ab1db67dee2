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
    /// Whose policy it is.
    pub group: Group,
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

/// Whose policy a preset is. The order is that of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A program that anyone can run.
    Program,
    /// A service that sends mail for others, as it says itself or was measured.
    Service,
    /// A library or service that has nothing to do with mail.
    Library,
    /// A backoff as textbooks have it.
    Textbook,
    /// What others are measured against.
    Reference,
}

impl Group {
    /// The heading of such presets in a list.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Program => "Programs",
            Self::Service => "Mail services",
            Self::Library => "Libraries and other services",
            Self::Textbook => "Textbook",
            Self::Reference => "References",
        }
    }
}

/// All presets by group, in each group the best known first.
pub const fn presets() -> &'static [Preset] {
    &PRESETS
}

/// The preset of this name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

const fn program(name: &'static str, text: &'static str) -> Preset {
    Preset { name, group: Group::Program, kind: PresetKind::Table(text) }
}

const fn service(name: &'static str, text: &'static str) -> Preset {
    Preset { name, group: Group::Service, kind: PresetKind::Table(text) }
}

const fn library(name: &'static str, text: &'static str) -> Preset {
    Preset { name, group: Group::Library, kind: PresetKind::Table(text) }
}

const fn textbook(name: &'static str, text: &'static str) -> Preset {
    Preset { name, group: Group::Textbook, kind: PresetKind::Table(text) }
}

const fn reference(name: &'static str, kind: PresetKind) -> Preset {
    Preset { name, group: Group::Reference, kind }
}

const PRESETS: [Preset; 68] = [
    program("postfix", include_str!("presets/postfix.toml")),
    program("exim", include_str!("presets/exim.toml")),
    program("qmail", include_str!("presets/qmail.toml")),
    program("sendmail", include_str!("presets/sendmail.toml")),
    program("sendmail-by-age", include_str!("presets/sendmail-by-age.toml")),
    program("opensmtpd", include_str!("presets/opensmtpd.toml")),
    program("nullmailer", include_str!("presets/nullmailer.toml")),
    program("chasquid", include_str!("presets/chasquid.toml")),
    program("courier", include_str!("presets/courier.toml")),
    program("dma", include_str!("presets/dma.toml")),
    program("exchange", include_str!("presets/exchange.toml")),
    program("exchange-edge", include_str!("presets/exchange-edge.toml")),
    program("greenarrow", include_str!("presets/greenarrow.toml")),
    program("haraka", include_str!("presets/haraka.toml")),
    program("hmailserver", include_str!("presets/hmailserver.toml")),
    program("icewarp", include_str!("presets/icewarp.toml")),
    program("james", include_str!("presets/james.toml")),
    program("james-sample", include_str!("presets/james-sample.toml")),
    program("kumomta", include_str!("presets/kumomta.toml")),
    program("maddy", include_str!("presets/maddy.toml")),
    program("maddy-documented", include_str!("presets/maddy-documented.toml")),
    program("madmail", include_str!("presets/madmail.toml")),
    program("mailenable", include_str!("presets/mailenable.toml")),
    program("momentum", include_str!("presets/momentum.toml")),
    program("mox", include_str!("presets/mox.toml")),
    program("oracle-mms", include_str!("presets/oracle-mms.toml")),
    program("postal", include_str!("presets/postal.toml")),
    program("powermta", include_str!("presets/powermta.toml")),
    program("stalwart", include_str!("presets/stalwart.toml")),
    program("zonemta", include_str!("presets/zonemta.toml")),
    program("mailman3", include_str!("presets/mailman3.toml")),
    program("django-mailer", include_str!("presets/django-mailer.toml")),
    program("celery", include_str!("presets/celery.toml")),
    service("gmail", include_str!("presets/gmail.toml")),
    service("hotmail", include_str!("presets/hotmail.toml")),
    service("yahoo", include_str!("presets/yahoo.toml")),
    service("aol", include_str!("presets/aol.toml")),
    service("gmx", include_str!("presets/gmx.toml")),
    service("mail-com", include_str!("presets/mail-com.toml")),
    service("mail-ru", include_str!("presets/mail-ru.toml")),
    service("qq", include_str!("presets/qq.toml")),
    service("yandex", include_str!("presets/yandex.toml")),
    service("india-com", include_str!("presets/india-com.toml")),
    service("bento", include_str!("presets/bento.toml")),
    service("exchange-online", include_str!("presets/exchange-online.toml")),
    service("gatormail", include_str!("presets/gatormail.toml")),
    service("mailgun", include_str!("presets/mailgun.toml")),
    service("spamexperts", include_str!("presets/spamexperts.toml")),
    service("sparkpost", include_str!("presets/sparkpost.toml")),
    library("grpc", include_str!("presets/grpc.toml")),
    library("polly", include_str!("presets/polly.toml")),
    library("finagle", include_str!("presets/finagle.toml")),
    library("rust-backoff", include_str!("presets/rust-backoff.toml")),
    library("backon", include_str!("presets/backon.toml")),
    library("botocore", include_str!("presets/botocore.toml")),
    library("temporal", include_str!("presets/temporal.toml")),
    library("sidekiq", include_str!("presets/sidekiq.toml")),
    textbook("immediate", include_str!("presets/immediate.toml")),
    textbook("fixed", include_str!("presets/fixed.toml")),
    textbook("linear", include_str!("presets/linear.toml")),
    textbook("exponential", include_str!("presets/exponential.toml")),
    textbook("full-jitter", include_str!("presets/full-jitter.toml")),
    textbook("equal-jitter", include_str!("presets/equal-jitter.toml")),
    textbook("decorrelated-jitter", include_str!("presets/decorrelated-jitter.toml")),
    textbook("exponential-jitter", include_str!("presets/exponential-jitter.toml")),
    reference("rfc5321", PresetKind::Table(include_str!("presets/rfc5321.toml"))),
    reference("rfc1123", PresetKind::Table(include_str!("presets/rfc1123.toml"))),
    reference(
        "clairvoyant",
        PresetKind::Clairvoyant("knows when there is room: a free queue in front of the recipient"),
    ),
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

    #[test]
    fn groups_stay_together() {
        assert!(presets().is_sorted_by_key(|preset| preset.group));
    }
}
