//! `validate`: tables in, verdicts and exit codes out.

use super::{printed, rows, tempfail};

const RIGHT: &str = "model,params,quantity,value,source,note\n\
                     outage_single,L=600;retry_policy=fixed;retry_base=60,mean_delay_given_hit,330,by hand,\n\
                     oracle_drain,lambda=0.5;L=600;mu=1,fluid_total_delay,180000,fluid,\n";

/// A file with a table, and its path.
fn table(text: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("table.csv");
    std::fs::write(&path, text).expect("it is writable");
    let path = path.display().to_string();
    (directory, path)
}

#[test]
fn a_table_of_ones_own_is_compared_row_by_row() {
    let (_directory, path) = table(RIGHT);
    let asked = ["validate", "--quick", "--table", &path];
    let csv = rows(&printed(&[&asked[..], &["--output", "csv"]].concat()));
    let verdicts: Vec<&str> = csv.iter().map(|row| row[10].as_str()).collect();
    assert_eq!(verdicts, ["equal", "bound holds"]);
    let text = printed(&asked);
    assert!(text.contains("2 rows: equal 1, bound holds 1."), "{text}");
    let markdown = printed(&[&asked[..], &["--output", "markdown"]].concat());
    assert!(markdown.starts_with("# The simulator against exact theory\n"), "{markdown}");
    assert!(markdown.contains("\n## outage\\_single\n") && markdown.contains("| equal |"), "{markdown}");
    let json: serde_json::Value =
        serde_json::from_str(&printed(&[&asked[..], &["--output", "json"]].concat())).expect("it is JSON");
    assert_eq!(json[0]["simulated"], 330.0);
    assert_eq!(json[1]["verdict"], "bound holds");
    let one = rows(&printed(&[&asked[..], &["--model", "outage_single", "--output", "csv"]].concat()));
    assert_eq!(one.len(), 1);
}

#[test]
fn a_row_that_differs_is_a_failure() {
    let (_directory, path) = table(&RIGHT.replace("330", "331"));
    let output = tempfail(&["validate", "--quick", "--table", &path]).assert().code(1);
    let complaint = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(complaint.contains("error: against theory: 1 row that cannot be chance"), "{complaint}");
    assert!(String::from_utf8_lossy(&output.get_output().stdout).contains("differs"));
}

