//! Logits of rows of real numbers.

use bitspin_core::Error;
use bitspin_core::kernel::softplus;

use super::{RealLayer, RealRows};
use crate::control::Control;
use crate::evaluate::Logits;
use crate::evaluate::fields::TILE;
use crate::model_file::LabelledParameters;

/// -F(x, y) = b'x + d_y + sum_j ln(1 + exp(c_j + W_j x + U_jy)) of every row and class, in nats, from float32 parameters in
/// float64. O((entries + classes) x hidden) per row. `None` if interrupted.
///
/// [`logits`](crate::evaluate::logits) are those of the quantised model and of bits, in integers.
///
/// # Errors
/// [`Error`] if the model's shapes disagree, a parameter is not finite or there are no rows; [`Error::Length`] if rows are of
/// another number of units than the model has besides its labels.
///
/// ```
/// use bitspin::{Control, evaluate::real_logits, model_file::{LabelledParameters, RbmParameters}};
/// let (w, visible_bias, hidden_bias) = (vec![0.0, 1.0, -1.0], vec![2.0, 0.5, 0.0], vec![0.0]);
/// let joint = RbmParameters { visible: 3, hidden: 1, w, visible_bias, hidden_bias };
/// let model = LabelledParameters { joint, classes: 2 };
/// let logits = real_logits(&model, &[[0.25]][..], 1, Control::new())?.expect("no interrupt");
/// let [first, second] = [0.5 + 0.5 + 1_f64.exp().ln_1p(), 0.5 + (-1_f64).exp().ln_1p()];
/// let found = logits.iter().next().expect("one row");
/// assert!((found[0] - first).abs() < 1e-14 && (found[1] - second).abs() < 1e-14);
/// # Ok::<(), bitspin::Error>(())
/// ```
pub fn real_logits(
    model: &LabelledParameters,
    rows: &(impl RealRows + ?Sized),
    threads: usize,
    control: Control<'_>,
) -> Result<Option<Logits>, Error> {
    let (classes, joint) = (model.classes, &model.joint);
    if classes == 0 || classes >= joint.visible {
        return Err(Error::OutOfRange {
            what: "the number of classes",
            expected: "at least 1, and fewer than visible units",
        });
    }
    crate::engine::parameters(joint)?.check()?;
    let pixels = model.pixels_alone();
    let layer = RealLayer::new(&pixels)?;
    let tiles = layer.table.tiles();
    // [tile][class]: U, zero in the padding.
    let mut added = vec![[0.0; TILE]; tiles * classes];
    for (j, row) in joint.w.chunks_exact(joint.visible).enumerate() {
        for (class, u) in row[pixels.visible..].iter().enumerate() {
            added[j / TILE * classes + class][j % TILE] = f64::from(*u);
        }
    }
    let mut found = vec![0.0; rows.count() * classes];
    let done = layer.over_blocks(rows, &mut found, threads, control, |_, block, found| {
        for (entries, logits) in block.rows().zip(found.chunks_exact_mut(classes)) {
            let bias = &joint.visible_bias;
            let linear = entries
                .iter()
                .map(|&(i, x)| f64::from(bias[i as usize]) * x);
            let linear = linear.sum::<f64>();
            for (class, logit) in logits.iter_mut().enumerate() {
                *logit = linear + f64::from(model.class_bias(class));
            }
        }
        for tile in 0..tiles {
            let added = &added[tile * classes..][..classes];
            for (entries, logits) in block.rows().zip(found.chunks_exact_mut(classes)) {
                let fields = layer.fields(tile, entries);
                for (logit, added) in logits.iter_mut().zip(added) {
                    let mut with_class = fields;
                    for (field, u) in with_class.iter_mut().zip(added) {
                        *field += u;
                    }
                    *logit += softplus::sum(&with_class);
                }
            }
        }
    })?;
    done.map(|()| Logits::new(classes, found)).transpose()
}
