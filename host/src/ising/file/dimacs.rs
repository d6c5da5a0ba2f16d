//! Graphs of the DIMACS challenges: `p edge vertices edges`, then `e i j [weight]`.

use std::collections::HashSet;

use super::edge_list::{check_units, counted, edge_of};
use super::terms::{Pairs, Term, Terms};
use super::text::{Wrong, lines};

/// Kinds of problems whose lines are edges.
const KINDS: [&str; 5] = ["edge", "col", "cut", "maxcut", "graph"];

/// Reads a graph.
pub(super) fn parse(text: &str) -> Result<Terms, Wrong> {
    const HEADING: &str = "`p edge`, the numbers of vertices and of edges";
    let mut lines = lines(text);
    let Some(first) = lines.next() else {
        return Err((1, "the file is empty".to_string()));
    };
    let words: Vec<_> = first.words().collect();
    let (kind, units, count) = match words.as_slice() {
        &["p", kind, units, count] => (kind, units.parse(), count.parse::<usize>()),
        _ => return Err(first.wrong(HEADING)),
    };
    let (Ok(units), Ok(count), true) = (units, count, KINDS.contains(&kind)) else {
        return Err(first.wrong(HEADING));
    };
    check_units(first, units)?;
    let (mut list, mut last) = (Vec::new(), first.number);
    for line in lines {
        let mut words = line.words();
        if words.next() != Some("e") {
            return Err(line.wrong("`e`, two vertices and a weight"));
        }
        list.push(counted(line, edge_of(line, words)?, units, 1)?);
        last = line.number;
    }
    let found = list.len();
    let listed: HashSet<_> = list.iter().map(|term| term.ends).collect();
    let mirrored = || {
        list.iter()
            .all(|&Term { ends: [i, j], .. }| listed.contains(&[j, i]))
    };
    // Some files announce edges and list each in both directions.
    if found != count && !(found == 2 * count && mirrored()) {
        let line = first.number;
        return Err((
            last,
            format!("the file holds {found} edges where line {line} announces {count}"),
        ));
    }
    Ok(Terms {
        format: format!("DIMACS {kind}"),
        units,
        pairs: Pairs::Graph,
        list,
        notes: vec![],
        base: 1,
    })
}
