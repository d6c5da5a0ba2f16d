//! The parameters that a run starts from, and the groups of their visible layer.

use crate::model_file::{LabelledParameters, RbmParameters};

/// Parameters, and where the categorical groups of the visible layer begin; see [`Groups`](bitspin_core::rbm::Groups).
///
/// Parameters alone have binary units; labelled parameters have one group, the labels.
#[derive(Clone, Debug)]
pub struct Layers<'a> {
    /// The parameters of all visible units.
    pub parameters: &'a RbmParameters,
    /// The first visible unit of every categorical group, ascending.
    pub starts: Vec<usize>,
}

impl<'a> From<&'a RbmParameters> for Layers<'a> {
    fn from(parameters: &'a RbmParameters) -> Self {
        Self {
            parameters,
            starts: Vec::new(),
        }
    }
}

impl<'a> From<&'a LabelledParameters> for Layers<'a> {
    fn from(labelled: &'a LabelledParameters) -> Self {
        Self {
            parameters: &labelled.joint,
            // More classes than units begin nowhere, and are refused with the groups.
            starts: vec![labelled.joint.visible.wrapping_sub(labelled.classes)],
        }
    }
}
