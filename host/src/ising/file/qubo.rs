//! QUBO files of qbsolv: `p qubo 0 nodes diagonals couplers`, then `i j weight`, vertices counted from 0.

use super::edge_list::{check_units, counted, edge_of};
use super::terms::{Pairs, Terms};
use super::text::{Line, Wrong, lines};

/// Whether a problem line is that of a QUBO.
pub(super) fn announced(line: &Line<'_>) -> bool {
    line.words().nth(1) == Some("qubo")
}

/// Reads a QUBO.
pub(super) fn parse(text: &str) -> Result<Terms, Wrong> {
    let mut lines = lines(text);
    let Some(first) = lines.next() else {
        return Err((1, "the file is empty".to_string()));
    };
    let numbers: Vec<_> = first.words().skip(3).map(str::parse::<usize>).collect();
    let &[Ok(units), Ok(diagonals), Ok(couplers)] = numbers.as_slice() else {
        return Err(first.wrong("`p qubo 0`, the numbers of nodes, of diagonals and of couplers"));
    };
    check_units(first, units)?;
    let (mut list, mut last) = (Vec::new(), first.number);
    for line in lines {
        if line.words().count() != 3 {
            return Err(line.wrong("two vertices and a weight"));
        }
        list.push(counted(line, edge_of(line, line.words())?, units, 0)?);
        last = line.number;
    }
    let own = list.iter().filter(|term| term.ends[0] == term.ends[1]);
    let own = own.count();
    if (own, list.len() - own) != (diagonals, couplers) {
        return Err((
            last,
            format!(
                "the file holds {own} diagonals and {} couplers where line {} announces {diagonals} and {couplers}",
                list.len() - own,
                first.number
            ),
        ));
    }
    Ok(Terms {
        format: "qbsolv QUBO".into(),
        units,
        pairs: Pairs::Sum,
        list,
        notes: vec![],
        base: 0,
    })
}
