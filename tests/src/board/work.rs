//! What the board does with its models.

use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::Blob;
use bitspin_core::hopfield::{
    self, PatternMemory, Patterns, exponential_table, exponential_table_len, settle_synchronous,
};
use bitspin_core::ising::{self, Chain, Model as _, Temperature};
use bitspin_core::network::Network;
use bitspin_core::rbm::{compact, labels};
use bitspin_protocol::{
    Answer, BETA, Network as Asked, Outcome, Refusal, Rule, Stop, to_bytes, to_words,
};

use super::{CHECKED, Fault, State};

impl State {
    pub(super) fn store(&mut self, state: &[u8]) -> Answer<'static> {
        let (units, count) = (self.memory.units(), self.memory.patterns().count());
        let mut pattern = vec![0; words(units)];
        if let Err(refusal) = to_words(units, state, &mut pattern) {
            return Answer::Refused(refusal);
        }
        let mut all = self.memory.patterns().as_words().to_vec();
        if !all.chunks_exact(words(units)).any(|known| known == pattern) {
            if count >= self.fixed + 2 {
                let room = self.fixed as u32 + 2;
                return Answer::Refused(Refusal::Full { room });
            }
            all.extend(pattern);
        }
        let patterns = Patterns::new(units, all).expect(CHECKED);
        let memory = PatternMemory::new(patterns, self.memory.rule(), self.memory.diagonal());
        self.memory = memory.expect(CHECKED);
        Answer::Stored {
            patterns: self.memory.patterns().count() as u32,
        }
    }

    pub(super) fn recall<'a>(
        &self,
        asked: Asked,
        sweeps: u32,
        state: &[u8],
        storage: &'a mut [u8],
    ) -> Answer<'a> {
        let units = self.memory.units();
        let mut start = vec![0; words(units)];
        if let Err(refusal) = to_words(units, state, &mut start) {
            return Answer::Refused(refusal);
        }
        let mut table = vec![0; exponential_table_len(BETA)];
        exponential_table(BETA, &mut table).expect("a steepness");
        let patterns = Patterns::new(units, self.memory.patterns().as_words()).expect(CHECKED);
        let dense = hopfield::ExponentialMemory::new(patterns, table).expect(CHECKED);
        let network: &dyn Network = match asked {
            Asked::Exponential => &dense,
            Asked::Pairs => &self.memory,
        };
        let mut state = Bits::new(units, start).expect(CHECKED);
        let mut cache = vec![0; network.synchronous_len()];
        let mut scratch = vec![0; 2 * words(units)];
        let recall = settle_synchronous(network, &mut state, &mut cache, &mut scratch, sweeps);
        let recall = recall.expect(CHECKED);
        if self.fault == Fault::WrongSpin {
            state.flip(units - 1);
        }
        Answer::Recalled {
            outcome: Outcome {
                stop: match recall.stop {
                    hopfield::Stop::FixedPoint => Stop::FixedPoint,
                    hopfield::Stop::TwoCycle => Stop::TwoCycle,
                    hopfield::Stop::SweepLimit => Stop::SweepLimit,
                },
                sweeps: recall.sweeps,
                flips: recall.flips as u32 + u32::from(self.fault == Fault::WrongFlips),
            },
            ticks: 100 * recall.sweeps,
            state: to_bytes(units, state.as_words(), storage),
        }
    }

    pub(super) fn sample<'a>(
        &mut self,
        steps: u32,
        (for_visible, for_hidden): (&'a mut [u8], &'a mut [u8]),
    ) -> Answer<'a> {
        let (visible, hidden) = self.units();
        let Blob::Rbm(model) = self.rbm.blob() else {
            unreachable!("checked at the start");
        };
        let from = Bits::new(visible, &mut self.visible[..]).expect(CHECKED);
        let room = Bits::new(hidden, &mut self.hidden[..]).expect(CHECKED);
        let fields = vec![0; model.fields_len()];
        let mut chain =
            compact::Chain::new(&model, from, room, fields, self.rng.clone()).expect(CHECKED);
        for _ in 0..steps + u32::from(self.fault == Fault::ExtraStep) {
            chain.step();
        }
        self.rng = chain.rng().clone();
        self.steps += u64::from(steps);
        let mut shown = self.hidden.clone();
        shown[0] ^= u64::from(self.fault == Fault::WrongHidden);
        Answer::Sampled {
            steps: self.steps,
            ticks: 10 * steps,
            visible: to_bytes(visible, &self.visible, for_visible),
            hidden: to_bytes(hidden, &shown, for_hidden),
        }
    }

    pub(super) fn sweep<'a>(
        &mut self,
        (rule, beta): (Rule, f64),
        sweeps: u32,
        storage: &'a mut [u8],
    ) -> Answer<'a> {
        let file = self.ising.clone();
        let Blob::Ising(model) = file.blob() else {
            unreachable!("checked at the start");
        };
        let units = model.units();
        let Ok(temperature) = Temperature::new(beta, model.fraction_bits()) else {
            return Answer::Refused(Refusal::Beta);
        };
        let rule = match rule {
            Rule::Glauber => ising::UpdateRule::Glauber,
            Rule::Metropolis => ising::UpdateRule::Metropolis,
        };
        let mut fields = vec![0; units];
        let state = Bits::new(units, &mut self.spins[..]).expect(CHECKED);
        let rng = self.spin_rng.clone();
        let mut chain = Chain::new(&model, state, &mut fields, rng).expect(CHECKED);
        for _ in 0..sweeps {
            chain.sweep(rule, temperature);
        }
        self.spin_rng = chain.rng().clone();
        let energy = chain.energy() + i64::from(self.fault == Fault::WrongEnergy);
        self.sweeps += u64::from(sweeps);
        let mut shown = self.spins.clone();
        shown[0] ^= u64::from(self.fault == Fault::WrongSite) << 5;
        Answer::Swept {
            sweeps: self.sweeps,
            ticks: 20 * sweeps,
            energy,
            state: to_bytes(units, &shown, storage),
        }
    }

    pub(super) fn classify<'a>(&self, bytes: &[u8], storage: &'a mut [u8]) -> Answer<'a> {
        let model = self.classifier();
        let mut pixels = vec![0; words(model.pixels())];
        if let Err(refusal) = to_words(model.pixels(), bytes, &mut pixels) {
            return Answer::Refused(refusal);
        }
        let mut fields = vec![0; model.rbm().shape().hidden()];
        let mut logits = vec![0; model.classes()];
        let x = Bits::new(model.pixels(), pixels).expect(CHECKED);
        (model.logits(&x, &mut fields, &mut logits)).expect(CHECKED);
        let wrong = |fault| i64::from(self.fault == fault);
        let class = labels::class(&logits) as i64 + wrong(Fault::WrongClass);
        let energy = labels::energy_fixed(&logits) + wrong(Fault::WrongLabelEnergy);
        let last = logits.len() - 1;
        logits[last] += wrong(Fault::WrongLogit);
        let places = storage.as_chunks_mut().0.iter_mut().zip(&logits);
        places.for_each(|(place, logit)| *place = logit.to_le_bytes());
        Answer::Classified {
            class: class as u32,
            energy,
            anomaly: energy > self.threshold,
            ticks: 40,
            logits: &storage[..8 * logits.len()],
        }
    }

    pub(super) fn score(&self, bytes: &[u8]) -> Answer<'static> {
        let Blob::Rbm(model) = self.rbm.blob() else {
            unreachable!("checked at the start");
        };
        let mut visible = vec![0; words(model.shape().visible())];
        if let Err(refusal) = to_words(model.shape().visible(), bytes, &mut visible) {
            return Answer::Refused(refusal);
        }
        let visible = Bits::new(model.shape().visible(), visible).expect(CHECKED);
        let mut fields = vec![0; model.shape().hidden()];
        let free_energy = model
            .free_energy_fixed(&visible, &mut fields)
            .expect(CHECKED);
        let free_energy = free_energy + i64::from(self.fault == Fault::WrongFreeEnergy);
        Answer::Scored {
            free_energy,
            anomaly: free_energy > self.threshold,
            ticks: 30,
        }
    }
}
