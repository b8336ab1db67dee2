//! The fixtures: configurations of models and the exact values of their quantities.

use std::collections::BTreeMap;

/// A model with its parameters, and what is known of it.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub model: String,
    pub parameters: String,
    /// Name and exact value.
    pub quantities: Vec<(String, f64)>,
}

/// The configurations of a table with the columns `model,params,quantity,value,source`, in order.
pub fn configurations(table: &str) -> Vec<Configuration> {
    let mut found: Vec<Configuration> = Vec::new();
    for row in csv::Reader::from_reader(table.as_bytes()).records() {
        let row = row.expect("a fixture is CSV");
        let quantity = (row[2].to_owned(), row[3].parse().expect("a value is a number"));
        match found.iter_mut().find(|known| known.model == row[0] && known.parameters == row[1]) {
            Some(known) => known.quantities.push(quantity),
            None => found.push(Configuration {
                model: row[0].to_owned(),
                parameters: row[1].to_owned(),
                quantities: vec![quantity],
            }),
        }
    }
    assert!(!found.is_empty());
    found
}

impl Configuration {
    /// A parameter as it is written.
    pub fn text(&self, name: &str) -> Option<&str> {
        let pairs: BTreeMap<&str, &str> =
            self.parameters.split(';').filter_map(|pair| pair.split_once('=')).collect();
        pairs.get(name).copied()
    }

    /// A parameter that must be there.
    pub fn get(&self, name: &str) -> f64 {
        let text = self.text(name).unwrap_or_else(|| panic!("{} lacks {name}", self.parameters));
        text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number"))
    }

    /// The same configuration with one more parameter.
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.parameters.push_str(&format!(";{name}={value}"));
        self
    }

    /// The same configuration with only the quantities that are wanted.
    pub fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let quantities = self.quantities.iter().filter(|(name, _)| wanted(name)).cloned().collect();
        Self { quantities, ..self.clone() }
    }
}
