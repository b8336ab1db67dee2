//! Recordings of real MTAs against scenarios that say the same.

mod history;
mod recorded;
mod simulated;

use history::History;

const NAMES: &[&str] = &[
    "postfix-single", "postfix-multi30", "postfix-multi10-rcpt", "postfix-recover50",
    "exim-single", "exim-multi20", "exim-multi8-rcpt", "exim-recover30", "exim-default-q30m",
];

#[test]
fn explore() {
    let fs: &[(&str, fn(&History) -> f64)] = &[
        ("connections", |h| h.connections.len() as f64),
        ("conn<60.9", |h| h.connections.iter().filter(|t| **t < 60.876).count() as f64),
        ("attempts", |h| h.attempts.len() as f64),
        ("suppressed", |h| h.suppressed as f64),
        ("tried", |h| (0..h.injected.len()).filter(|m| h.attempts.iter().any(|a| a.message == *m)).count() as f64),
        ("bounced", |h| h.bounced.len() as f64),
        ("minage", |h| h.bounced.iter().map(|b| b.1).fold(1e9, f64::min)),
        ("meanage", |h| h.bounced.iter().map(|b| b.1).sum::<f64>() / h.bounced.len() as f64),
        ("maxage", |h| h.bounced.iter().map(|b| b.1).fold(0.0, f64::max)),
        ("firstdel", |h| h.deliveries().map(|b| b.at).fold(1e9, f64::min)),
        ("meandel", |h| h.deliveries().map(|b| b.at).sum::<f64>() / h.deliveries().count() as f64),
        ("lastdel", |h| h.deliveries().map(|b| b.at).fold(0.0, f64::max)),
    ];
    for name in NAMES {
        let r = recorded::history(name);
        let s = simulated::histories(name, 1000);
        println!("== {name}");
        for (what, f) in fs {
            let mut v: Vec<f64> = s.iter().map(f).collect();
            v.sort_by(f64::total_cmp);
            let x = f(&r);
            println!("{what:12} rec {x:10.3} sim min {:.3} 1% {:.3} med {:.3} 99% {:.3} max {:.3} {}", v[0], v[10], v[500], v[989], v[999],
                if x < v[0] - 1e-9|| x > v[999]+1e-9 { "OUT" } else { "" });
        }
        if name.contains("single") || name.contains("q30m") {
            let rec = r.attempts_of(0);
            let mut devs: Vec<f64> = s.iter().map(|h| { let a = h.attempts_of(0); if a.len() != rec.len() { 1e6 + a.len() as f64 } else { a.iter().zip(&rec).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max) } }).collect();
            devs.sort_by(f64::total_cmp);
            println!("devs {:?}", devs.iter().step_by(100).collect::<Vec<_>>());
            println!("{:?}\n{:?}", rec, s[0].attempts_of(0));
        }
    }
}
