//! Both ends of ln Z, and when they are doubted.

use std::cell::RefCell;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::evaluate::{
    self, Ais, AisSettings, BaseRate, Bracket, BracketSettings, Doubt, Errs, ReverseFrom, Stage,
};
use bitspin::model_file::RbmParameters;

use super::{SETTINGS, trained_at};

/// What `bracket` finds from this start.
fn bracket(
    model: &RbmParameters,
    data: &BitMatrix,
    from: ReverseFrom,
    seed: u64,
) -> (Bracket, Vec<Doubt>) {
    let settings = BracketSettings {
        ais: AisSettings { seed, ..SETTINGS },
        from,
        rounds: 1000,
        burn_in: 300,
    };
    let (base, stages) = (BaseRate::of_data(data), RefCell::new(vec![]));
    let stage = |stage, steps| stages.borrow_mut().push((stage, steps));
    let found = Bracket::new_with(model, &base, Some(data), settings, &stage, Control::new());
    let found = found.unwrap().unwrap();
    assert_eq!(stages.borrow()[0], (Stage::Forward, 60_000));
    assert_eq!(stages.borrow().last().unwrap().0, Stage::Reverse);
    (found, found.doubts())
}

/// 20 hidden units at a high rate: the model has modes that the data do not, and chains that start at data stay there.
#[test]
fn reverse_annealing_from_data_is_no_bound_and_doubted() {
    let (model, data) = trained_at(0.3, 20, 20);
    let exact = evaluate::ln_z(&model, 2).unwrap();
    let (from_data, doubts) = bracket(&model, &data, ReverseFrom::Data, 1);
    let error = from_data.reverse.ln_z - exact;
    assert!(
        error < -5.0 * from_data.reverse.standard_error,
        "{exact}: {from_data:?}"
    );
    assert_eq!(from_data.reverse_errs(), Errs::Unknown);
    assert!(doubts.contains(&Doubt::FromData), "{doubts:?}");
    assert!(
        doubts
            .iter()
            .any(|doubt| matches!(doubt, Doubt::Apart { .. })),
        "{doubts:?}"
    );
    // Samples of the model are sound, by enumeration and by tempering.
    assert_eq!(ReverseFrom::sound(&model), ReverseFrom::Exact);
    for from in [ReverseFrom::Exact, ReverseFrom::Tempering] {
        let (sound, doubts) = bracket(&model, &data, from, 1);
        let error = sound.reverse.ln_z - exact;
        assert!(
            error > -3.0 * sound.reverse.standard_error,
            "{exact}: {sound:?} {doubts:?}"
        );
    }
    // RAISE is below the likelihood of the model that annealing draws from, which leaves more chains near the data than this
    // model does: that it is above forward AIS tells.
    let base = BaseRate::of_data(&data);
    let ais = Ais::new(&model, &base, SETTINGS).unwrap();
    let rows = evaluate::drawn(&data, 30, 1);
    let raise = ais.raise(&rows, 3).unwrap();
    let mean = evaluate::free_energy(&model, &data, 2).unwrap();
    let above = raise.log_likelihood(mean) + mean + from_data.forward.ln_z;
    let claimed = raise
        .standard_error()
        .hypot(from_data.forward.standard_error);
    assert!(above > 3.0 * claimed, "{above}, {claimed}");
}
