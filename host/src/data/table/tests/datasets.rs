//! What a table holds beside its entries, and the data set that it becomes.

use std::path::Path;

use super::{csv, entries};
use crate::data::table::{FILMS, Table, TableOptions};
use crate::data::{DataError, HeldOut, Holdout};

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
