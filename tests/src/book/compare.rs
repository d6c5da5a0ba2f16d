//! Comparison of a document's output with the command's.

use std::sync::LazyLock;

use regex::Regex;

/// Line that stands for any lines left out.
const ELISION: &str = "...";

/// Times, rates and numbers of threads: different on every machine.
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \ *\b[0-9][0-9.,]*\ ?(?:ns|us|µs|ms|s|min|h|seconds?|minutes?|[^\s0-9]\S*/s|threads?)\b
        | "[a-z_]*seconds[a-z_]*":\ *[0-9.e+-]+
        "#,
    )
    .expect("the expression is valid")
});

/// Headings of columns that hold times and rates.
static HEADINGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:seconds|\S+/s)(?:\s|$)").expect("the expression is valid"));

static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9]+").expect("the expression is valid"));

/// Lines with times replaced, so that two runs of a command have the same ones.
pub(super) fn masked(lines: &[String]) -> Vec<String> {
    let mut columns: Vec<usize> = Vec::new();
    lines
        .iter()
        .map(|line| {
            let mut line = line.clone();
            if line.is_empty() {
                columns.clear();
            }
            // Columns are aligned at their right end.
            for &end in &columns {
                mask_column(&mut line, end);
            }
            columns.extend(
                HEADINGS
                    .find_iter(&line)
                    .map(|heading| heading.start() + heading.as_str().trim_end().len()),
            );
            TIMES.replace_all(&line, " TIME").into_owned()
        })
        .collect()
}

/// Replaces the number that ends at the byte `end` by as many `#`, with the spaces before it.
fn mask_column(line: &mut String, end: usize) {
    if !line.is_char_boundary(end) || !line[end..].chars().next().is_none_or(char::is_whitespace) {
        return;
    }
    let start = line[..end]
        .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
        .trim_end()
        .len();
    line.replace_range(start..end, &"#".repeat(end - start));
}

/// Whether `actual` is what `expected` says, beyond times and the lines left out.
pub(super) fn matches(expected: &[String], actual: &[String]) -> bool {
    let (expected, actual) = (masked(expected), masked(actual));
    let (mut e, mut a) = (0, 0);
    // Where to go on if the lines after the last elision turn out not to match: it takes one line more.
    let mut retry = None;
    while a < actual.len() {
        if expected.get(e).is_some_and(|line| line == ELISION) {
            retry = Some((e, a));
            e += 1;
        } else if expected.get(e) == actual.get(a) {
            e += 1;
            a += 1;
        } else if let Some((elision, from)) = retry {
            retry = Some((elision, from + 1));
            e = elision + 1;
            a = from + 1;
        } else {
            return false;
        }
    }
    expected[e..].iter().all(|line| line == ELISION)
}

/// `actual` with the elisions of `expected`, each in the place that it had: parts are found by their lengths at both ends,
/// and by their first line, whatever its numbers, in between. All of `actual` where that fails.
pub(super) fn elided(expected: &[String], actual: &[String]) -> Vec<String> {
    let parts: Vec<&[String]> = expected.split(|line| line == ELISION).collect();
    let key = |line: &str| {
        let line = NUMBERS.replace_all(line, "0").into_owned();
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let shared = |a: &str, b: &str| {
        let words = a.split_whitespace().zip(b.split_whitespace());
        words.filter(|(a, b)| a == b).count()
    };
    let mut lines = Vec::new();
    let mut at = 0;
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        let start = match part.first() {
            _ if i == 0 => Some(0),
            _ if last => actual.len().checked_sub(part.len()),
            None => Some(at),
            // Of lines of the same form the first that shares most words, as rows of a table share their form.
            Some(first) => (at..actual.len())
                .rev()
                .filter(|&j| key(&actual[j]) == key(first))
                .max_by_key(|&j| shared(&actual[j], first)),
        };
        let end = start.map(|start| {
            if last {
                actual.len()
            } else {
                start + part.len()
            }
        });
        let Some((start, found)) = start
            .zip(end)
            .filter(|&(start, _)| start >= at)
            .and_then(|(start, end)| Some((start, actual.get(start..end)?)))
        else {
            return actual.to_vec();
        };
        if i > 0 {
            lines.push(ELISION.to_owned());
        }
        lines.extend_from_slice(found);
        at = start + found.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn times_and_rates_do_not_matter() {
        for (expected, actual) in [
            ("N = 9, 0.3 s, done", "N = 9, 12.25 s, done"),
            ("  12 images/s", " 9412 images/s"),
            ("batch 64, 2 threads", "batch 64, 16 threads"),
            (
                r#"{"seconds": 0.1, "n": 1}"#,
                r#"{"seconds": 2e-5, "n": 1}"#,
            ),
            (
                "epoch  seconds  digits/s  error\n    1    0.096     94058  0.094",
                "epoch  seconds  digits/s  error\n    1   10.096       858  0.094",
            ),
        ] {
            assert!(matches(&lines(expected), &lines(actual)), "{actual}");
        }
    }

    #[test]
    fn other_numbers_matter() {
        for (expected, actual) in [
            ("N = 9, 0.3 s", "N = 8, 0.3 s"),
            ("64 chains", "65 chains"),
            ("ln Z = 260.1 (3 states)", "ln Z = 260.2 (3 states)"),
            (
                "epoch  seconds  digits/s  error\n    1    0.096     94058  0.094",
                "epoch  seconds  digits/s  error\n    1    0.096     94058  0.095",
            ),
            (
                "epoch  seconds\n    1    0.096\n\n  sum    0.096",
                "epoch  seconds\n    1    0.096\n\n  sum    0.097",
            ),
        ] {
            assert!(!matches(&lines(expected), &lines(actual)), "{actual}");
        }
    }

    #[test]
    fn an_elision_stands_for_any_lines() {
        let actual = lines("a\nb\nc\nb\nd");
        for expected in [
            "...",
            "a\n...",
            "...\nd",
            "a\n...\nd",
            "...\nb\nd",
            "a\n...\nb\nd",
            "a\nb\nc\nb\nd\n...",
        ] {
            assert!(matches(&lines(expected), &actual), "{expected}");
        }
        for expected in [
            "",
            "a",
            "b\n...",
            "...\nc",
            "a\n...\nc\nd",
            "a\n...\nd\n...\nd",
        ] {
            assert!(!matches(&lines(expected), &actual), "{expected}");
        }
    }

    #[test]
    fn elisions_stay_where_they_were() {
        let actual = lines("head 3\nrow 1\nrow 2\nsum 5\nmean 2\nend\nlast");
        for (expected, rewritten) in [
            ("head 1\n...\nlost", "head 3\n...\nlast"),
            (
                "head 1\n...\nsum 4\n...\nlost",
                "head 3\n...\nsum 5\n...\nlast",
            ),
            ("...\nsum 4\n...", "...\nsum 5\n..."),
            ("...\nrow 2\n...", "...\nrow 2\n..."),
            (
                "head 1\n...\nproduct\n...",
                "head 3\nrow 1\nrow 2\nsum 5\nmean 2\nend\nlast",
            ),
            ("other", "head 3\nrow 1\nrow 2\nsum 5\nmean 2\nend\nlast"),
        ] {
            assert_eq!(
                elided(&lines(expected), &actual),
                lines(rewritten),
                "{expected}"
            );
        }
    }
}
