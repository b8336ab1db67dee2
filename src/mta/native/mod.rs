//! Configuration in the programs' own syntax: read into the words of a policy table.
//!
//! Each program has a file with a pure function from a text to a [`Reading`]: the keys of a policy table
//! that the text states, on top of the program's preset, each with its place, and [remarks](Remark). Settings
//! that cannot matter to retrying are passed over; what would matter and is not modelled is a warning.
//! What a text leaves out stays as the preset has it.

mod assignments;
mod delays;
mod exim;
mod haraka;
mod james;
mod kumomta;
mod opensmtpd;
mod postfix;
mod powermta;
mod reading;
mod sendmail;
mod stalwart;
mod time;
mod zonemta;

pub use reading::{Gravity, Item, Reading, Remark, Setting, Value};

/// A program whose configuration can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `main.cf`, or what `postconf -n` prints.
    Postfix,
    /// Exim's configuration file, or its `begin retry` section alone.
    Exim,
    /// `sendmail.cf`, or the `.mc` it is made of.
    Sendmail,
    /// Haraka's `outbound.ini`.
    Haraka,
    /// KumoMTA's `init.lua`, or the TOML of its queue helper.
    KumoMta,
    /// Stalwart: settings as TOML, or a delivery schedule as JSON.
    Stalwart,
    /// ZoneMTA: settings as TOML, JavaScript or JSON.
    ZoneMta,
    /// James: the `RemoteDelivery` mailet.
    James,
    /// PowerMTA's `config`.
    PowerMta,
    /// OpenSMTPD's `smtpd.conf`.
    OpenSmtpd,
}

/// What a configuration does not say by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The transport whose limits hold. Default for Postfix: that of `default_transport`, else `smtp`; for
    /// Exim: `remote_smtp`, else the first with the driver `smtp`.
    pub transport: Option<String>,
    /// The domain of the recipients, where rules are chosen by it. Default: only rules for all domains.
    pub domain: Option<String>,
}

impl Dialect {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::Postfix,
        Self::Exim,
        Self::Sendmail,
        Self::Haraka,
        Self::KumoMta,
        Self::Stalwart,
        Self::ZoneMta,
        Self::James,
        Self::PowerMta,
        Self::OpenSmtpd,
    ];

    /// The name in scenarios and on the command line, which is that of the preset, too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postfix => "postfix",
            Self::Exim => "exim",
            Self::Sendmail => "sendmail",
            Self::Haraka => "haraka",
            Self::KumoMta => "kumomta",
            Self::Stalwart => "stalwart",
            Self::ZoneMta => "zonemta",
            Self::James => "james",
            Self::PowerMta => "powermta",
            Self::OpenSmtpd => "opensmtpd",
        }
    }

    /// The dialect of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// Whether the interval of queue runs is an argument of the program, and so in no configuration.
    pub const fn has_queue_interval(self) -> bool {
        matches!(self, Self::Exim | Self::Sendmail)
    }

    /// Whether limits depend on the transport.
    pub const fn has_transports(self) -> bool {
        matches!(self, Self::Postfix | Self::Exim)
    }

    /// Whether rules are chosen by the recipients' domain.
    pub const fn has_domains(self) -> bool {
        matches!(self, Self::Exim | Self::PowerMta)
    }

    /// Reads a configuration.
    ///
    /// ```
    /// use tempfail::mta::native::{Dialect, Options, Value};
    ///
    /// let text = "minimal_backoff_time = 10m\nqueue_run_delay = 2m\n";
    /// let reading = Dialect::Postfix.read(text, &Options::default());
    /// assert_eq!(reading.get("runner.scan.every"), Some(&Value::Text("2m".to_owned())));
    /// assert!(reading.remarks.is_empty());
    /// ```
    pub fn read(self, text: &str, options: &Options) -> Reading {
        match self {
            Self::Postfix => postfix::read(text, options.transport.as_deref()),
            Self::Exim => exim::read(text, options.domain.as_deref(), options.transport.as_deref()),
            Self::Sendmail => sendmail::read(text),
            Self::Haraka => haraka::read(text),
            Self::KumoMta => kumomta::read(text),
            Self::Stalwart => stalwart::read(text),
            Self::ZoneMta => zonemta::read(text),
            Self::James => james::read(text),
            Self::PowerMta => powermta::read(text, options.domain.as_deref()),
            Self::OpenSmtpd => opensmtpd::read(text),
        }
    }
}
