//! The parameters of a model, as tables write them: `lambda=5;mu=1;c=7;service=exp`.

use std::fmt;

use super::Problem;

/// Names and values in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `name=value` between semicolons.
    ///
    /// # Errors
    ///
    /// When a part has no equals sign.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        let pairs = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => Err(Problem::new(format!("\"{part}\" is not name=value"))
                .at_words(part)
                .help("write parameters as in lambda=5;mu=1;c=7")),
        });
        Ok(Self(pairs.collect::<Result<_, _>>()?))
    }

    /// A parameter as it is written.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A number that must be there, finite and not negative.
    pub(super) fn number(&self, name: &str) -> Result<f64, Problem> {
        let text = self.text(name).ok_or_else(|| Problem::new(format!("the parameter {name} is missing")))?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| self.wrong(name, format!("{name}={text} is no number from 0")))
    }

    /// What is wrong with a parameter.
    pub(super) fn wrong(&self, name: &str, message: impl Into<String>) -> Problem {
        let problem = Problem::new(message);
        match self.text(name) {
            Some(text) => problem.at_words(format!("{name}={text}")),
            None => problem,
        }
    }

    /// The names, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A number above zero that must be there.
    pub(super) fn positive(&self, name: &str) -> Result<f64, Problem> {
        let number = self.number(name)?;
        if number > 0.0 { Ok(number) } else { Err(self.wrong(name, format!("{name} must be above 0"))) }
    }

    /// A number above zero, if it is there.
    pub(super) fn optional(&self, name: &str) -> Result<Option<f64>, Problem> {
        self.text(name).map(|_| self.positive(name)).transpose()
    }

    /// A whole number from 1 that must be there.
    pub(super) fn count(&self, name: &str) -> Result<u32, Problem> {
        let number = self.positive(name)?;
        let whole = number.fract() == 0.0 && number <= 1e9;
        if whole {
            Ok(number as u32)
        } else {
            Err(self.wrong(name, format!("{name} must be a whole number")))
        }
    }

    /// The same with one more.
    pub(super) fn with(&self, name: &str, value: impl fmt::Display) -> Self {
        let mut all = self.clone();
        all.0.push((name.to_owned(), value.to_string()));
        all
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={value}", if place > 0 { ";" } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_asked_for_by_name() {
        let parameters = Parameters::parse("lambda=0.5; c=3;service=exp").unwrap();
        assert_eq!(parameters.number("lambda").unwrap(), 0.5);
        assert_eq!(parameters.count("c").unwrap(), 3);
        assert_eq!(parameters.optional("mu").unwrap(), None);
        assert_eq!(parameters.with("x", 1).to_string(), "lambda=0.5;c=3;service=exp;x=1");
        let wrong = |problem: Result<f64, Problem>| problem.unwrap_err().to_string();
        assert_eq!(wrong(parameters.number("mu")), "the parameter mu is missing");
        assert_eq!(wrong(parameters.number("service")), "service=exp is no number from 0");
        assert_eq!(parameters.count("lambda").unwrap_err().to_string(), "lambda must be a whole number");
    }
}
