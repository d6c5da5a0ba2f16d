//! Results of `bitspin rbm eval`, as JSON and as a table.

use serde::Serialize;

use super::likelihood::Annealed;
use super::mixing::Mixed;
use crate::command::recorded::Preparation;
use crate::command::written::Written;

/// The results; those that were not computed are left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Measured {
    pub(super) visible: usize,
    pub(super) hidden: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<serde_json::Value>,
    #[serde(flatten)]
    pub(super) preparation: Option<Preparation>,
    /// How pixels became bits, in words.
    #[serde(skip)]
    pub(super) pixels: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ln_z: Option<f64>,
    #[serde(rename = "ais", skip_serializing_if = "Option::is_none")]
    pub(super) annealed: Option<Annealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mixing: Option<Mixed>,
    #[serde(flatten)]
    pub(super) train: Option<Train>,
    #[serde(flatten)]
    pub(super) test: Option<Test>,
    /// Reasons to doubt the estimates.
    pub(super) warnings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<Written>,
}

/// Results on training data.
#[derive(Debug, Serialize)]
pub(super) struct Train {
    pub(super) reconstruction_mse: f64,
    pub(super) free_energy: f64,
    pub(super) free_energy_gap: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log_likelihood: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log_likelihood_ais: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log_likelihood_reverse_ais: Option<f64>,
}

/// Results on held-out data.
#[derive(Debug, Serialize)]
pub(super) struct Test {
    pub(super) test_reconstruction_mse: f64,
    pub(super) test_free_energy: f64,
    pub(super) test_free_energy_gap: f64,
    pub(super) test_pseudo_log_likelihood: f64,
    /// Held-out minus training free energy: large where the model overfits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) train_test_free_energy_gap: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood_ais: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood_ais_standard_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood_reverse_ais: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood_reverse_ais_standard_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood_raise: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_log_likelihood_raise_standard_error: Option<f64>,
}

/// The figures as a table.
pub(super) fn table(measured: &Measured) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "RBM of {} visible and {} hidden units\n",
        measured.visible, measured.hidden
    );
    if let Some(data) = &measured.data {
        let _ = writeln!(text, "{data}\n{}", measured.pixels);
    }
    if let Some(ln_z) = measured.ln_z {
        let _ = writeln!(text, "ln Z = {ln_z:.6} (exact)");
    }
    if let Some(annealed) = &measured.annealed {
        text += &annealed.lines();
    }
    let Some(test) = &measured.test else {
        return text;
    };
    // Without a held-out part all rows are measured, as one.
    let train = measured.train.as_ref();
    let mut row = |name: &str, train: Option<f64>, test: Option<f64>, digits: usize| {
        let cell =
            |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.digits$}"));
        let _ = writeln!(text, "{name:<48} {:>14} {:>14}", cell(train), cell(test));
    };
    row("", None, None, 0);
    row(
        "reconstruction error",
        train.map(|train| train.reconstruction_mse),
        Some(test.test_reconstruction_mse),
        5,
    );
    row(
        "mean free energy, nats",
        train.map(|train| train.free_energy),
        Some(test.test_free_energy),
        3,
    );
    row(
        "  held-out minus training",
        None,
        test.train_test_free_energy_gap,
        3,
    );
    row(
        "free-energy gap F(v) - F(v'), nats",
        train.map(|train| train.free_energy_gap),
        Some(test.test_free_energy_gap),
        3,
    );
    row(
        "pseudo-log-likelihood, nats per image",
        None,
        Some(test.test_pseudo_log_likelihood),
        3,
    );
    for (name, train, test) in [
        (
            "",
            train.and_then(|train| train.log_likelihood),
            test.test_log_likelihood,
        ),
        (
            " (AIS)",
            train.and_then(|train| train.log_likelihood_ais),
            test.test_log_likelihood_ais,
        ),
        (
            " (reverse AIS)",
            train.and_then(|train| train.log_likelihood_reverse_ais),
            test.test_log_likelihood_reverse_ais,
        ),
        (" (RAISE)", None, test.test_log_likelihood_raise),
    ] {
        if train.is_some() || test.is_some() {
            row(
                &format!("log-likelihood{name}, nats per image"),
                train,
                test,
                3,
            );
        }
    }
    if let Some(error) = test.test_log_likelihood_ais_standard_error {
        let reverse = test.test_log_likelihood_reverse_ais_standard_error;
        let raise = test.test_log_likelihood_raise_standard_error;
        let of = |name: &str, error: Option<f64>| {
            error.map_or(String::new(), |error| format!(", {name} {error:.3}"))
        };
        let _ = writeln!(
            text,
            "  standard errors: AIS {error:.3}{}{}\n  AIS is on average too high{}",
            of("reverse AIS", reverse),
            of("RAISE", raise),
            raise.map_or("", |_| {
                "; RAISE is on average too low, for the model that\n  annealing samples"
            })
        );
    }
    if let Some(mixed) = &measured.mixing {
        text += &mixed.lines();
    }
    let parts = match train {
        Some(_) => ["training", "held out"],
        None => ["", "all rows"],
    };
    let heading = format!("{:<48} {:>14} {:>14}", "", parts[0], parts[1]);
    text.replacen(&format!("{:<48} {:>14} {:>14}", "", "-", "-"), &heading, 1)
}
