//! Whatever is done to a valid scenario, the reader answers; it never panics.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfail::mta::native::Dialect;
use tempfail::scenario::{Paint, Sources, TEMPLATE, load, read_policy};

/// One change of a text.
#[derive(Clone, Debug)]
enum Edit {
    Delete { at: usize, length: usize },
    Insert { at: usize, text: String },
    SwapTokens { one: usize, other: usize },
    ReplaceToken { at: usize, token: &'static str },
}

/// Values that are easily too large, too small or of the wrong kind.
const TOKENS: [&str; 20] = [
    "\"106751991d\"",
    "\"0s\"",
    "0",
    "-1",
    "4294967295",
    "9223372036854775807",
    "1e308",
    "nan",
    "-inf",
    "\"100%\"",
    "\"0%\"",
    "\"1000000000/us\"",
    "\"\"",
    "[]",
    "{}",
    "true",
    "2026-01-01",
    "\"compared\"",
    "\"clairvoyant\"",
    "\"1us\"",
];

fn edit() -> impl Strategy<Value = Edit> {
    let anywhere = 0..10_000_usize;
    prop_oneof![
        (anywhere.clone(), 1..30_usize).prop_map(|(at, length)| Edit::Delete { at, length }),
        (anywhere.clone(), "[ -~\n\\PC]{1,4}").prop_map(|(at, text)| Edit::Insert { at, text }),
        (anywhere.clone(), anywhere.clone()).prop_map(|(one, other)| Edit::SwapTokens { one, other }),
        (anywhere, prop::sample::select(&TOKENS[..]))
            .prop_map(|(at, token)| Edit::ReplaceToken { at, token }),
    ]
}

fn apply(text: &str, edit: &Edit) -> String {
    let boundary = |at: usize| {
        let at = at % (text.len() + 1);
        (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
    };
    match edit {
        Edit::Delete { at, length } => {
            let start = boundary(*at);
            let end = boundary((start + length).min(text.len())).max(start);
            format!("{}{}", &text[..start], &text[end..])
        }
        Edit::Insert { at, text: inserted } => {
            let at = boundary(*at);
            format!("{}{inserted}{}", &text[..at], &text[at..])
        }
        Edit::SwapTokens { one, other } => {
            let mut tokens: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
            if tokens.is_empty() {
                return String::new();
            }
            let count = tokens.len();
            tokens.swap(one % count, other % count);
            tokens.concat()
        }
        Edit::ReplaceToken { at, token } => {
            // Right-hand sides only, so that most results are still TOML.
            let places: Vec<usize> = text.match_indices("= ").map(|(at, _)| at + 2).collect();
            let Some(&start) = places.get(at % places.len().max(1)) else { return text.to_owned() };
            let end = text[start..].find([',', ' ', '\n', '}']).map_or(text.len(), |length| start + length);
            format!("{}{token}{}", &text[..start], &text[end..])
        }
    }
}

fn scenarios() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut paths: Vec<_> =
        fs::read_dir(directory).expect("there").map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let shipped = paths.iter().map(|path| fs::read_to_string(path).expect("readable"));
    shipped.chain([TEMPLATE.to_owned(), EVERYTHING.to_owned()]).collect()
}

/// Parts that the shipped scenarios leave out.
const EVERYTHING: &str = r#"
format = 1
title = "everything"
horizon = "3d"
[recipients.mx]
slots = 10
idle_hold = "1s"
setup = { gamma = { mean = "1s", shape = 2.0 } }
transaction = { empirical = ["1s", "2s"] }
[recipients.mx.gates]
a = { maintenance = { when = { windows = [{ from = "1h", until = "2h" }, { from = "3h", until = "4h" }] }, capacity = "20%", reopen = { over = "1h", steps = 4 } } }
b = { maintenance = { when = { periodic = { first = "2h", every = "1d", lasts = "1h" } }, answer = "refuse" } }
c = { maintenance = { when = { random = { up = "6h", down = "30m" } }, answer = "timeout" } }
d = { backlog = { length = 128 } }
e = { slowdown = { by-connections = { from = 8, to = 10, factor = 30.0 } } }
f = { unreliable = { stage = "data", probability = "5%" } }
g = { reject = { share = "1%" } }
h = { greylist = { delay = "5m" } }
i = { messages-per-connection = { limit = 20 } }
[recipients.other]
transaction = { uniform = { from = "1s", to = "3s" } }
[senders.s]
hosts = 3
policy = "compared"
to = { mx = 1.0, other = 2.0 }
[senders.s.arrivals]
a = { markov-modulated = { rates = ["10/min", "1000/min"], stays = ["1h", "10m"] } }
b = { queued = { messages = 10, age = { exponential = "1h" } } }
c = { trace = { file = "mail.csv" } }
[senders.t]
policy = { like = "exim", clock = "2s" }
to = "mx"
arrivals.a = { poisson = { rate = "1/min", from = "1h", until = "2h" } }
flushes.x = { at = "5h", rate = "20/min" }
[policies]
a = { backoff = { age-steps = { steps = [{ younger_than = "1m", every = "1m" }], then = "20m" } }, lifetime = { attempts = 13, age = "1d", when = "next-try", warn_after = "4h" } }
b = { backoff = { list = { delays = ["2m", "5m"], jitter = { proportional = "20%" } } }, connections = { pace = "1s" } }
c = { backoff = { polynomial = { unit = "400s" } }, memory = { dead-site = { negative = "1/concurrency" } } }
d = { like = "a", backoff = { linear = { step = "5m", jitter = { uniform = "30s" } } } }
[variants]
plain = {}
slow = { recipients.mx.slots = 5, about = "half of them" }
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reader_answers(
        text in prop::sample::select(scenarios()),
        edits in prop::collection::vec(edit(), 0..6),
        trace in prop_oneof![Just("t_seconds,host\n1.5,2\n7,0\n".to_owned()), "[a-z0-9,.\n\"-]{0,40}"],
        change in prop_oneof![Just(None), "[a-z.]{0,12}=[ -~]{0,12}".prop_map(Some)],
    ) {
        let text = edits.iter().fold(text, |text, edit| apply(&text, edit));
        let mut sources = Sources::new();
        sources.add("mutated.toml", text);
        sources.add("mail.csv", trace);
        let changes: Vec<String> = change.into_iter().collect();
        let findings = match load(&mut sources, "mutated.toml", &changes) {
            Ok(checked) => {
                checked.scenario.resolved().expect("what was read can be written");
                checked.warnings
            }
            Err(findings) => {
                prop_assert!(findings.has_errors());
                findings
            }
        };
        findings.render(&sources, Paint::Plain);
        findings.render(&sources, Paint::Coloured);
    }
}

