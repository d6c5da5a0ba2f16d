use std::fs;
use std::io::Write;

use super::*;
use crate::data::GreyLevels;
use crate::npy::{Header, Kind};

/// A file of that name and content.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(name);
    fs::write(&path, bytes).unwrap();
    (place, path)
}

fn read_with(name: &str, bytes: &[u8], options: &TableOptions) -> Result<Table, DataError> {
    let (_place, path) = file(name, bytes);
    Table::read(&path, options)
}

fn csv(text: &str) -> Result<Table, DataError> {
    read_with("t.csv", text.as_bytes(), &TableOptions::default())
}

/// The entries as levels; -1 where they are missing.
fn entries(table: &Table) -> Vec<i32> {
    let all = (0..table.count()).flat_map(|row| (0..table.units()).map(move |unit| (row, unit)));
    all.map(|(row, unit)| table.entry(row, unit).map_or(-1, i32::from))
        .collect()
}

/// Asserts that reading fails with one line that names the file and has all of `words`.
fn refused(result: Result<Table, DataError>, words: &[&str]) {
    let error = result.unwrap_err().to_string();
    assert!(
        words.iter().all(|word| error.contains(word)),
        "{words:?}: {error}"
    );
    assert!(!error.contains(char::is_control), "{error}");
}

#[test]
fn films_have_genres_and_some_likes_are_not_known() {
    let table = Table::read(Path::new(FILMS), &TableOptions::default()).unwrap();
    assert_eq!((table.count(), table.units()), (400, 24));
    assert!(table.missing() > 0 && table.notes.is_empty());
    let columns = table.columns.as_ref().unwrap();
    let genre = |name: &String| name.split_once('(').unwrap().1.to_owned();
    let of_one_genre = |films: &[String]| films.iter().all(|film| genre(film) == genre(&films[0]));
    assert!(columns.chunks(6).all(of_one_genre));
    assert_eq!(table.row_names.as_ref().unwrap().1[399], "viewer 400");
    let data = table.into_dataset(Holdout::default()).unwrap();
    let counts = (data.train.images.count(), data.test.images.count());
    assert_eq!((counts, data.held_out), ((360, 40), HeldOut::Last));
}

#[test]
fn names_labels_and_missing_entries_are_told_apart() {
    let table = csv("who,a,label,b\nann,1,3,0\nbob, ?,0,NA\ncyd,0.0,255,true\n").unwrap();
    assert_eq!(table.columns.as_deref().unwrap(), ["a", "b"]);
    assert_eq!(table.labels.as_deref().unwrap(), [3, 0, 255]);
    let (heading, names) = table.row_names.as_ref().unwrap();
    assert_eq!(heading, "who");
    assert_eq!(names[..], ["ann", "bob", "cyd"]);
    assert_eq!(entries(&table), [255, 0, -1, -1, 0, 255]);
    assert_eq!((table.missing(), table.known()), (2, Some(&[3, 0, 3][..])));
    let note = "t.csv: names from line 1, row names from column 'who', labels from column 'label'";
    assert!(table.notes[0].ends_with(note), "{:?}", table.notes);
    let plain = csv("1,0\n0,?\n").unwrap();
    assert_eq!((plain.count(), plain.column(1)), (2, "2".into()));
    assert!(plain.columns.is_none() && plain.notes.is_empty());
    assert_eq!(csv("a\n1\n0\n").unwrap().count(), 2);
    let alone = csv("ann,1\nbob,0\n").unwrap();
    assert_eq!((alone.units(), alone.row_names.unwrap().1.len()), (1, 2));
}

#[test]
fn a_table_is_images_of_one_row_and_what_is_missing_is_as_grey_as_its_column() {
    let data = csv("a,b\n1,0\n1,1\n0,?\n?,?\n").unwrap();
    let data = data.into_dataset(Holdout::default()).unwrap();
    assert_eq!(data.train.images.pixels(), [255, 0, 255, 255, 0, 128]);
    assert_eq!(data.train.known.as_deref(), Some(&[3, 3, 1][..]));
    assert_eq!(data.test.images.pixels(), [170, 128]);
    assert_eq!(data.test.known.as_deref(), Some(&[0][..]));
    let text = data.to_string();
    assert!(text.ends_with(
        "3 rows to train, the last 1 to test, 2 columns, not labelled, some entries missing"
    ));
    let all = csv("1\n0\n").unwrap().into_dataset(Holdout::None).unwrap();
    assert_eq!((&all.train, all.held_out), (&all.test, HeldOut::None));
    assert!(all.to_string().contains("2 rows, none held out, 1 columns"));
    let error = csv("1\n").unwrap().into_dataset(Holdout::default());
    assert!(matches!(error, Err(DataError::TooFew { count: 1, .. })));
}

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

/// An array of `numbers` in C order.
fn array(kind: Kind, size: usize, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let mut bytes = Header::c_order(kind, size, shape).to_bytes();
    bytes.extend(data);
    bytes
}

fn npy(bytes: &[u8]) -> Result<Table, DataError> {
    read_with("t.npy", bytes, &TableOptions::default())
}

