//! Tables of exact values: what is to be reproduced.

use super::Problem;
use super::parameters::Parameters;

/// The columns that a table must have; others are ignored.
pub const COLUMNS: [&str; 5] = ["model", "params", "quantity", "value", "source"];

/// The table that the command checks when it is given no other.
pub const REFERENCE: &str = include_str!("reference.csv");

/// One exact value.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line of the table it stands in, from 1.
    pub line: u64,
    /// What it is the value of, such as `mean_wait`.
    pub quantity: String,
    /// Shares are between 0 and 1, times are in seconds, rates per second.
    pub value: f64,
    /// Where the formula is published.
    pub source: String,
}

/// A model with its parameters, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The name of the model.
    pub model: String,
    /// Its parameters.
    pub parameters: Parameters,
    /// What is known, in the order of the table.
    pub rows: Vec<Row>,
}

/// Reads a table in CSV; rows of the same model and parameters belong together wherever they stand.
///
/// ```
/// let table = "model,params,quantity,value,source\n\
///              loss_MGcc,lambda=1;mu=1;c=1,p_block_first,0.5,Erlang\n\
///              loss_MGcc,lambda=1;mu=1;c=1,mean_busy,0.5,Erlang\n";
/// let configurations = tempfail::validate::read(table).unwrap();
/// assert_eq!((configurations.len(), configurations[0].rows.len()), (1, 2));
/// ```
///
/// # Errors
///
/// Says what is wrong with which line: a column that is missing, a value that is no number, parameters
/// that are not `name=value` between semicolons, or no row at all.
pub fn read(table: &str) -> Result<Vec<Configuration>, Problem> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().map_err(|error| Problem::new(format!("no table: {error}")))?.clone();
    let place = |name: &str| {
        header.iter().position(|column| column.trim() == name).ok_or_else(|| {
            let help = format!("a table has the columns {}", COLUMNS.join(", "));
            Problem::new(format!("no column {name}")).at_line(1).help(help)
        })
    };
    let [model, params, quantity, value] =
        [place("model")?, place("params")?, place("quantity")?, place("value")?];
    let source = place("source").ok();
    let mut found: Vec<Configuration> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| malformed(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let parameters = Parameters::parse(cell(params)).map_err(|problem| problem.at_line(line))?;
        let number = cell(value).parse().ok().filter(|value: &f64| value.is_finite());
        let value = number.ok_or_else(|| {
            let problem = Problem::new(format!("\"{}\" is no number", cell(value)));
            problem.at_words(cell(value)).at_line(line).help("the column value takes finite numbers")
        })?;
        let source = source.map_or("", cell).to_owned();
        let row = Row { line, quantity: cell(quantity).to_owned(), value, source };
        let name = cell(model);
        match found.iter_mut().find(|known| known.model == name && known.parameters == parameters) {
            Some(known) => known.rows.push(row),
            None => found.push(Configuration { model: name.to_owned(), parameters, rows: vec![row] }),
        }
    }
    if found.is_empty() {
        return Err(Problem::new("the table has no rows"));
    }
    Ok(found)
}

/// A line that has more or fewer cells than the header, or is no text.
pub(super) fn malformed(error: &csv::Error) -> Problem {
    let line = error.position().map(csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Problem::new(format!("this row has {len} cells, the header has {expected_len}"))
                .help("every row has as many as the header; put cells with commas into quotation marks")
        }
        _ => Problem::new(error.to_string()),
    };
    line.map_or(problem.clone(), |line| problem.at_line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_has_all_its_rows() {
        let all = read(REFERENCE).unwrap();
        assert_eq!(all.len(), 85);
        assert_eq!(all.iter().map(|one| one.rows.len()).sum::<usize>(), 493);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = |table: &str| read(table).unwrap_err().to_string();
        assert!(wrong("model,params,value\n").contains("no column quantity"));
        assert_eq!(wrong("model,params,quantity,value\n"), "the table has no rows");
        let number = wrong("model,params,quantity,value\nm,a=1,q,one\n");
        assert!(number.starts_with("line 2: \"one\" is no number; "), "{number}");
        let pair = wrong("model,params,quantity,value\nm,a,q,1\n");
        assert!(pair.starts_with("line 2: \"a\" is not name=value; "), "{pair}");
        let short = wrong("model,params,quantity,value\nm,a=1\n");
        assert!(short.starts_with("line 2: this row has 2 cells, the header has 4; "), "{short}");
    }
}
