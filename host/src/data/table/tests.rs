use std::fs;

use super::*;

fn csv(text: &str) -> Result<Table, DataError> {
    super::csv::parse(text.as_bytes(), Path::new("t.csv"))
}

#[test]
fn films_have_genres_and_some_likes_are_not_known() {
    let table = Table::read(Path::new(FILMS)).unwrap();
    assert_eq!((table.count(), table.units()), (400, 24));
    assert!(table.has_missing());
    let columns = table.columns.as_ref().unwrap();
    let genre = |name: &String| name.split_once('(').unwrap().1.to_owned();
    assert!(
        columns
            .chunks(6)
            .all(|films| films.iter().all(|film| genre(film) == genre(&films[0])))
    );
    assert_eq!(table.row_names.as_ref().unwrap().1[399], "viewer 400");
    let data = table.into_dataset().unwrap();
    assert_eq!(
        (data.train.images.count(), data.test.images.count()),
        (360, 40)
    );
}

#[test]
fn names_labels_and_missing_entries_are_told_apart() {
    let table = csv("who,a,label,b\nann,1,3,0\nbob, ?,0,\ncyd,0.0,255,1.0\n").unwrap();
    assert_eq!(table.columns.as_deref().unwrap(), ["a", "b"]);
    assert_eq!(table.labels.as_deref().unwrap(), [3, 0, 255]);
    let (heading, names) = table.row_names.as_ref().unwrap();
    assert_eq!(
        (heading.as_str(), &names[..]),
        ("who", &["ann", "bob", "cyd"].map(String::from)[..])
    );
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(table.entries, [yes, no, None, None, no, yes]);
    assert_eq!(table.column_counts(), [(1, 2), (1, 2)]);
    assert_eq!(table.known(), [3, 0, 3]);
    let plain = csv("1,0\n0,?\n").unwrap();
    assert_eq!(
        (plain.count(), plain.columns.is_none(), plain.column(1)),
        (2, true, "2".into())
    );
    assert_eq!(csv("a\n1\n0\n").unwrap().count(), 2);
}

#[test]
fn a_table_is_images_of_one_row_and_what_is_missing_is_as_grey_as_its_column() {
    let data = csv("a,b\n1,0\n1,1\n0,?\n?,?\n")
        .unwrap()
        .into_dataset()
        .unwrap();
    assert_eq!(data.train.images.pixels(), [255, 0, 255, 255, 0, 128]);
    assert_eq!(data.train.known.as_deref(), Some(&[3, 3, 1][..]));
    assert_eq!(data.test.images.pixels(), [170, 128]);
    assert_eq!(data.test.known.as_deref(), Some(&[0][..]));
    assert_eq!(
        csv("1\n0\n").unwrap().into_dataset().unwrap().train.known,
        None
    );
}

#[test]
fn what_is_wrong_with_a_csv_file_is_named() {
    for (text, words) in [
        ("", "no line"),
        ("a,b\n", "below the names"),
        ("1,0\n2,0\n", "line 2, column 1"),
        ("1,0\n1\n", "line 2"),
        ("who\nann\n", "column of entries"),
        ("label\n3\n", "column of entries"),
        ("label,a\n3,1\n256,1\n", "a label, 0 to 255"),
        ("a\n0.5\n1\n", "column of entries"),
        ("1,0\nnan,0\n", "'nan'"),
    ] {
        let error = csv(text).unwrap_err().to_string();
        assert!(
            error.starts_with("t.csv: ") && error.contains(words),
            "{text:?}: {error}"
        );
    }
    let error = csv("1\n").unwrap().into_dataset().unwrap_err();
    assert!(matches!(error, DataError::TooFew { count: 1, .. }));
    let bytes = super::csv::parse(&[b'1', b'\n', 0xff][..], Path::new("t.csv"));
    assert!(bytes.unwrap_err().to_string().contains("UTF-8"));
}

/// The bytes of an `.npy` file of version 1.0.
fn npy(kind: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn read_npy(bytes: &[u8]) -> Result<Table, DataError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.npy");
    fs::write(&path, bytes).unwrap();
    Table::read(&path)
}

#[test]
fn arrays_of_every_kind_are_read() {
    let expected = [true, false, false, true, true, true].map(Some);
    let numbers = [1_u8, 0, 0, 1, 1, 1];
    let wide = |bytes: fn(u8) -> Vec<u8>| numbers.iter().flat_map(|&x| bytes(x)).collect();
    let kinds: [(&str, Vec<u8>); 5] = [
        ("|b1", numbers.to_vec()),
        ("|u1", numbers.to_vec()),
        ("<i8", wide(|x| i64::from(x).to_le_bytes().to_vec())),
        (">i2", wide(|x| i16::from(x).to_be_bytes().to_vec())),
        ("<f4", wide(|x| f32::from(x).to_le_bytes().to_vec())),
    ];
    for (kind, data) in &kinds {
        let table = read_npy(&npy(kind, "False", "(2, 3)", data)).unwrap();
        assert_eq!(
            (table.picture, &table.entries[..]),
            ((1, 3), &expected[..]),
            "{kind}"
        );
    }
    let columns = [1_u8, 1, 0, 1, 0, 1];
    let table = read_npy(&npy("|u1", "True", "(2, 3)", &columns)).unwrap();
    assert_eq!(table.entries, expected);
    let pictures = read_npy(&npy("|u1", "False", "(1, 3, 2)", &numbers)).unwrap();
    assert_eq!((pictures.picture, pictures.count()), ((3, 2), 1));
    let mut floats = 1_f64.to_le_bytes().to_vec();
    floats.extend(f64::NAN.to_le_bytes());
    let table = read_npy(&npy("<f8", "False", "(2, 1)", &floats)).unwrap();
    assert_eq!(table.entries, [Some(true), None]);
}

#[test]
fn what_is_wrong_with_an_array_is_named() {
    let ones = [1; 6];
    for (bytes, words) in [
        (vec![], "NumPy"),
        (b"no array, but some text".to_vec(), "NumPy"),
        (npy("|u1", "False", "(2, 3)", &ones)[..20].to_vec(), "NumPy"),
        (npy("|u1", "False", "(2, 3)", &ones[..5]), "cut short"),
        (npy("|u1", "False", "(2, 3)", &[1; 7]), "more"),
        (npy("|u1", "False", "(6,)", &ones), "2 axes"),
        (npy("|u1", "False", "(0, 3)", &[]), "entries"),
        (
            npy("|u1", "False", "(99999999, 99999999)", &ones),
            "entries",
        ),
        (npy("|u1", "False", "(2, 3)", &[2; 6]), "found 2"),
        (npy("|O", "False", "(2, 3)", &ones), "type"),
        (npy("<c8", "False", "(2, 3)", &ones), "type"),
    ] {
        let error = read_npy(&bytes).unwrap_err().to_string();
        assert!(
            error.contains("t.npy: ") && error.contains(words),
            "{words}: {error}"
        );
        assert_eq!(error.lines().count(), 1);
    }
    assert!(Table::read(Path::new("nowhere.csv")).is_err());
}