#[test]
fn what_means_nothing_is_wrong_usage() {
    let complaint = |text: &str| {
        let (_directory, path) = table(text);
        let output = tempfail(&["validate", "--quick", "--table", &path]).assert().code(2);
        let output = output.get_output();
        assert!(output.stdout.is_empty());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let header = "model,params,quantity,value,source\n";
    assert!(complaint("").contains("table.csv: no column model"));
    let header_only = complaint("params,quantity,value\n");
    assert!(
        header_only.contains("no column model") && header_only.contains("table.csv:1:1"),
        "{header_only}"
    );
    assert!(complaint(header).contains("the table has no rows"));
    let unknown = complaint(&format!("{header}M/M/1,lambda=1,mean_wait,1,\n"));
    assert!(
        unknown.starts_with("error: no model is called M/M/1\n")
            && unknown.contains("table.csv:2:1\n")
            && unknown.contains("\n2 | M/M/1,lambda=1,mean_wait,1,\n  | ^^^^^\n")
            && unknown.contains("= help: there are loss_MGcc"),
        "{unknown}"
    );
    let missing = complaint(&format!("{header}MMc_wait,lambda=1;c=1,mean_wait,1,\n"));
    assert!(missing.contains("error: no session time: one of the parameters mu"), "{missing}");
    let growing = complaint(&format!("{header}MMc_wait,lambda=2;mu=1;c=1,mean_wait,1,\n"));
    assert!(growing.contains("error: the load is 2: the queue grows for ever"), "{growing}");
    assert!(growing.contains("\n2 | MMc_wait,lambda=2;mu=1;c=1,mean_wait,1,\n  | ^^^^"), "{growing}");
    let count = complaint(&format!("{header}MMc_wait,lambda=2;mu=1;c=2.5,mean_wait,1,\n"));
    assert!(
        count.contains("c must be a whole number") && count.contains("\n  |                        ^^^^^\n"),
        "{count}"
    );
    for wrong in ["NaN", "1e999", "", "eins"] {
        let text = complaint(&format!("{header}MMc_wait,lambda=1;mu=2;c=1,mean_wait,{wrong},\n"));
        assert!(text.contains(&format!("error: \"{wrong}\" is no number")), "{text}");
        assert!(text.contains("\n2 | MMc_wait") && text.contains("= help: the column value takes"), "{text}");
    }
    tempfail(&["validate", "--table", "nowhere.csv"]).assert().code(2);
    tempfail(&["validate", "--quick", "--model", "MM1"]).assert().code(2);
}

/// The whole takes minutes; its parts are tested where they are.
#[test]
fn coverage_has_no_table_and_no_quick_look() {
    for other in [&["--quick"][..], &["--model", "mm1_queue"], &["--table", "table.csv"]] {
        tempfail(&[&["validate", "--coverage"], other].concat()).assert().code(2);
    }
}

const AWS: &str = "clients,strategy,runs,time_mean,time_sd,calls_mean,calls_sd\n";

#[test]
fn the_optimistic_lock_takes_any_number_of_clients() {
    let directory = tempfile::tempdir().expect("a directory");
    let picture = directory.path().join("graph.png").display().to_string();
    let asked = ["validate", "--aws", "--quick", "--clients", "3,10", "--plot", &picture];
    let csv = rows(&printed(&[&asked[..], &["--output", "csv"]].concat()));
    // Five strategies, time and calls.
    assert_eq!(csv.len(), 20);
    assert!(csv[..10].iter().all(|row| row[3].is_empty() && row[12] == "no reference"), "{csv:?}");
    assert!(csv[10..].iter().all(|row| !row[3].is_empty() && row[12] == "agrees"), "{csv:?}");
    assert!(std::fs::read(&picture).expect("it was written").starts_with(b"\x89PNG"));
    let markdown = printed(&[&asked[..], &["--output", "markdown"]].concat());
    assert!(markdown.starts_with("# What others have published, reproduced\n"), "{markdown}");
    assert!(markdown.contains("![writes and time against clients](graph.png)"), "{markdown}");
    assert!(markdown.contains("clients=3; strategy=FullJitter"), "{markdown}");
    assert!(markdown.contains("\n## What of the conclusions holds\n"), "{markdown}");
}

#[test]
fn the_optimistic_lock_is_compared_with_a_table_of_ones_own() {
    let aws = |rows: &str, code: i32| {
        let (_directory, path) = table(&format!("{AWS}{rows}"));
        let output = tempfail(&["validate", "--aws", "--quick", "--table", &path]).assert().code(code);
        String::from_utf8_lossy(&output.get_output().stderr).into_owned()
    };
    // One client makes one call: four legs of 10 ms.
    aws("1,None,1000,40,4,1,0\n", 0);
    let complaint = aws("1,None,1000,42,4,1,0\n", 1);
    assert!(
        complaint.contains("error: against what is published: 1 number that cannot be chance"),
        "{complaint}"
    );
    let complaint = aws("1,Half,1000,40,4,1,0\n", 2);
    assert!(
        complaint.starts_with("error: no strategy is called \"Half\"\n")
            && complaint.contains("\n2 | 1,Half,1000,40,4,1,0\n  |   ^^^^\n")
            && complaint.contains("= help: there are"),
        "{complaint}"
    );
    assert!(aws("", 2).contains("table.csv: the table has no rows"));
}

#[test]
fn one_published_model_may_be_asked_for() {
    let json = printed(&["validate", "--published", "--quick", "--model", "overshoot", "--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json.as_array().expect("rows").len(), 13);
    assert_eq!(json[0]["verdict"], "equal");
    let complaint = |arguments: &[&str]| {
        let output = tempfail(&[&["validate", "--quick"], arguments].concat()).assert().code(2);
        String::from_utf8_lossy(&output.get_output().stderr).into_owned()
    };
    let unknown = complaint(&["--published", "--model", "MMc_wait"]);
    assert!(
        unknown.contains("no published model is called MMc_wait; there are optimistic-lock"),
        "{unknown}"
    );
    assert!(
        complaint(&["--aws", "--plot", "graph.svg"]).contains("pictures are PNG files: call it graph.png")
    );
    assert!(complaint(&["--plot", "graph.png"]).contains("--aws and with --published only"));
    let other = complaint(&["--published", "--model", "peaks", "--plot", "graph.png"]);
    assert!(other.contains("a picture of the model optimistic-lock alone"), "{other}");
    complaint(&["--clients", "10"]);
    complaint(&["--aws", "--clients", "0"]);
    complaint(&["--aws", "--published"]);
}
