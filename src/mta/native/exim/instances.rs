//! Routers and transports: what a section configures under a name, and which of them carry mail.
//!
//! Exim src/readconf.c (`readconf_driver_init`); src/transports/smtp.c; src/routers/manualroute.c.

use super::Options;
use super::lines::{Line, Section};
use crate::mta::native::reading::Reading;

/// Where hosts come from: that decides between errors such as `refused_MX` and `refused_A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// From MX records.
    Exchangers,
    /// From a list in a router, without MX records (src/transports/smtp.c: `host->mx` is negative).
    Listed,
}

/// The routers or transports of a section, each with its name.
fn instances(section: &Section) -> Vec<(&str, Options<'_>)> {
    let mut found: Vec<(&str, Options<'_>)> = Vec::new();
    for line in &section.lines {
        match line
            .text()
            .strip_suffix(':')
            .map(str::trim_end)
            .filter(|name| !name.contains(char::is_whitespace))
        {
            Some(name) => found.push((name, Options { lines: Vec::new() })),
            None => found.last_mut().into_iter().for_each(|(_, options)| options.lines.push(line)),
        }
    }
    found
}

/// Reads the options of the transport of that name, or else of `remote_smtp`, or else of the first with
/// the driver `smtp`, and returns its name.
pub fn smtp_transport<'a>(
    section: &'a Section,
    wanted: Option<&str>,
    reading: &mut Reading,
) -> Option<&'a str> {
    let mut known = instances(section);
    known.retain(|(_, options)| options.value("driver").is_some_and(|driver| driver.text == "smtp"));
    let preferred = wanted.unwrap_or("remote_smtp");
    let found = known.iter().find(|(name, _)| *name == preferred);
    let (name, options) = match (found, wanted) {
        (Some(found), _) => found,
        (None, Some(wanted)) => {
            let at = section.lines.first().map_or(0..0, Line::whole);
            let message = format!("there is no transport `{wanted}` with the driver `smtp`");
            reading.refuse(at, message, "the name of an SMTP transport of this file");
            return None;
        }
        (None, None) => known.first()?,
    };
    options.smtp(reading);
    Some(*name)
}

/// Where the first router that uses a transport takes hosts from; `manualroute` looks for MX records only where its list
/// says `/mx`.
pub fn hosts_of(routers: &Section, transport: &str) -> Hosts {
    let is = |options: &Options<'_>, name: &str, text: &str| {
        options.value(name).is_some_and(|written| written.text == text)
    };
    let all = instances(routers);
    let Some((_, router)) = all.iter().find(|(_, options)| is(options, "transport", transport)) else {
        return Hosts::Exchangers;
    };
    let asks_for_mx = ["route_list", "route_data"]
        .iter()
        .filter_map(|name| router.value(name))
        .any(|written| written.text.to_lowercase().contains("/mx"));
    if is(router, "driver", "manualroute") && !asks_for_mx { Hosts::Listed } else { Hosts::Exchangers }
}
