//! Descent by flips of whole domains.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::ising::{Chain, Field, Model};

/// Flips spins that are against their fields, then turns over domains where that lowers the energy, and again, until neither
/// does. A domain is a set of spins that satisfied couplings, w_ij s_i s_j > 0, connect.
///
/// No coupling between domains is satisfied, so that turning one over satisfies all along its boundary. A model without
/// fields and without conflicts (a ferromagnet, a tree, a lattice whose couplings a change of signs makes positive) ends in a
/// ground state, and so does a ring: the walls that single flips would have to carry to each other go at once. Elsewhere
/// it is never worse than the descent by single flips. O(couplings) a pass.
///
/// # Errors
/// None for a chain whose parts fit together.
pub(super) fn descend<F: Field, M: Model<F>>(chain: &mut Chain<'_, M, F>) -> Result<(), Error> {
    loop {
        chain.descend();
        let state = chain.state();
        let (n, mut words) = (state.len(), state.as_words().to_vec());
        let spins: Vec<i64> = (0..n)
            .map(|i| if state.get(i) == Some(true) { 1 } else { -1 })
            .collect();
        let model = chain.model();
        let (domains, label) = domains(model, &spins);
        // Half of what turning each over adds to the energy.
        let mut costs = vec![0; domains.len()];
        for (cost, domain) in costs.iter_mut().zip(&domains) {
            for &i in domain {
                *cost += spins[i] * model.external(i).into();
                model.couplings(i, |j, w| {
                    if label[j] != label[i] {
                        *cost += w.into() * spins[i] * spins[j];
                    }
                });
            }
        }
        // Domains that share no boundary, the most gainful first: what one costs is not changed by another.
        let mut order: Vec<_> = (0..domains.len()).filter(|&d| costs[d] < 0).collect();
        order.sort_by_key(|&d| (costs[d], d));
        if order.is_empty() {
            return Ok(());
        }
        let mut held = vec![false; domains.len()];
        for d in order {
            if held[d] {
                continue;
            }
            for &i in &domains[d] {
                words[i / 64] ^= 1 << (i % 64);
                model.couplings(i, |j, w| held[label[j]] |= w != F::default());
            }
        }
        chain.set_state(Bits::new(n, &words[..])?)?;
    }
}

/// The domains of a state, and the domain of every spin.
fn domains<F: Field>(model: &impl Model<F>, spins: &[i64]) -> (Vec<Vec<usize>>, Vec<usize>) {
    const NONE: usize = usize::MAX;
    let mut label = vec![NONE; spins.len()];
    let mut all = vec![];
    for first in 0..spins.len() {
        if label[first] != NONE {
            continue;
        }
        let own = all.len();
        label[first] = own;
        let (mut members, mut next) = (vec![first], 0);
        while next < members.len() {
            let i = members[next];
            next += 1;
            model.couplings(i, |j, w| {
                if label[j] == NONE && w.into() * spins[i] * spins[j] > 0 {
                    label[j] = own;
                    members.push(j);
                }
            });
        }
        all.push(members);
    }
    (all, label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::ising::spins;
    use crate::reference::states;
    use crate::validate::Random;
    use crate::validate::transition::Family;

    /// From every state of every small model: never up, never a single flip or a domain that still helps, and
    /// the ground state where nothing is in conflict.
    #[test]
    fn a_descent_ends_where_neither_flips_nor_domains_help() {
        for family in Family::all() {
            let (n, model, reference) =
                (family.units(), family.sparse().unwrap(), family.reference());
            let ground = states(n).map(|a| family.energy(a)).min().unwrap();
            let mut found = vec![];
            for a in states(n) {
                let (mut word, mut fields) = ([a as u64], vec![0; n]);
                let rng = Random::new(1).chains(1).remove(0);
                let bits = Bits::new(n, &mut word[..]).unwrap();
                let mut chain = Chain::new(&model, bits, &mut fields[..], rng).unwrap();
                descend(&mut chain).unwrap();
                let end = chain.state().as_words()[0] as usize;
                assert!(chain.energy() == family.energy(end) && chain.energy() <= family.energy(a));
                let s = spins(end, n);
                assert!((0..n).all(|k| reference.flip_cost(&s, k) >= 0.0));
                found.push(chain.energy());
            }
            let in_conflict = ["glass", "fields", "J -4", "J -5"];
            if !in_conflict.iter().any(|word| family.name.contains(word)) {
                assert!(
                    found.iter().all(|&energy| energy == ground),
                    "{}",
                    family.name
                );
            }
        }
    }
}
