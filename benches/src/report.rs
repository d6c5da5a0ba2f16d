//! Tables of the documents, made from the records in `benches/record`.
//!
//! `benches/peers/run`, `scaling`, `ais`, `levels`, `ising.py` and `.ci/firmware --record` write the records. The binary `report` inserts the
//! tables between markers, and the test `records` fails when a document differs.

mod ais;
mod boards;
mod ising;
mod levels;
pub mod likelihood;
mod peers;
mod scaling;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use ais::Ais;
pub use boards::Boards;
pub use ising::Ising;
pub use levels::Levels;
pub use likelihood::Likelihood;
pub use peers::Peers;
pub use scaling::Scaling;

/// Markers of the summary in README.md.
pub const SUMMARY: [&str; 2] = ["<!-- summary:begin -->", "<!-- summary:end -->"];

/// Markers of the tables of speed in docs/benchmarks.md.
pub const SPEED: [&str; 2] = ["<!-- speed:begin -->", "<!-- speed:end -->"];

/// Markers of the table of the boards.
pub const BOARDS: [&str; 2] = ["<!-- boards:begin -->", "<!-- boards:end -->"];

/// Markers of the table of estimated likelihoods in benches/README.md.
pub const LIKELIHOODS: [&str; 2] = ["<!-- likelihoods:begin -->", "<!-- likelihoods:end -->"];

/// Markers of the table of SIMD levels in benches/README.md.
pub const LEVELS: [&str; 2] = ["<!-- levels:begin -->", "<!-- levels:end -->"];

/// Files with the table of the boards.
const BOARD_FILES: [&str; 2] = ["docs/benchmarks.md", "firmware-example/README.md"];

/// Share of the cores that other work may take before a record is called provisional.
const BUSY: f64 = 0.1;

/// Columns of prose.
const WIDTH: usize = 120;

/// The machine that a record was made on, and how busy it was.
#[expect(missing_docs, reason = "the names say it")]
#[derive(Clone, Debug, Deserialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub simd: String,
    pub l2_kib: Option<usize>,
    /// Cores that other work took on average while the programs ran.
    pub others: f64,
}

/// What was compared, by name: version numbers, and the commit of bitspin.
#[expect(missing_docs, reason = "the names say it")]
#[derive(Clone, Debug, Deserialize)]
pub struct Versions {
    pub bitspin: String,
    pub rustc: String,
    pub python: Option<String>,
    pub torch: Option<String>,
    #[serde(rename = "scikit-learn")]
    pub scikit_learn: Option<String>,
    #[serde(rename = "dwave-samplers")]
    pub dwave_samplers: Option<String>,
}

/// The workspace's root.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The record `name` of this checkout.
///
/// # Errors
/// A line that says which record could not be read, and why.
pub fn read_record<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    let path = workspace().join("benches/record").join(name);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The tables of speed: what belongs between the markers [`SPEED`].
///
/// # Errors
/// A line that says what is wrong with a record.
pub fn tables() -> Result<String, String> {
    let peers: Peers = read_record("peers.json")?;
    let avx2: Peers = read_record("peers-avx2.json")?;
    let scaling: Scaling = read_record("scaling.json")?;
    let ising: Ising = read_record("ising.json")?;
    let ais: Ais = read_record("ais.json")?;
    let parts = [
        "## Training\n\n".to_owned() + &peers.markdown()?,
        "### Held to AVX2\n\nThe same programs on the same CPU, which use no instructions beyond AVX2 here.\n\n".to_owned()
            + &avx2.markdown()?,
        "## Scaling\n\n".to_owned() + &scaling.markdown()?,
        "## Annealed importance sampling\n\n".to_owned() + &ais.markdown()? + "\n",
        "## Ising models\n\n".to_owned() + &ising.markdown()?,
    ];
    let text = parts.join("\n");
    Ok(text.lines().map(wrap).collect())
}

