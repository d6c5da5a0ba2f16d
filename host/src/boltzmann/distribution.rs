//! The Boltzmann distribution of listed energies: p, Z, entropy, mean energy and free energy.

use bitspin_core::Error;
use bitspin_core::softmax::{boltzmann, entropy, free_energy, ln_partition_function, mean_energy};
use serde::Serialize;

/// Largest number of energies.
pub const MOST_STATES: usize = 1 << 20;

/// The Boltzmann distribution of states of given energies, p_i = exp(-E_i / T) / Z.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// T, in the unit of the energies (k_B = 1).
    pub temperature: f64,
    /// E.
    pub energies: Vec<f64>,
    /// -E / T: what the softmax is taken of.
    pub logits: Vec<f64>,
    /// p, the softmax of the logits.
    pub p: Vec<f64>,
    /// Z; `None` where float64 cannot hold it, though it can hold ln Z.
    pub z: Option<f64>,
    /// ln Z in nats; `None` where float64 cannot hold it.
    pub ln_z: Option<f64>,
    /// -sum p ln p in nats.
    pub entropy: f64,
    /// sum p E.
    pub mean_energy: f64,
    /// -T ln Z; `None` where float64 cannot hold it.
    pub free_energy: Option<f64>,
}

impl Distribution {
    /// The distribution of `energies` at `temperature`. All sums are taken relative to the lowest energy, so nothing
    /// overflows on the way. An energy of +infinity is that of a state that does not occur. O(n).
    ///
    /// # Errors
    /// [`Error::Empty`] without energies; [`Error::NotFinite`] for an energy that is NaN or -infinity;
    /// [`Error::OutOfRange`] for a temperature that is not finite and above 0, or if every energy is +infinity.
    ///
    /// ```
    /// use bitspin::boltzmann::Distribution;
    /// let two = Distribution::new(&[0.0, 1.0], 1.0)?;
    /// let z = 1.0 + (-1.0f64).exp();
    /// assert!((two.z.unwrap() - z).abs() < 1e-15);
    /// assert!((two.p[0] - 1.0 / z).abs() < 1e-15);
    /// assert!((two.free_energy.unwrap() - (two.mean_energy - two.entropy)).abs() < 1e-15);
    /// # Ok::<(), bitspin_core::Error>(())
    /// ```
    pub fn new(energies: &[f64], temperature: f64) -> Result<Self, Error> {
        let mut p = vec![0.0; energies.len()];
        boltzmann(energies, temperature, &mut p)?;
        let ln_z = ln_partition_function(energies, temperature)?;
        let z = libm::exp(ln_z);
        let finite = |value: f64| value.is_finite().then_some(value);
        Ok(Self {
            temperature,
            energies: energies.to_vec(),
            // Zero rather than minus zero.
            logits: energies.iter().map(|e| 0.0 - e / temperature).collect(),
            z: finite(z).filter(|&z| z >= f64::MIN_POSITIVE),
            ln_z: finite(ln_z),
            entropy: entropy(&p)?,
            mean_energy: mean_energy(&p, energies)?,
            free_energy: finite(free_energy(energies, temperature)?),
            p,
        })
    }
}

/// The numbers of a text: with commas, semicolons, spaces or line breaks between them; `#` begins a comment that ends with
/// its line.
///
/// # Errors
/// What is not a number, with its line, or that there are none, or too many.
///
/// ```
/// use bitspin::boltzmann::parse_energies;
/// assert_eq!(parse_energies("0, 1.5 -2 # J\n1e3"), Ok(vec![0.0, 1.5, -2.0, 1000.0]));
/// assert_eq!(parse_energies("1\n2,x"), Err("line 2: expected a number, found 'x'".into()));
/// ```
pub fn parse_energies(text: &str) -> Result<Vec<f64>, String> {
    let mut energies = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("");
        let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
        for word in words.filter(|word| !word.is_empty()) {
            let number = word.parse().ok().filter(|number: &f64| !number.is_nan());
            energies.push(number.ok_or_else(|| {
                let found = crate::display::shortened(word, 40);
                format!("line {}: expected a number, found '{found}'", at + 1)
            })?);
            if energies.len() > MOST_STATES {
                return Err(format!(
                    "expected at most {MOST_STATES} energies, found more"
                ));
            }
        }
    }
    match energies.is_empty() {
        true => Err("expected energies, found none".into()),
        false => Ok(energies),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_energies_and_temperatures_stay_finite() {
        let of = |energies: &[f64], t: f64| Distribution::new(energies, t).unwrap();
        let cold = of(&[-6.0, -6.0, 0.0], 1e-9);
        assert_eq!(cold.p, [0.5, 0.5, 0.0]);
        assert!((cold.entropy - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!((cold.mean_energy, cold.z), (-6.0, None));
        assert!(cold.ln_z.unwrap() > 5e9);
        let hot = of(&[-6.0, 6.0], 1e300);
        assert_eq!((hot.p.clone(), hot.mean_energy), (vec![0.5, 0.5], 0.0));
        let large = of(&[-1e308, 1e308], 1e-300);
        assert_eq!((large.p.clone(), large.entropy), (vec![1.0, 0.0], 0.0));
        assert_eq!((large.mean_energy, large.ln_z), (-1e308, None));
        assert_eq!(large.free_energy, Some(-1e308));
        // Z below the smallest number that float64 holds in full is not rounded to 0.
        let small = of(&[1000.0], 1.0);
        assert_eq!((small.z, small.ln_z), (None, Some(-1000.0)));
        let forbidden = of(&[1.0, f64::INFINITY], 1.0);
        assert_eq!(forbidden.p, [1.0, 0.0]);
        for (energies, t) in [
            (&[][..], 1.0),
            (&[0.0], 0.0),
            (&[0.0], -1.0),
            (&[0.0], f64::INFINITY),
            (&[f64::NAN], 1.0),
            (&[f64::INFINITY], 1.0),
        ] {
            assert!(Distribution::new(energies, t).is_err(), "{energies:?} {t}");
        }
    }

    #[test]
    fn lists_are_read_and_what_is_no_number_is_named() {
        assert_eq!(
            parse_energies("\u{feff}1;2\t3\r\n4"),
            Ok(vec![1.0, 2.0, 3.0, 4.0])
        );
        assert_eq!(parse_energies("inf -1"), Ok(vec![f64::INFINITY, -1.0]));
        for (text, reason) in [
            ("", "found none"),
            ("# 1", "found none"),
            ("1\n\nnan", "line 3"),
            ("0x10", "'0x10'"),
            ("1\u{1b}[2J", r"'1\u{1b}[2J'"),
        ] {
            let error = parse_energies(text).unwrap_err();
            assert!(
                error.contains(reason) && error.lines().count() == 1,
                "{error}"
            );
        }
    }
}