/// Configuration with most of what each program has.
const NATIVE: [(Dialect, &str); 15] = [
    (
        Dialect::Postfix,
        "# main.cf\nqueue_run_delay = 2m\nminimal_backoff_time = ${queue_run_delay}\nmaximal_backoff_time =\n  4000s\n\
         smtp_destination_concurrency_limit = 10\ninitial_destination_concurrency = ${x?3}${x:5}\n\
         default_destination_concurrency_negative_feedback = 1 / concurrency\ndelay_warning_time = 4\n\
         smtp_destination_rate_delay = 1s\ntransport_maps = hash:/etc/postfix/transport\ndefault_transport = smtp:x\n",
    ),
    (
        Dialect::Exim,
        "T = 15m\n.ifdef T\nqueue_run_max = 3\n.else\nx\n.endif\ndelay_warning = 4h:24h\nbegin transports\nsmtp:\n  driver = smtp\n  \
         connection_max_messages = 20\nbegin retry\n*.example.com  rcpt_421  F,1h,5m\n\"a : !b\" refused senders = x F,1h,1m\n\
         *  *  F,2h,T; \\\n  G,16h,1h,1.5; F,4d,6h\n",
    ),
    (Dialect::Exim, "* * F,2h,15m; G,16h,1h,1.5; F,4d,6h\n"),
    (
        Dialect::Sendmail,
        "O MinQueueAge=30\nO MaxQueueAge=4h\nO Timeout.queuereturn=4d\nO QueueSortOrder=Random\n",
    ),
    (Dialect::Sendmail, "define(`confMIN_QUEUE_AGE', `30m')dnl\ndefine(`confTO_QUEUEWARN', 4h)dnl\n"),
    (Dialect::Haraka, "; x\ntemp_fail_intervals=1m, 5m*2, 1h*3\nconcurrency_max=100\n[other]\n"),
    (Dialect::Haraka, "maxTempFailures=5\n"),
    (
        Dialect::KumoMta,
        "return kumo.make_queue_config {\n  -- x\n  retry_interval = '10 minutes', max_age = 86400 }\n\
         kumo.make_egress_path { connection_limit = 10 }\n",
    ),
    (Dialect::Stalwart, "[queue.schedule]\nretry = \"[2m, 5m]\"\nnotify = ['1d', '3d']\nexpire = '3d'\n"),
    (
        Dialect::Stalwart,
        "{\"retry\": {\"@type\": \"Custom\", \"intervals\": {\"0\": {\"duration\": 120000}}}, \"expiry\": {\"expire\": 7}}",
    ),
    (Dialect::ZoneMta, "module.exports = { queue: { deferTimes: [5 * 60 * 1000, 7], maxQueueTime: 99 } };"),
    (
        Dialect::James,
        "<mailet><!-- x --><delayTime>1*15 minutes, 4 hours</delayTime><maxRetries>5</maxRetries>",
    ),
    (
        Dialect::PowerMta,
        "<domain *>\n  retry-after 10m,1h # x\n  max-smtp-out 20\n</domain>\n<domain x>\nretry-after 1m\n",
    ),
    (
        Dialect::OpenSmtpd,
        "queue ttl 2d\nbounce warn-interval { 4h, 1d }\nlimit mta max-conn-per-host 3 \\\n conn-delay-route 0\n",
    ),
    (Dialect::OpenSmtpd, "action \"out\" relay ttl 1d\n"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_readers_of_native_configuration_answer(
        (dialect, text) in prop::sample::select(&NATIVE[..]),
        edits in prop::collection::vec(edit(), 0..8),
        domain in prop_oneof![Just(None), Just(Some("mail.example.com"))],
    ) {
        let text = edits.iter().fold(text.to_owned(), |text, edit| apply(&text, edit));
        let mut sources = Sources::new();
        sources.add("native", text.as_str());
        let domain = domain.filter(|_| dialect.has_domains()).map(|domain| format!(", domain = '{domain}'"));
        let table = format!("native = {{ {} = {{ file = 'native'{} }} }}", dialect.name(), domain.unwrap_or_default());
        sources.add("policy", table);
        let findings = match read_policy(&mut sources, "policy") {
            Ok((_, warnings)) => warnings,
            Err(findings) => {
                prop_assert!(findings.has_errors());
                findings
            }
        };
        findings.render(&sources, Paint::Plain);
        for remark in dialect.read(&text, &Default::default()).remarks {
            prop_assert!(remark.at.is_none_or(|at| text.get(at).is_some()), "{text:?}: {}", remark.message);
        }
    }
}

#[test]
fn shipped_scenarios_are_without_fault() {
    for text in scenarios() {
        let mut sources = Sources::new();
        sources.add("scenario.toml", text);
        sources.add("mail.csv", "t_seconds,host\n1.5,2\n7,0\n");
        let findings = match load(&mut sources, "scenario.toml", &[]) {
            Ok(checked) => checked.warnings,
            Err(findings) => findings,
        };
        assert!(findings.is_empty(), "{}", findings.render(&sources, Paint::Plain));
    }
}
