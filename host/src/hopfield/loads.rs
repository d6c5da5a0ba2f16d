//! Lists of loads, parsed from text.

use std::str::FromStr;

/// The most loads of one list.
const MOST: usize = 1000;

/// The most patterns per unit: past what any rule here could be asked.
const LARGEST: f64 = 1e6;

/// Loads P/N, ascending, each once.
///
/// ```
/// use bitspin::hopfield::Loads;
/// let loads: Loads = "0.3,0.05,0.1..0.2:0.05".parse()?;
/// assert_eq!(loads.as_slice(), [0.05, 0.1, 0.15, 0.2, 0.3]);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Loads(Vec<f64>);

impl Loads {
    /// The loads, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }
}

impl FromStr for Loads {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut loads = Vec::new();
        for part in text.split(',') {
            match part.split_once("..") {
                None => loads.push(number(part)?),
                Some((start, rest)) => loads.extend(range(part, start, rest)?),
            }
            if loads.len() > MOST {
                return Err(format!("expected at most {MOST} loads"));
            }
        }
        loads.sort_by(f64::total_cmp);
        loads.dedup();
        Ok(Self(loads))
    }
}

/// One load.
fn number(text: &str) -> Result<f64, String> {
    let load = text.trim().parse().ok();
    load.filter(|&load| load > 0.0 && load <= LARGEST)
        .ok_or_else(|| {
            format!(
                "expected loads above 0, such as 0.05,0.1,0.14 or 0.02..0.2:0.02, not '{}'",
                text.trim()
            )
        })
}

/// The loads of START..END:STEP, the end included.
fn range(whole: &str, start: &str, rest: &str) -> Result<Vec<f64>, String> {
    let wrong = || {
        format!(
            "expected a range START..END:STEP with START at most END, such as 0.02..0.2:0.02, not '{whole}'"
        )
    };
    let (end, step) = rest.split_once(':').ok_or_else(wrong)?;
    let (start, end, step) = (number(start)?, number(end)?, number(step)?);
    let steps = ((end - start) / step + 1e-9).floor();
    if steps < 0.0 {
        return Err(wrong());
    }
    if steps >= MOST as f64 {
        return Err(format!("expected at most {MOST} loads, not '{whole}'"));
    }
    // Rounded to what was written: the third of 0.1..0.3:0.1 is 0.3, not 0.30000000000000004.
    let round = |load: f64| (load * 1e9).round() / 1e9;
    Ok((0..=steps as u32)
        .map(|k| round(start + f64::from(k) * step))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_are_understood() {
        let loads = |text: &str| text.parse::<Loads>().unwrap().0;
        assert_eq!(loads("0.14, 0.05,0.14"), [0.05, 0.14]);
        assert_eq!(loads("0.1..0.3:0.1"), [0.1, 0.2, 0.3]);
        assert_eq!(loads("0.02..0.2:0.02").len(), 10);
        assert_eq!(loads("0.1..0.1:5"), [0.1]);
        assert_eq!(loads("1..1000:1").len(), 1000);
    }

    #[test]
    fn others_are_refused_in_one_line() {
        for wrong in [
            "",
            ",",
            "0",
            "-0.1",
            "nan",
            "inf",
            "1e7",
            "0.1,",
            "x",
            "0.1..0.2",
            "0.2..0.1:0.1",
            "0.1..0.2:0",
            "0.1..0.2:-1",
            "..0.2:0.1",
            "0.1..:1",
            "1..2:1e-6",
            "1..1001:1",
        ] {
            let error = wrong.parse::<Loads>().unwrap_err();
            assert_eq!(error.lines().count(), 1, "{wrong}");
        }
    }
}
