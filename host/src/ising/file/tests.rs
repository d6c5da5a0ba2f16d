use bitspin_core::ising::Model;
use bitspin_core::network::Network;

use super::*;
use crate::ising::Lists;

fn taken(text: &str) -> Source {
    parse(text.as_bytes(), Reading::default()).unwrap()
}

fn as_couplings(text: &str) -> Source {
    let reading = Reading {
        convention: Some(Convention::Ising),
        ..Reading::default()
    };
    parse(text.as_bytes(), reading).unwrap()
}

#[test]
fn an_edge_list_is_a_model_whose_energy_tells_the_cut() {
    let found = taken("3 3\n1 2 2\n\n3 2 -1\n1 3\n").couplings;
    assert_eq!(found.edges, [(0, 1, -2.0), (0, 2, -1.0), (1, 2, 1.0)]);
    // Vertex 1 against the others: edges of weights 2 and 1 are cut.
    assert_eq!(found.problem.cut(found.energy(&[0b001])), Some(3.0));
    assert_eq!(taken(&found.to_edge_list().unwrap()).couplings, found);
    let Lists::Narrow(graph) = found.quantised(1.0).unwrap().lists else {
        panic!("small numbers are narrow");
    };
    let mut fields = [0; 3];
    graph.prepare(&[0b001], &mut fields);
    assert_eq!(
        graph.real(graph.energy(&[0b001], &fields)),
        found.energy(&[0b001])
    );
    let file = found.to_file().unwrap();
    assert_eq!(Couplings::of_file(&file).edges, found.edges);
}

/// One triangle of equal weights in every format; of the formats with a diagonal, without one.
#[test]
fn the_same_graph_in_every_format_is_the_same_model() {
    let expected = taken("3 3\n1 2 1\n2 3 1\n1 3 1\n").couplings;
    let banner = "%%MatrixMarket matrix";
    let same = [
        "\u{feff}3 3\n1 2 1\n2 3 1\n1 3 1\n".to_string(),
        "# a graph\r\nc of three\r\n% vertices\r\n3 3\r\n1 2 1 # strong\r\n2\t3  1 % too\r\n1 3 1"
            .into(),
        "3 3\n0 1 1\n1 2 1\n0 2 1\n".into(),
        "3 6\n1 2\n2 1\n1 3\n3 1\n2 3\n3 2\n".into(),
        "1 2 1\n2 3 1\n1 3 1\n".into(),
        "0 1 1\n1 2 1e0\n0 2 1.0\n".into(),
        "c x\np edge 3 3\ne 1 2\ne 2 3\ne 1 3\n".into(),
        "p col 3 3\ne 1 2\ne 2 1\ne 2 3 1\ne 3 2\ne 1 3\ne 3 1\n".into(),
        format!("{banner} coordinate real symmetric\n%\n3 3 3\n2 1 1\n3 2 1\n3 1 1\n"),
        format!("{banner} coordinate pattern symmetric\n3 3 3\n2 1\n3 2\n3 1\n"),
        format!(
            "{banner} coordinate integer general\n3 3 6\n2 1 1\n3 2 1\n3 1 1\n1 2 1\n2 3 1\n1 3 1\n"
        ),
        format!("{banner} coordinate integer general\n3 3 3\n2 1 1\n3 2 1\n3 1 1\n"),
        format!("{banner} array real general\n3 3\n0\n1\n1\n1\n0\n1\n1\n1\n0\n"),
        format!("{banner} array real symmetric\n3 3\n0\n1\n1\n0\n1\n0\n"),
        "%%matrixmarket Matrix Array Integer General\n3 3\n0 0 0\n1 0 0\n1 1 0\n".into(),
    ];
    for text in same {
        assert_eq!(taken(&text).couplings, expected, "{text:?}");
    }
    // What a reader of the file could not know is told.
    let told = |text: &str| taken(text).notes.concat();
    assert_eq!(told("3 3\n1 2 1\n2 3 1\n1 3 1\n"), "");
    assert!(told("3 1\n0 1 1\n").contains("counted from 0"));
    assert!(told("1 2 5\n").contains("2 spins, counted from 1"));
    assert!(told("3 2\n1 2\n2 1\n").contains("both directions"));
    let lower = format!("{banner} array real general\n2 2\n0 1 0 0\n");
    assert!(told(&lower).contains("one direction"));
}

