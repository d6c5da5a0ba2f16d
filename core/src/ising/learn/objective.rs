//! Objectives that need no thermal average.

/// The sampler-free objectives. Each is a sum over the visible spins i of a function of the margin
/// m_i = (ln p(v) - ln p(v with spin i turned over)) / 2, which is s_i (h_i + sum_j w_ij s_j) where nothing is hidden:
/// by how much the model prefers the data to their neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// -sum_i ln p(s_i | other spins) = sum_i ln(1 + exp(-2 m_i)) (Besag 1975).
    PseudoLikelihood,
    /// sum_i g(p(v) / p(v turned at i))^2 with g(u) = 1 / (1 + u), which is score matching for bits: sum_i
    /// 1 / (1 + exp(2 m_i))^2 (Hyvärinen 2007, *Some extensions of score matching*, equation 17).
    RatioMatching,
    /// Minimum probability flow along single flips, sum_i exp((E(v) - E(v turned at i)) / 2) = sum_i exp(-m_i)
    /// (Sohl-Dickstein, Battaglino and DeWeese 2011). Flow from one observed state to another counts as well, so that the
    /// objective stays consistent where every state has been observed.
    Flow,
}

impl Objective {
    /// The objective's share of one spin.
    #[must_use]
    pub fn loss(self, margin: f64) -> f64 {
        match self {
            Self::PseudoLikelihood => {
                let fall = libm::log1p(libm::exp(-2.0 * margin.abs()));
                fall - 2.0 * margin.min(0.0)
            }
            Self::RatioMatching => {
                let against = sigmoid(-2.0 * margin);
                against * against
            }
            Self::Flow => libm::exp(-margin),
        }
    }

    /// How fast the share falls with the margin, -d loss / d margin: 0 or more.
    #[must_use]
    pub fn pull(self, margin: f64) -> f64 {
        let against = sigmoid(-2.0 * margin);
        match self {
            Self::PseudoLikelihood => 2.0 * against,
            Self::RatioMatching => 4.0 * against * against * sigmoid(2.0 * margin),
            Self::Flow => libm::exp(-margin),
        }
    }
}

/// 1 / (1 + e^-x) with a small relative error on both sides.
fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulls_are_the_derivatives_of_losses() {
        for objective in [
            Objective::PseudoLikelihood,
            Objective::RatioMatching,
            Objective::Flow,
        ] {
            for margin in [-6.0, -1.3, -1e-3, 0.0, 0.4, 2.0, 9.0] {
                let h = 1e-4;
                let difference =
                    (objective.loss(margin - h) - objective.loss(margin + h)) / (2.0 * h);
                let pull = objective.pull(margin);
                // The central difference errs by h^2/6 times a third derivative, at most eight times the function here.
                let bound = 1e-7 * (pull + objective.loss(margin)) + 1e-11;
                assert!((pull - difference).abs() < bound, "{objective:?} {margin}");
            }
            assert!(objective.loss(-700.0).is_finite() && objective.pull(-700.0).is_finite());
            assert!(objective.loss(1e300) >= 0.0 && objective.pull(1e300) >= 0.0);
        }
    }
}
