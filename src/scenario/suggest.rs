//! Guessing what was meant by a word that does not exist.

/// Of `known` the word most like `found`, if it is alike enough to be a slip.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Two slips in a short word make another word; one third of the letters is the usual limit.
    let limit = (found.chars().count() / 3).max(1);
    let spelling = |word: &str| word.to_lowercase().replace('_', "-");
    let found = spelling(found);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&found, &spelling(word)), word))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

/// A help text: the nearest of `known` words, or all of them if none is near.
pub fn help<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(nearest) = nearest(found, known.iter().copied()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    match known.as_slice() {
        [] => None,
        [only] => Some(format!("there is only `{only}`")),
        known => Some(format!("there are {}", list(known))),
    }
}

/// The question whether a near word was meant; none if no known word is near.
///
/// ```
/// use tempfail::scenario::did_you_mean;
///
/// assert_eq!(did_you_mean("atempts", ["attempts", "events"]).as_deref(), Some("did you mean `attempts`?"));
/// ```
pub fn did_you_mean<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(found, known).map(|nearest| format!("did you mean `{nearest}`?"))
}

/// `a`, `b` and `c`.
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_guessed_and_other_words_are_not() {
        let known = ["connection-limit", "client-limit", "backlog"];
        assert_eq!(nearest("conection_limit", known), Some("connection-limit"));
        assert_eq!(nearest("Backlgo", known), Some("backlog"));
        assert_eq!(nearest("penalty", known), None);
        assert_eq!(help("x", ["mx"]).as_deref(), Some("did you mean `mx`?"));
        assert_eq!(help("zzzz", ["a", "b", "c"]).as_deref(), Some("there are `a`, `b` and `c`"));
        assert_eq!(help("zzzz", []), None);
    }
}