/// The summary in README.md: a list of the main figures and the machine.
///
/// # Errors
/// A line that says what is wrong with a record.
pub fn summary() -> Result<String, String> {
    let peers: Peers = read_record("peers.json")?;
    let ais: Ais = read_record("ais.json")?;
    let ising: Ising = read_record("ising.json")?;
    let boards: Boards = read_record("boards.json")?;
    let avx2: Peers = read_record("peers-avx2.json")?;
    let items = [
        peers.summary()?,
        avx2.summary_of_avx2()?,
        ais.summary()?,
        ising.summary()?,
        boards.summary()?,
    ];
    let items = items.map(|item| wrapped(&item, WIDTH - 2).replace('\n', "\n  "));
    let items: String = items
        .iter()
        .map(|item| format!("- {}\n", item.trim()))
        .collect();
    let Machine {
        cpu, cores, simd, ..
    } = &peers.machine;
    let machine = format!("Measured on {cpu} ({cores} cores, {simd}); boards in QEMU.");
    Ok(format!("{items}\n{machine}\n"))
}

/// `document` with `tables` between the markers.
///
/// # Errors
/// A line that says which marker is missing or repeated, or that the markers are in the wrong order.
pub fn between(document: &str, markers: [&str; 2], tables: &str) -> Result<String, String> {
    let [begin, end] = markers.map(|marker| {
        let mut found = document.match_indices(marker).map(|(at, _)| at);
        match (found.next(), found.next()) {
            (Some(at), None) => Ok(at),
            _ => Err(format!("expected the line {marker} once")),
        }
    });
    let (begin, end) = (begin? + markers[0].len(), end?);
    match document.get(begin..end) {
        Some(_) => Ok(format!(
            "{}\n{}\n{}",
            &document[..begin],
            tables.trim(),
            &document[end..]
        )),
        None => Err(format!("{} stands before {}", markers[1], markers[0])),
    }
}

/// A document of the workspace, with and without the tables of the records.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub found: String,
    /// Its text with the tables that the records give.
    pub expected: String,
}

/// The documents that show figures of the records.
///
/// # Errors
/// A line that says what could not be read, or what is wrong with it.
pub fn files() -> Result<Vec<File>, String> {
    let boards: Boards = read_record("boards.json")?;
    let boards = boards.markdown()?;
    let with_boards = BOARD_FILES.iter().map(|name| {
        file(name, |found| {
            let expected = between(found, BOARDS, &boards)?;
            match *name {
                "docs/benchmarks.md" => between(&expected, SPEED, &tables()?),
                _ => Ok(expected),
            }
        })
    });
    let likelihood: Likelihood = read_record("likelihood.json")?;
    let with_likelihoods = file("benches/README.md", |found| {
        let levels: Levels = read_record("levels.json")?;
        let text = between(found, LIKELIHOODS, &likelihood.markdown())?;
        let levels: String = levels.markdown()?.lines().map(wrap).collect();
        between(&text, LEVELS, &levels)
    });
    let with_summary = file("README.md", |found| between(found, SUMMARY, &summary()?));
    with_boards
        .chain([with_likelihoods, with_summary])
        .collect()
}

/// The file of this name, and its text after `expected`.
fn file(name: &str, expected: impl FnOnce(&str) -> Result<String, String>) -> Result<File, String> {
    let path = workspace().join(name);
    let found = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    let expected = expected(&found).map_err(|error| format!("{name}: {error}"))?;
    Ok(File {
        path,
        found,
        expected,
    })
}

/// Where and when a record was made.
fn provenance(machine: &Machine, versions: &Versions, date: &str) -> String {
    let cores = machine.cores;
    let mut text = format!("{} ({cores} cores, {}", machine.cpu, machine.simd);
    if let Some(l2) = machine.l2_kib {
        let _ = write!(text, ", {l2} KiB L2");
    }
    let _ = write!(text, "), {date}, commit {}", versions.bitspin);
    let _ = write!(text, ", Rust {}", versions.rustc);
    let others = [
        ("Python", &versions.python),
        ("PyTorch", &versions.torch),
        ("scikit-learn", &versions.scikit_learn),
        ("dwave-samplers", &versions.dwave_samplers),
    ];
    for (name, version) in others {
        if let Some(version) = version {
            let _ = write!(text, ", {name} {version}");
        }
    }
    text.push('.');
    if machine.others > BUSY * cores as f64 {
        let others = machine.others;
        let _ = write!(
            text,
            " **Other work took {others:.1} of the cores meanwhile: these times are provisional.**"
        );
    }
    text
}

