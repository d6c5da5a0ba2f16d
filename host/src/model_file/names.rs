//! The names and layouts by which programs write the tensors of an RBM.
//!
//! | program | W | b | c | layout of W |
//! | --- | --- | --- | --- | --- |
//! | the lecture's script, this one | `W` | `v_bias` | `h_bias` | \[hidden, visible\] |
//! | scikit-learn | `components_` | `intercept_visible_` | `intercept_hidden_` | \[hidden, visible\] |
//! | `rbms` | `weight_matrix` | `vbias` | `hbias` | \[visible, hidden\] |
//! | others | `W`, `weight`, `weights`, `weight_matrix` | `v_bias`, `vbias`, `visible_bias` | likewise | by the biases |
//!
//! A module's name and a dot may stand before all three, as in `rbm.W`. The lengths of the biases decide the layout where it
//! is not that of the program; where both layers are of one size and the program is not known, the file is refused.

use safetensors::tensor::SafeTensors;

use super::{HIDDEN_BIAS, ModelProblem, VISIBLE_BIAS, W};
use crate::display::escaped;

/// The names of a program.
struct Scheme {
    /// What the note calls it.
    program: &'static str,
    weights: &'static [&'static str],
    visible_bias: &'static [&'static str],
    hidden_bias: &'static [&'static str],
    layout: Option<Layout>,
}

/// The order of the axes of W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    HiddenFirst,
    VisibleFirst,
}

const SCHEMES: [Scheme; 4] = [
    Scheme {
        program: "",
        weights: &[W],
        visible_bias: &[VISIBLE_BIAS],
        hidden_bias: &[HIDDEN_BIAS],
        layout: Some(Layout::HiddenFirst),
    },
    Scheme {
        program: ", the names of scikit-learn",
        weights: &["components_"],
        visible_bias: &["intercept_visible_"],
        hidden_bias: &["intercept_hidden_"],
        layout: Some(Layout::HiddenFirst),
    },
    Scheme {
        program: ", the names of rbms",
        weights: &["weight_matrix"],
        visible_bias: &["vbias"],
        hidden_bias: &["hbias"],
        layout: Some(Layout::VisibleFirst),
    },
    Scheme {
        program: "",
        weights: &[W, "weight", "weights", "weight_matrix"],
        visible_bias: &[VISIBLE_BIAS, "vbias", "visible_bias"],
        hidden_bias: &[HIDDEN_BIAS, "hbias", "hidden_bias"],
        layout: None,
    },
];

/// The tensors of an RBM in a file, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// What stands before all three names; nothing, or a text that ends with a dot.
    pub(super) prefix: String,
    pub(super) weights: String,
    pub(super) visible_bias: String,
    pub(super) hidden_bias: String,
    program: &'static str,
    layout: Option<Layout>,
}

impl Names {
    /// The lecture's names.
    pub(super) fn lecture() -> Self {
        Self {
            prefix: String::new(),
            weights: W.into(),
            visible_bias: VISIBLE_BIAS.into(),
            hidden_bias: HIDDEN_BIAS.into(),
            program: "",
            layout: Some(Layout::HiddenFirst),
        }
    }

    /// The names that a file has: the lecture's where it has those, else those of the first program that are there; the
    /// lecture's too if there are none.
    pub(super) fn of(tensors: &SafeTensors<'_>) -> Result<Self, ModelProblem> {
        let all = tensors.names();
        let has = |name: &str| all.contains(&name);
        if [W, VISIBLE_BIAS, HIDDEN_BIAS].into_iter().all(has) {
            return Ok(Self::lecture());
        }
        for scheme in &SCHEMES {
            let mut found: Vec<_> = all.iter().flat_map(|name| scheme.at(name, &has)).collect();
            found.sort_by(|a, b| a.weights.cmp(&b.weights));
            let mut found = found.into_iter();
            match (found.next(), found.next()) {
                (None, _) => {}
                (Some(names), None) => return Ok(names),
                (Some(a), Some(b)) => {
                    return Err(ModelProblem::SeveralModels {
                        first: escaped(&a.weights).to_string(),
                        second: escaped(&b.weights).to_string(),
                    });
                }
            }
        }
        Ok(Self::lecture())
    }

    /// Whether these are the lecture's names.
    pub(super) fn is_lecture(&self) -> bool {
        *self == Self::lecture()
    }

    /// The layout of `shape`, of as many visible and hidden units as there are biases; `None` if neither fits.
    pub(super) fn layout(
        &self,
        shape: [usize; 2],
        visible: usize,
        hidden: usize,
    ) -> Result<Option<Layout>, ModelProblem> {
        let fits = |layout| {
            shape
                == match layout {
                    Layout::HiddenFirst => [hidden, visible],
                    Layout::VisibleFirst => [visible, hidden],
                }
        };
        let both = [Layout::HiddenFirst, Layout::VisibleFirst];
        match self.layout {
            Some(layout) if fits(layout) => Ok(Some(layout)),
            None if both.into_iter().all(fits) => Err(ModelProblem::Layout {
                tensor: escaped(&self.weights).to_string(),
                units: hidden,
            }),
            _ => Ok(both.into_iter().find(|&layout| fits(layout))),
        }
    }

    /// What to tell the user of names and layout; nothing of the lecture's own.
    pub(super) fn note(&self, layout: Layout) -> Option<String> {
        if self.is_lecture() && layout == Layout::HiddenFirst {
            return None;
        }
        let shape = match layout {
            Layout::HiddenFirst => "[hidden, visible]",
            Layout::VisibleFirst => "[visible, hidden]",
        };
        Some(format!("{}; W is {shape}{}", self.list(), self.program))
    }

    /// Which tensor is which.
    pub(super) fn list(&self) -> String {
        format!(
            "W is tensor {}, v_bias is {}, h_bias is {}",
            escaped(&self.weights),
            escaped(&self.visible_bias),
            escaped(&self.hidden_bias)
        )
    }
}

impl Scheme {
    /// The names with the prefix of `name`, if it is that of weights and the biases are there.
    fn at(&self, name: &str, has: &impl Fn(&str) -> bool) -> Option<Names> {
        let start = name.rfind('.').map_or(0, |dot| dot + 1);
        let (prefix, last) = name.split_at(start);
        if !self.weights.contains(&last) {
            return None;
        }
        let there = |names: &[&str]| {
            let mut names = names.iter().map(|name| format!("{prefix}{name}"));
            names.find(|name| has(name))
        };
        Some(Names {
            prefix: prefix.to_owned(),
            weights: name.to_owned(),
            visible_bias: there(self.visible_bias)?,
            hidden_bias: there(self.hidden_bias)?,
            program: self.program,
            layout: self.layout,
        })
    }
}