#[test]
fn arrays_of_every_kind_are_read() {
    let expected = [1, 0, 0, 1, 1, 1].map(|bit| 255 * bit);
    let numbers = [1_u8, 0, 0, 1, 1, 1];
    let wide =
        |bytes: fn(u8) -> Vec<u8>| -> Vec<u8> { numbers.into_iter().flat_map(bytes).collect() };
    for (kind, size, data) in [
        (Kind::Bool, 1, numbers.to_vec()),
        (Kind::Unsigned, 1, numbers.to_vec()),
        (
            Kind::Signed,
            8,
            wide(|x| i64::from(x).to_le_bytes().to_vec()),
        ),
        (
            Kind::Float,
            2,
            wide(|x| (u16::from(x) * 0x3c00).to_le_bytes().to_vec()),
        ),
        (
            Kind::Float,
            4,
            wide(|x| f32::from(x).to_le_bytes().to_vec()),
        ),
        (
            Kind::Float,
            8,
            wide(|x| f64::from(x).to_le_bytes().to_vec()),
        ),
    ] {
        let table = npy(&array(kind, size, &[2, 3], &data)).unwrap();
        assert_eq!(
            (table.picture, entries(&table)),
            ((1, 3), expected.to_vec()),
            "{kind:?}"
        );
    }
    let of = |big_endian, fortran_order, kind, size, data: &[u8]| {
        let header = Header {
            big_endian,
            fortran_order,
            ..Header::c_order(kind, size, &[2, 3])
        };
        npy(&[&header.to_bytes()[..], data].concat()).unwrap()
    };
    let big = wide(|x| i16::from(x).to_be_bytes().to_vec());
    assert_eq!(entries(&of(true, false, Kind::Signed, 2, &big)), expected);
    assert_eq!(
        entries(&of(false, true, Kind::Unsigned, 1, &[1, 1, 0, 1, 0, 1])),
        expected
    );
    for shape in [&[1, 3, 2][..], &[1, 3, 2, 1], &[1, 1, 3, 2]] {
        let table = npy(&array(Kind::Unsigned, 1, shape, &numbers)).unwrap();
        assert_eq!((table.picture, table.count()), ((3, 2), 1));
    }
    let floats = [1.0, f64::NAN, -1.0, 1.0].map(f64::to_le_bytes).concat();
    let table = npy(&array(Kind::Float, 8, &[2, 2], &floats)).unwrap();
    assert_eq!(entries(&table), [255, -1, 0, 255]);
    assert_eq!(table.known(), Some(&[1, 3][..]));
    let grey = npy(&array(Kind::Unsigned, 1, &[2, 1, 2], &[0, 16, 3, 5])).unwrap();
    assert_eq!(
        (entries(&grey), grey.range.unwrap().white()),
        (vec![0, 255, 48, 80], 16.0)
    );
}

/// Case 31 and its kind.
#[test]
fn what_is_wrong_with_an_array_is_named() {
    let ones = [1; 6];
    let u1 = |shape: &[usize], data: &[u8]| array(Kind::Unsigned, 1, shape, data);
    let with_shape = |shape: &str| {
        let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat()
    };
    for (bytes, words) in [
        (vec![], "NumPy"),
        (b"no array, but some text".to_vec(), "NumPy"),
        (u1(&[2, 3], &ones)[..20].to_vec(), "NumPy"),
        (u1(&[2, 3], &ones[..5]), "cut short"),
        (u1(&[2, 3], &[1; 7]), "more"),
        (u1(&[6], &ones), "2 axes"),
        (u1(&[1, 2, 3, 1, 1], &ones), "2 axes"),
        (u1(&[0, 3], &[]), "1 to 536870912 entries"),
        (u1(&[99_999_999, 99_999], &ones), "1 to 536870912 entries"),
        (u1(&[20_000, 20_000], &ones), "cut short"),
        (
            u1(&[2, 3], &[1, 1, 1, 1, 2, 1]),
            "row 1, element 1 (from 0): expected 0 or 1",
        ),
        (
            array(Kind::Float, 4, &[1, 1], &f32::INFINITY.to_le_bytes()),
            "finite",
        ),
        (with_shape(&"\0".repeat(24)), "the size of an axis"),
        (with_shape("9223372036854775807, 2, 3"), "fits in memory"),
    ] {
        refused(npy(&bytes), &["t.npy: ", words]);
    }
    let mut options = TableOptions {
        header: Some(true),
        ..TableOptions::default()
    };
    refused(
        read_with("t.npy", &u1(&[2, 3], &ones), &options),
        &["options.header"],
    );
    options.header = None;
    options.labels = LabelSource::named("y");
    refused(
        read_with("t.npy", &u1(&[2, 3], &ones), &options),
        &["options.labels", "'y'"],
    );
}

#[test]
fn an_archive_holds_one_array_or_its_name_is_asked_for() {
    let archive = |arrays: &[(&str, &[u8])], method| {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        for (name, data) in arrays {
            writer.start_file(*name, options).unwrap();
            writer
                .write_all(&array(Kind::Unsigned, 1, &[1, 3], data))
                .unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let [x, y] = [[1, 0, 1], [0, 0, 1]];
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        let (_one, only) = file("t.npz", &archive(&[("x.npy", &x), ("readme", &y)], method));
        let options = TableOptions::default();
        assert_eq!(
            entries(&Table::read(&only, &options).unwrap()),
            [255, 0, 255]
        );
        let (_two, both) = file(
            "t.npz",
            &archive(&[("x.npy", &x), ("y\u{1b}.npy", &y)], method),
        );
        refused(
            Table::read(&both, &options),
            &["found x, y\\u{1b}", "t.npz:NAME"],
        );
        let named =
            |name: &str| Table::read(&both.with_file_name(format!("t.npz:{name}")), &options);
        assert_eq!(entries(&named("y\u{1b}").unwrap()), [0, 0, 255]);
        refused(named("z"), &["one of its arrays x, y", "'z'"]);
        let whole = fs::read(&both).unwrap();
        refused(
            read_with("t.npz", &whole[..whole.len() - 30], &options),
            &["ZIP"],
        );
    }
    refused(
        read_with("t.npz", b"text", &TableOptions::default()),
        &["NumPy"],
    );
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