/// The middle value, or the mean of the two in the middle; `None` of none.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        1 => Some(sorted[middle]),
        _ if middle > 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => None,
    }
}

/// A line of prose in lines of at most [`WIDTH`] columns; a row of a table as it is.
fn wrap(line: &str) -> String {
    wrapped(line, WIDTH)
}

fn wrapped(line: &str, most: usize) -> String {
    if line.starts_with('|') {
        return format!("{line}\n");
    }
    let (mut text, mut width) = (String::new(), 0);
    for word in line.split(' ') {
        let columns = word.chars().count();
        if width > 0 && width + 1 + columns > most {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += columns;
    }
    text.push('\n');
    text
}

/// A whole number with its thousands set apart.
fn thousands(number: usize) -> String {
    match number {
        ..1000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1000), number % 1000),
    }
}

/// Seconds, to three digits.
fn seconds(value: f64) -> String {
    match value {
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        _ => format!("{value:.1}"),
    }
}

/// A ratio, to three digits.
fn ratio(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_replace_what_stands_between_the_markers_and_nothing_else() {
        let [begin, end] = SPEED;
        let readme = format!("before\n{begin}\nold\n{end}\nafter\n");
        let once = between(&readme, SPEED, "new\n").unwrap();
        assert_eq!(once, format!("before\n{begin}\nnew\n{end}\nafter\n"));
        assert_eq!(between(&once, SPEED, "new\n").unwrap(), once);
    }

    #[test]
    fn markers_have_to_be_there_once_and_in_order() {
        let [begin, end] = SPEED;
        for readme in [
            String::new(),
            begin.to_owned(),
            format!("{begin}{begin}{end}"),
            format!("{end}{begin}"),
        ] {
            assert!(between(&readme, SPEED, "new").is_err(), "{readme}");
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [0.1234, 1.234, 12.34].map(seconds),
            ["0.123", "1.23", "12.3"]
        );
        assert_eq!([1.234, 12.34, 123.4].map(ratio), ["1.23", "12.3", "123"]);
    }

    #[test]
    fn prose_is_wrapped_and_tables_are_not() {
        let words = ["word"; 50].join(" ");
        let wrapped = wrap(&words);
        assert!(wrapped.lines().all(|line| line.len() <= WIDTH));
        assert_eq!(wrapped.lines().count(), 3);
        assert_eq!(wrapped.trim_end().replace('\n', " "), words);
        assert_eq!(wrap(&format!("| {words} |")), format!("| {words} |\n"));
        assert_eq!(wrap(""), "\n");
    }

    #[test]
    fn thousands_are_set_apart() {
        let shown = [7, 1_000, 60_000, 1_234_056].map(thousands);
        assert_eq!(shown, ["7", "1,000", "60,000", "1,234,056"]);
    }

    /// A quiet machine, versions and a day.
    pub(super) fn somewhere() -> (Machine, Versions, String) {
        let machine = Machine {
            cpu: "CPU".into(),
            cores: 2,
            simd: "AVX2".into(),
            l2_kib: Some(512),
            others: 0.1,
        };
        let versions = Versions {
            bitspin: "abc".into(),
            rustc: "1.95".into(),
            python: None,
            torch: Some("2".into()),
            scikit_learn: None,
            dwave_samplers: None,
        };
        (machine, versions, "2026-01-01".into())
    }

    #[test]
    fn a_busy_machine_is_called_one() {
        let (mut machine, versions, date) = somewhere();
        assert_eq!(
            provenance(&machine, &versions, &date),
            "CPU (2 cores, AVX2, 512 KiB L2), 2026-01-01, commit abc, Rust 1.95, PyTorch 2."
        );
        machine.others = 1.5;
        assert!(provenance(&machine, &versions, &date).contains("provisional"));
    }
}
