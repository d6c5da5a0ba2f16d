//! Which visible units drive a hidden one, by name.

use crate::model_file::RbmParameters;

/// The columns of a table that a hidden unit is tied to most strongly, and its weights to them.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct HiddenUnit {
    /// The unit's number, from 1.
    pub unit: usize,
    /// Names and weights, the largest magnitude first.
    pub columns: Vec<(String, f32)>,
}

/// For every hidden unit, the `most` columns of the largest weights, positive or negative.
///
/// ```
/// use bitspin::{model_file::RbmParameters, report::units::strongest};
/// let (w, visible_bias, hidden_bias) = (vec![0.5, -2.0, 1.0], vec![0.0; 3], vec![0.0]);
/// let model = RbmParameters { visible: 3, hidden: 1, w, visible_bias, hidden_bias };
/// let units = strongest(&model, &["a", "b", "c"].map(String::from), 2);
/// assert_eq!(units[0].to_string(), "hidden unit 1\n   -2.0  b\n   +1.0  c");
/// ```
#[must_use]
pub fn strongest(model: &RbmParameters, names: &[String], most: usize) -> Vec<HiddenUnit> {
    let rows = model.w.chunks_exact(model.visible).enumerate();
    rows.map(|(j, weights)| {
        let mut order: Vec<usize> = (0..weights.len().min(names.len())).collect();
        order.sort_by(|&a, &b| weights[b].abs().total_cmp(&weights[a].abs()));
        let columns = order.into_iter().take(most);
        HiddenUnit {
            unit: j + 1,
            columns: columns.map(|i| (names[i].clone(), weights[i])).collect(),
        }
    })
    .collect()
}

/// A line for the unit and one for each column.
impl std::fmt::Display for HiddenUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "hidden unit {}", self.unit)?;
        for (name, weight) in &self.columns {
            write!(f, "\n{weight:+7.1}  {name}")?;
        }
        Ok(())
    }
}
