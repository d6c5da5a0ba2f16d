//! Edge lists with a heading, as the Gset collection has them, and COO lists without one.

use super::terms::{Pairs, Term, Terms};
use super::text::{Line, Wrong, lines};
use super::{Convention, MAX_SPINS};

/// What a line of an edge list should be.
const EDGE: &str = "two vertices and a weight";

/// Reads a list, and the convention that a comment of dimod states.
pub(super) fn parse(text: &str) -> Result<(Terms, Option<Convention>), Wrong> {
    let all: Vec<Line<'_>> = lines(text).collect();
    let Some(&first) = all.first() else {
        return Err((1, "the file is empty".to_string()));
    };
    let own = vartype(text, first.number)?;
    let terms = match first.words().count() {
        3 => without_heading(&all, own)?,
        _ => with_heading(first, &all[1..])?,
    };
    Ok((terms, own))
}

/// What a comment before the first line of content says of the variables: dimod writes `# vartype=SPIN`.
fn vartype(text: &str, end: usize) -> Result<Option<Convention>, Wrong> {
    for (at, line) in text.lines().enumerate().take(end - 1) {
        let Some((_, after)) = line.split_once("vartype") else {
            continue;
        };
        let named = after.trim_start_matches([':', '=', ' ', '\t']);
        return match named.split_whitespace().next() {
            Some("SPIN") => Ok(Some(Convention::Terms)),
            Some("BINARY") => Ok(Some(Convention::Qubo)),
            _ => Err((
                at + 1,
                "expected vartype=SPIN or vartype=BINARY".to_string(),
            )),
        };
    }
    Ok(None)
}

fn with_heading(first: Line<'_>, rest: &[Line<'_>]) -> Result<Terms, Wrong> {
    let numbers: Vec<_> = first.words().map(str::parse::<usize>).collect();
    let &[Ok(units), Ok(count)] = numbers.as_slice() else {
        return Err(first.wrong("the numbers of vertices and of edges, or an edge and its weight"));
    };
    check_units(first, units)?;
    if let Some(more) = rest.get(count) {
        let line = first.number;
        return Err(more.error(format!(
            "more edges than the {count} that line {line} announces"
        )));
    }
    let read: Vec<_> = rest.iter().map(|&line| (line, edge(line))).collect();
    let base = base(read.iter().filter_map(|(_, edge)| edge.as_ref().ok()));
    let mut list = Vec::new();
    for (line, edge) in read {
        list.push(counted(line, edge?, units, base)?);
    }
    if list.len() < count {
        let (found, line) = (list.len(), first.number);
        let last = rest.last().map_or(line, |last| last.number);
        let reason =
            format!("the file ends after {found} edges where line {line} announces {count}");
        return Err((last, reason));
    }
    let mut notes = vec![];
    if base == 0 {
        notes.push("vertices are counted from 0, as vertex 0 occurs".into());
    }
    Ok(Terms {
        format: "edge list".into(),
        units,
        pairs: Pairs::Graph,
        list,
        notes,
        base,
    })
}

fn without_heading(all: &[Line<'_>], own: Option<Convention>) -> Result<Terms, Wrong> {
    let mut edges = Vec::new();
    for &line in all {
        if line.words().count() != 3 {
            return Err(line.wrong("two vertices and a weight, as in the lines before"));
        }
        edges.push((line, edge(line)?));
    }
    if own.is_none() {
        refuse_heading_of_three(&edges)?;
    }
    let base = base(edges.iter().map(|(_, edge)| edge));
    let largest = edges
        .iter()
        .max_by_key(|(_, (ends, _))| ends[0].max(ends[1]));
    let Some(&(line, ([a, b], _))) = largest else {
        return Err((1, "the file is empty".to_string()));
    };
    let units = a.max(b).saturating_add(1).saturating_sub(base as usize);
    check_units(line, units)?;
    let list = edges.into_iter();
    let list = list.map(|(line, edge)| counted(line, edge, units, base));
    let reason = if base == 0 {
        "occurs"
    } else {
        "does not occur"
    };
    Ok(Terms {
        format: "COO list".into(),
        units,
        pairs: match own {
            Some(_) => Pairs::Sum,
            None => Pairs::Graph,
        },
        list: list.collect::<Result<_, _>>()?,
        notes: vec![format!(
            "no heading: {units} spins, counted from {base} as vertex 0 {reason}"
        )],
        base,
    })
}

/// Three numbers in the first line may be a heading of another format (vertices, edges, and something else) as well as an
/// edge; where both are possible, neither is taken.
fn refuse_heading_of_three(edges: &[(Line<'_>, ([usize; 2], f64))]) -> Result<(), Wrong> {
    let Some(((line, ([vertices, count], _)), rest)) = edges.split_first() else {
        return Ok(());
    };
    let within =
        |(_, (ends, _)): &(Line<'_>, ([usize; 2], f64))| ends.iter().all(|end| end <= vertices);
    if *vertices < 2 || *count == 0 || *count != rest.len() || !rest.iter().all(within) {
        return Ok(());
    }
    Err(line.error(format!(
        "these numbers may be a heading ({vertices} vertices, {count} edges) or an edge; expected a heading of two numbers, \
         or a first edge that is no heading"
    )))
}

/// Vertices are counted from 1, unless vertex 0 occurs.
fn base<'a>(mut edges: impl Iterator<Item = &'a ([usize; 2], f64)>) -> u32 {
    u32::from(!edges.any(|(ends, _)| ends.contains(&0)))
}

pub(super) fn check_units(line: Line<'_>, units: usize) -> Result<(), Wrong> {
    if (2..=MAX_SPINS).contains(&units) {
        return Ok(());
    }
    Err(line.error(format!("expected 2 to {MAX_SPINS} vertices, not {units}")))
}

/// An edge's vertices as they are written, and its weight, 1 if there is none.
fn edge(line: Line<'_>) -> Result<([usize; 2], f64), Wrong> {
    edge_of(line, line.words())
}

/// The same of some of a line's words.
pub(super) fn edge_of<'a>(
    line: Line<'a>,
    mut words: impl Iterator<Item = &'a str>,
) -> Result<([usize; 2], f64), Wrong> {
    let mut vertex = || words.next().and_then(|word| word.parse::<usize>().ok());
    let (Some(a), Some(b)) = (vertex(), vertex()) else {
        return Err(line.wrong(EDGE));
    };
    let weight = match words.next() {
        None => 1.0,
        Some(word) => line.weight(word, EDGE)?,
    };
    match words.next() {
        None => Ok(([a, b], weight)),
        Some(_) => Err(line.wrong(EDGE)),
    }
}

/// A term of vertices that were counted from `base`.
pub(super) fn counted(
    line: Line<'_>,
    (ends, weight): ([usize; 2], f64),
    units: usize,
    base: u32,
) -> Result<Term, Wrong> {
    let (first, last) = (base as usize, units - 1 + base as usize);
    if let Some(end) = ends.iter().find(|end| !(first..=last).contains(*end)) {
        return Err(line.error(format!("expected vertices {first} to {last}, not {end}")));
    }
    Ok(Term {
        line: line.number,
        ends: ends.map(|end| (end - first) as u32),
        weight,
    })
}
