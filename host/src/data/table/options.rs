//! Options of reading a table.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::data::GreyLevels;

/// What decides how a table is read. The default takes names and encodings from the content, where they are certain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOptions {
    /// Whether the first line names the columns; `None` where its content decides.
    pub header: Option<bool>,
    /// Which column names the rows; `None` where the content decides.
    pub row_names: Option<RowNames>,
    /// The separator of cells; `None` where the content decides.
    pub separator: Option<Separator>,
    /// The numbers that stand for black and white.
    pub grey: GreyLevels,
    /// Whether bits are wanted, so that grey levels are refused.
    pub bits: bool,
    /// Where the classes of the rows are: by default in a column called `label`, if there is one.
    pub labels: LabelSource,
}

/// A column by its name or its number from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnName(pub String);

/// Which column names the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowNames {
    /// None does.
    None,
    /// This one does.
    Column(ColumnName),
}

impl FromStr for RowNames {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "none" => Self::None,
            name => Self::Column(ColumnName(name.into())),
        })
    }
}

impl fmt::Display for RowNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Column(ColumnName(name)) => f.write_str(name),
        }
    }
}

/// Where the classes of a table's rows are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabelSource {
    /// In a column called `label`, if there is one.
    #[default]
    ColumnCalledLabel,
    /// In this column.
    Column(ColumnName),
    /// In another file, one class per row.
    File(PathBuf),
}

impl LabelSource {
    /// The source that a user names: a file where there is one of that name or it ends as tables do, else a column.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let path = PathBuf::from(name);
        match super::has_ending(&path) || path.is_file() {
            true => Self::File(path),
            false => Self::Column(ColumnName(name.into())),
        }
    }
}

/// The separator of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// This character.
    Byte(u8),
    /// Spaces and tabs, any number of them, as `numpy.savetxt` writes.
    Space,
}

impl Separator {
    /// The separators that are looked for, with the name of each.
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::Byte(b','), "comma"),
        (Self::Byte(b';'), "semicolon"),
        (Self::Byte(b'\t'), "tab"),
        (Self::Space, "space"),
    ];
}

impl FromStr for Separator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|(separator, name)| {
            let own = match separator {
                Self::Byte(byte) => char::from(*byte).to_string(),
                Self::Space => " ".into(),
            };
            text == *name || text == own
        });
        named.map(|(separator, _)| separator).ok_or_else(|| {
            format!(
                "expected comma, semicolon, tab or space, not '{}'",
                text.escape_debug()
            )
        })
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::ALL.into_iter().find(|(other, _)| other == self);
        f.write_str(named.map_or("another", |(_, name)| name))
    }
}