#[test]
fn a_convention_says_what_a_weight_means() {
    let text = "1 1 0.5\n1 2 -3\n";
    let found = as_couplings(text);
    assert_eq!(
        (found.convention, &found.couplings.h, &found.couplings.edges),
        (Convention::Ising, &vec![0.5, 0.0], &vec![(0, 1, -3.0)])
    );
    assert_eq!(found.couplings.problem, Problem::Ising);
    // The sum of the terms is the energy, where dimod says so.
    let spins = taken(&format!("# vartype=SPIN\n{text}"));
    assert_eq!(spins.couplings.energy(&[0b11]), 0.5 - 3.0);
    assert_eq!(spins.couplings.energy(&[0b10]), -0.5 + 3.0);
    let bits = taken(&format!("# vartype=BINARY\n{text}"));
    assert_eq!(bits.convention, Convention::Qubo);
    for (state, energy) in [(0b00, 0.0), (0b01, 0.5), (0b10, 0.0), (0b11, -2.5)] {
        assert_eq!(bits.couplings.objective(&[state]), energy);
    }
    let matrix = "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 0.5\n2 1 -3\n";
    assert_eq!(as_couplings(matrix).couplings, found.couplings);
}

/// x'Qx of all states of five bits, by the terms as they are written.
#[test]
fn a_qubo_keeps_its_own_energies() {
    let terms = [
        (0, 0, -1.5),
        (3, 3, 2.0),
        (4, 4, 0.25),
        (0, 1, 2.0),
        (2, 1, -4.0),
        (1, 4, 0.5),
        (0, 1, 1.0),
    ];
    let lines = terms.map(|(i, j, w)| format!("{i} {j} {w}\n")).concat();
    let found = taken(&format!("c a test\np qubo 0 5 3 4\n{lines}"));
    assert!(
        found.notes[0].contains("1 lines repeat pairs"),
        "{:?}",
        found.notes
    );
    for state in 0..32_u64 {
        let bit = |i: u32| f64::from(state as u32 >> i & 1);
        let energy: f64 = terms.iter().map(|&(i, j, w)| w * bit(i) * bit(j)).sum();
        assert_eq!(found.couplings.objective(&[state]), energy, "{state}");
    }
    // Through a safetensors file too.
    let again = Couplings::of_file(&found.couplings.to_file().unwrap());
    assert_eq!(again, found.couplings);
}

#[test]
fn a_bad_line_is_named() {
    let banner = "%%MatrixMarket matrix";
    let matrix = |rest: &str| format!("{banner} {rest}");
    let cases: Vec<(String, usize, &str)> = [
        ("", 1, "empty"),
        ("# nothing\n", 1, "empty"),
        ("x\n", 1, "numbers of vertices"),
        ("1 0\n", 1, "2 to 65536 vertices, not 1"),
        ("0 0\n", 1, "not 0"),
        ("65537 0\n", 1, "not 65537"),
        ("3 1\n1 4 1\n", 2, "vertices 1 to 3, not 4"),
        ("3 2\n0 1 1\n2 3 1\n", 3, "vertices 0 to 2, not 3"),
        ("3 1\n2 2 1\n", 2, "to itself"),
        (
            "# \n3 2\n1 2 1\n2 1 5\n",
            4,
            "the pair 2 1 is listed already, in line 3",
        ),
        ("3 3\n1 2 1\n1 3 1\n1 2 1\n", 4, "in line 2"),
        ("3 4\n1 2 1\n2 1 1\n1 2 1\n2 1 1\n", 3, "in line 2"),
        ("3 1\n1 2 nan\n", 2, "finite weight, not nan"),
        ("3 1\n1 2 1e999\n", 2, "finite weight, not 1e999"),
        (
            "3 1\n1 2 x\u{1b}[31m\n",
            2,
            "two vertices and a weight, not '1 2 x\\u{1b}[31m'",
        ),
        ("3 1\n1 -2 1\n", 2, "two vertices and a weight"),
        ("3 1\n1 2 1 1\n", 2, "two vertices and a weight"),
        ("3 2\n1 2 1\n", 2, "ends after 1 edges"),
        ("3 1\n1 2 1\n2 3 1\n", 3, "more edges than the 1"),
        (
            "60000 18446744073709551615\n1 2 1\n",
            2,
            "ends after 1 edges",
        ),
        ("1 2 1\n1 2\n", 2, "as in the lines before"),
        ("1 2 1\n1 2 3\n", 2, "listed already"),
        ("1 70000 1\n", 1, "2 to 65536 vertices"),
        ("1 18446744073709551615 1\n", 1, "2 to 65536 vertices"),
        ("0 0 1\n", 1, "not 1"),
        ("3 2 1\n1 2 1\n2 3 1\n", 1, "may be a heading"),
        ("# vartype=COLOUR\n0 1 1\n", 1, "vartype=SPIN"),
        ("3 2\n1 2 1e308\n3 2 1e308\n", 1, "sum is finite"),
        ("p edge 3\n", 1, "`p edge`"),
        ("p max 3 1\na 1 2 1\n", 1, "`p edge`"),
        ("p edge 3 1\n1 2\n", 2, "`e`, two vertices"),
        ("p edge 3 1\ne 0 2\n", 2, "vertices 1 to 3, not 0"),
        (
            "p edge 3 1\ne 1 2\ne 1 3\n",
            3,
            "holds 2 edges where line 1 announces 1",
        ),
        ("p qubo 0 3 1\n0 0 1\n", 1, "`p qubo 0`"),
        ("p qubo 0 3 1 0\n3 3 1\n", 2, "vertices 0 to 2, not 3"),
        (
            "p qubo 0 3 1 1\n0 0 1\n1 1 1\n",
            3,
            "2 diagonals and 0 couplers where line 1 announces 1 and 1",
        ),
    ]
    .into_iter()
    .map(|(text, line, words)| (text.to_string(), line, words))
    .chain([
        (matrix("coordinate complex general\n"), 1, "`real`"),
        (matrix("coordinate real skew-symmetric\n"), 1, "`symmetric`"),
        (
            matrix("coordinate real general\n2 3 0\n"),
            2,
            "square matrix, not 2 x 3",
        ),
        (
            matrix("coordinate real general\n3 3 2\n1 2 1\n"),
            3,
            "holds 1 entries",
        ),
        (
            matrix("coordinate real general\n3 3 1\n1 2\n"),
            3,
            "a row, a column and a number",
        ),
        (
            matrix("coordinate real symmetric\n3 3 2\n1 2 1\n2 1 1\n"),
            4,
            "listed already",
        ),
        (
            matrix("coordinate real general\n3 3 2\n1 2 1\n1 2 1\n"),
            4,
            "listed already",
        ),
        (
            matrix("coordinate real general\n3 3 3\n1 2 1\n2 1 2\n1 3 1\n"),
            3,
            "(1, 2) is 1 but (2, 1) is 2",
        ),
        (
            matrix("array real general\n2 2\n0 1 1\n"),
            3,
            "holds 3 numbers",
        ),
        (
            matrix("array real general\n60000 60000\n0\n"),
            3,
            "has 3600000000",
        ),
    ])
    .collect();
    for (text, line, words) in cases {
        let (found, reason) = parse(text.as_bytes(), Reading::default()).unwrap_err();
        assert!(
            found == line && reason.contains(words),
            "{text:?}: {found}: {reason}"
        );
    }
    let utf16 = parse(&[0xff, 0xfe, b'3', 0], Reading::default());
    assert!(utf16.unwrap_err().1.contains("UTF-8"));
    let reading = Reading {
        convention: Some(Convention::Ising),
        ..Reading::default()
    };
    let own = parse(b"p qubo 0 2 1 0\n0 0 1\n", reading).unwrap_err();
    assert!(
        own.1
            .contains("reading.convention = ising: the file itself says")
    );
}

