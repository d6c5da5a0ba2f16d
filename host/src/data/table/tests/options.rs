//! What options decide: names, levels and separators, and where the labels are.

use std::fs;

use super::{array, csv, entries, file, read_with, refused};
use crate::data::table::{ColumnName, LabelSource, RowNames, Separator, Table, TableOptions};
use crate::data::{GreyLevels, GreyRange};
use crate::npy::Kind;

#[test]
fn options_decide_what_is_not_certain() {
    let with = |text: &str, change: fn(&mut TableOptions)| {
        let mut options = TableOptions::default();
        change(&mut options);
        read_with("t.csv", text.as_bytes(), &options)
    };
    let counted = "0,1,2\n0,1,1\n";
    let named = with(counted, |o| o.header = Some(true)).unwrap();
    assert_eq!(named.columns.unwrap(), ["0", "1", "2"]);
    refused(
        with(counted, |o| o.header = Some(false)),
        &["line 1, column 3", "'2'"],
    );
    let mixed = with("K,Na,Cl\n1,0,1\n", |o| o.header = Some(true)).unwrap();
    assert_eq!(mixed.columns.unwrap(), ["K", "Na", "Cl"]);
    refused(
        with("a,b\n1,0\n", |o| o.header = Some(false)),
        &["line 1, column 2", "'b'"],
    );
    let names = |name: &str| Some(RowNames::Column(ColumnName(name.into())));
    let twice = "who,a\nann,1\nann,0\n";
    for column in ["1", "who"] {
        let options = TableOptions {
            row_names: names(column),
            ..TableOptions::default()
        };
        let table = read_with("t.csv", twice.as_bytes(), &options).unwrap();
        assert_eq!(table.row_names.unwrap().1, ["ann", "ann"]);
    }
    let index = ",a\n0,1\n1,1\n";
    let values = with(index, |o| o.row_names = Some(RowNames::None)).unwrap();
    assert_eq!(entries(&values), [0, 255, 255, 255]);
    let frame = csv(",a\n0,1\n1,1\n2,0\n").unwrap();
    assert_eq!(frame.row_names.unwrap().1, ["0", "1", "2"]);
    refused(
        with(twice, |o| o.row_names = Some(RowNames::None)),
        &["line 2, column 1", "'ann'"],
    );
    let absent = with(twice, |o| o.row_names = "x\n".parse().ok());
    refused(absent, &["options.row_names", "1 to 2", "who, a", "'x\\n'"]);
    let grey = with("1,0\n7,0\n", |o| {
        o.grey = GreyLevels::In(GreyRange::new(0.0, 7.0).unwrap())
    })
    .unwrap();
    assert_eq!(entries(&grey), [36, 0, 255, 0]);
    let outside = with("1,0\n9,0\n", |o| {
        o.grey = GreyLevels::In(GreyRange::new(0.0, 7.0).unwrap())
    });
    refused(outside, &["line 2, column 1", "0 to 7", "'9'"]);
    let classes = with("a,y,b\n1,2,0\n", |o| o.labels = LabelSource::named("y")).unwrap();
    assert_eq!(
        (classes.labels.unwrap(), classes.columns.unwrap()),
        (vec![2], vec!["a".into(), "b".into()])
    );
    let cut = with("a;b,c\n1;0,1\n", |o| {
        o.separator = Some(Separator::Byte(b','))
    });
    refused(cut, &["'1;0'"]);
}

#[test]
fn labels_are_in_a_file_of_their_own_or_in_a_column() {
    let (place, table) = file("t.csv", b"1,0\n0,1\n1,1\n");
    let read = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        let labels = LabelSource::named(path.to_str().unwrap());
        assert_eq!(labels, LabelSource::File(path));
        let options = TableOptions {
            labels,
            ..TableOptions::default()
        };
        Table::read(&table, &options)
    };
    for (name, bytes) in [
        ("y.npy", array(Kind::Unsigned, 1, &[3], &[7, 0, 9])),
        ("y.npy", array(Kind::Signed, 1, &[3, 1], &[7, 0, 9])),
        ("y.csv", b"7\n0\n9\n".to_vec()),
        ("y.txt", b"class\n7.0\n0\n9\n\n".to_vec()),
    ] {
        assert_eq!(read(name, &bytes).unwrap().labels.unwrap(), [7, 0, 9]);
    }
    for (name, bytes, words) in [
        (
            "y.npy",
            array(Kind::Unsigned, 1, &[2], &[7, 0]),
            &["y.npy", "3 labels", "found 2"][..],
        ),
        (
            "y.npy",
            array(Kind::Signed, 1, &[3], &[7, 0, 255]),
            &["row 2", "0 to 255", "-1"],
        ),
        (
            "y.npy",
            array(Kind::Unsigned, 1, &[1, 3], &[7, 0, 9]),
            &["1 axis", "(1, 3)"],
        ),
        (
            "y.csv",
            b"7\n0.5\n9\n".to_vec(),
            &["y.csv: line 2", "'0.5'"],
        ),
        ("y.csv", b"7\n\n9\n".to_vec(), &["line 2", "''"]),
        (
            "y.csv",
            b"7,1\n0,1\n9,1\n".to_vec(),
            &["one column, found 2"],
        ),
    ] {
        refused(read(name, &bytes), words);
    }
}
