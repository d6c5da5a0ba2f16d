//! Training objectives.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Training objective. The label y is the first categorical group of the visible layer, x are the other visible units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Objective {
    /// ln p(x, y), by contrastive divergence; ln p(x) without a categorical group.
    #[default]
    Generative,
    /// ln p(y|x), exactly.
    Discriminative,
    /// ln p(y|x) + weight * ln p(x, y), with this weight above 0.
    Hybrid(f32),
}

impl Objective {
    /// What the generative and the discriminative gradient are multiplied by; 0 where there is none.
    #[must_use]
    pub fn weights(self) -> (f32, f32) {
        match self {
            Self::Generative => (1.0, 0.0),
            Self::Discriminative => (0.0, 1.0),
            Self::Hybrid(mix) => (mix, 1.0),
        }
    }
}

impl std::fmt::Display for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Generative => f.write_str("generative"),
            Self::Discriminative => f.write_str("discriminative"),
            Self::Hybrid(mix) => write!(f, "hybrid={mix}"),
        }
    }
}

impl FromStr for Objective {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "generative" => Ok(Self::Generative),
            "discriminative" => Ok(Self::Discriminative),
            other => other
                .strip_prefix("hybrid=")
                .and_then(|mix| mix.parse().ok())
                .map(Self::Hybrid)
                .ok_or_else(|| {
                    format!("expected generative, discriminative or hybrid=MIX, not '{other}'")
                }),
        }
    }
}