/// The mean of both directions, where a matrix has both, gives the energy -1/2 s'ws.
#[test]
fn a_general_matrix_may_be_made_symmetric() {
    let text = "%%MatrixMarket matrix coordinate real general\n3 3 3\n1 2 1\n2 1 2\n1 3 1\n";
    let reading = Reading {
        symmetrise: true,
        convention: Some(Convention::Ising),
    };
    let found = parse(text.as_bytes(), reading).unwrap().couplings;
    assert_eq!(found.edges, [(0, 1, 1.5), (0, 2, 0.5)]);
}

/// Mutations of good files never panic, and end in one line.
#[test]
fn damaged_files_end_in_one_line() {
    let files = [
        "3 3\n1 2 2\n\n3 2 -1\n1 3\n",
        "# vartype=SPIN\n0 0 0.5\n0 1 -3\n",
        "p edge 3 2\ne 1 2\ne 1 3 4\n",
        "p qubo 0 3 1 1\n0 0 1\n0 1 -2\n",
        "%%MatrixMarket matrix coordinate real general\n3 3 3\n1 2 1\n2 1 2\n1 3 1\n",
        "%%MatrixMarket matrix array real symmetric\n2 2\n0 1 0\n",
    ];
    let mut random = crate::validate::Random::new(5);
    for file in files {
        for _ in 0..400 {
            let mut bytes = file.as_bytes().to_vec();
            for _ in 0..1 + random.bits32() % 3 {
                let at = random.bits32() as usize % bytes.len();
                bytes[at] = b"0123456789 -\n\r#%cpe.\xff\0"[random.bits32() as usize % 22];
            }
            if let Err((line, reason)) = parse(&bytes, Reading::default()) {
                assert!(line >= 1 && reason.lines().count() == 1, "{reason:?}");
                assert!(!reason.chars().any(char::is_control), "{reason:?}");
            }
        }
    }
}

#[test]
fn numbers_are_rounded_to_what_fits() {
    const LIMIT: f64 = 4_194_304.0;
    let mut model = taken("2 1\n1 2 0.75\n").couplings;
    assert_eq!(model.fraction_bits(LIMIT), Ok(2));
    model.h[0] = 0.1;
    assert!(model.fraction_bits(LIMIT).unwrap() > 20);
    model.h[0] = 1e7;
    assert!(model.fraction_bits(LIMIT).is_err());
}
