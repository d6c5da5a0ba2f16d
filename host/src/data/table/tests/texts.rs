//! Tables of text: every spelling, separator and kind of number; and how errors name the cell.

use std::io::Write;
use std::path::Path;

use super::{csv, entries, file, read_with, refused};
use crate::data::GreyRange;
use crate::data::table::{Table, TableOptions};

/// Cases 06, 07 and 14: every spelling of a missing entry, every separator, and first columns of values.
#[test]
fn texts_of_every_kind_are_read() {
    for missing in ["", "?", "NaN", "nan", "NA", "na", "N/A", "null", "NULL"] {
        let table = csv(&format!("a,b\n1,{missing}\n{missing},0\n")).unwrap();
        assert_eq!(entries(&table), [255, -1, -1, 0], "{missing:?}");
        let first = csv(&format!("1,0\n{missing},0\n")).unwrap();
        assert_eq!(entries(&first), [255, 0, -1, 0], "{missing:?}");
    }
    for separator in [",", ";", "\t", ", ", " , "] {
        for end in ["\n", "\r\n", "\r"] {
            for (start, last) in [("", ""), ("\u{feff}", separator)] {
                let lines = ["a b,c", "1,0", "0,1"].map(|line| line.replace(',', separator) + last);
                let table = csv(&(start.to_owned() + &lines.join(end))).unwrap();
                assert_eq!(entries(&table), [255, 0, 0, 255], "{lines:?} {end:?}");
                assert_eq!(table.columns.as_deref().unwrap(), ["a b", "c"]);
                assert_eq!(
                    table.notes[0].contains("separator at the end"),
                    !last.is_empty()
                );
            }
        }
    }
    let saved = csv("1.000000000000000000e+00 0.0e+00\n0.0e+00 1.0e+00\n").unwrap();
    assert_eq!(entries(&saved), [255, 0, 0, 255]);
    for (first, level) in [("True", 255), ("false", 0), ("1.0", 255)] {
        let table = csv(&format!("a,b\n{first},1\n0,0\n")).unwrap();
        assert_eq!(entries(&table), [level, 255, 0, 0]);
        assert!(table.row_names.is_none());
    }
    let quoted = csv("\"a, b\",\"say \"\"c\"\"\"\n\"1\",0\n0,1\n").unwrap();
    assert_eq!(quoted.columns.unwrap(), ["a, b", "say \"c\""]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"a\tb\n1\t0\n").unwrap();
    let table = read_with(
        "t.tsv.gz",
        &packed.finish().unwrap(),
        &TableOptions::default(),
    );
    assert_eq!(entries(&table.unwrap()), [255, 0]);
}

/// Case 08: a wrong cell is an error in the first row and in the first column as anywhere else.
#[test]
fn what_is_wrong_with_a_text_is_named() {
    for (text, words) in [
        ("", &["no line"][..]),
        ("a,b\n", &["below the names"]),
        (
            "1,0\n2,0\n",
            &["line 2, column 1", "'2'", "options.grey = "],
        ),
        ("1,0\n0,7\n", &["line 2, column 2: expected 0 or 1", "'7'"]),
        ("1,x\n0,1\n", &["line 1, column 2", "'x'", "options.header"]),
        (
            "x,1\n0,1\n1,0\n",
            &["line 1, column 1", "'x'", "options.row_names"],
        ),
        (
            "a,b\nx,1\n0,1\n",
            &["line 2, column 1", "'x'", "options.row_names = 1"],
        ),
        ("a,b\n0,1\nx,1\n", &["line 3, column 1", "'x'"]),
        ("a,b\n?,1\nx,1\n", &["line 3, column 1", "'x'"]),
        ("a,b\n0,1\n1,x\n", &["line 3, column 2", "'x'"]),
        (
            "a,b\n0.5,1\n1,1\n",
            &["line 2, column 1", "'0.5'", "options.grey = 0..1"],
        ),
        (
            "who,a\nann,1\nann,0\n",
            &["line 3, column 1", "'ann' again", "options.row_names = 1"],
        ),
        (
            ",a\n0,1\n1,1\n",
            &["column 1 has no name", "options.row_names = none"],
        ),
        (
            "id,a\n1,1\n2,0\n3,0\n",
            &["column 1 counts the rows", "options.row_names"],
        ),
        (
            "0,1,2\n0,1,1\n",
            &["line 1", "options.header = true", "options.header = false"],
        ),
        ("1,0\n1\n", &["line 2: expected 2 cells", "found 1"]),
        ("1,0\n1,0,\n", &["line 2: expected 2 cells", "found 3"]),
        ("1,0\n\n1,1\n", &["line 2", "an empty line"]),
        ("who\nann\n", &["line 2, column 1", "'ann'"]),
        ("label\n3\n", &["column of entries"]),
        (
            "label,a\n3,1\n256,1\n",
            &["line 3, column 1", "a label, 0 to 255", "'256'"],
        ),
        (
            "label,a\n3,1\n,1\n",
            &["line 3, column 1", "a label, 0 to 255"],
        ),
        ("1,0\ninf,0\n", &["line 2, column 1", "'inf'"]),
        (
            "0,1\n-1,1\n",
            &[
                "line 2, column 1: expected 0 or 1 as in line 1, column 1",
                "'-1'",
            ],
        ),
        ("1,0\n\u{1b}[2Jx\u{0},0\n", &["zero bytes"]),
        ("1,0\n0,\u{1b}[2J\n", &["'\\u{1b}[2J'"]),
        ("1,0\n\"1,0\n", &["line 2", "closing quote"]),
    ] {
        let mut words = words.to_vec();
        words.push("t.csv: ");
        refused(csv(text), &words);
    }
    let options = TableOptions::default();
    refused(
        read_with("t.csv", b"1\n\xff", &options),
        &["line 2", "UTF-8"],
    );
    refused(
        read_with("t.csv", b"\xff\xfe1\0\n\0", &options),
        &["UTF-8", "UTF-16"],
    );
    refused(
        Table::read(Path::new("nowhere.csv"), &options),
        &["nowhere.csv"],
    );
    refused(read_with("t.csv", b"\x1f\x8bnonsense", &options), &["gzip"]);
}

#[test]
fn spins_and_grey_levels_are_taken_and_said() {
    let spins = csv("a,b\n1,-1\n-1,?\n+1,1\n").unwrap();
    assert_eq!(entries(&spins), [255, 0, 0, -1, 255, 255]);
    assert!(spins.range.is_none() && spins.notes[1].contains("-1 and +1"));
    let bytes = csv("0,255\n128,7\n").unwrap();
    assert_eq!(
        (entries(&bytes), bytes.range),
        (vec![0, 255, 128, 7], Some(GreyRange::BYTES))
    );
    assert!(bytes.notes[0].contains("grey levels from 0 to 255"));
    let shares = csv("0.5,1\n0,0.25\n").unwrap();
    assert_eq!(entries(&shares), [128, 255, 0, 64]);
    let (_one, first) = file("one.csv", b"0,1\n1,1\n");
    let (_two, second) = file("two.csv", b"0,-1\n1,1\n");
    let options = TableOptions::default();
    let table = Table::read(&first, &options).unwrap();
    refused(
        table.read_like(&second, &options),
        &["two.csv", "expected 0 or 1", "'-1'"],
    );
    let (_three, third) = file("three.csv", b"0,1,1\n");
    refused(table.read_like(&third, &options), &["1 x 2", "1 x 3"]);
    assert_eq!(
        entries(&bytes.read_like(&first, &options).unwrap()),
        [0, 1, 1, 1]
    );
}
