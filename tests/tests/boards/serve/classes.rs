//! The classifier.

use bitspin_core::bits::Bits;
use bitspin_core::rbm::labels;
use bitspin_protocol::{Answer, Refusal, Request, state_len, to_bytes};
use bitspin_trials::{CLASSES, HIDDEN, MODELS, PIXELS, labelled, patterns};

use super::{ask, info, refusal, serving};

#[test]
fn classes_and_energies_are_those_of_the_engine() {
    let model = labelled(MODELS.labelled).expect("the firmware's blob");
    let digits = patterns(MODELS.digits).expect("the firmware's blob");
    let (mut fields, mut expected) = ([0; HIDDEN], [0; CLASSES]);
    serving(|carry| {
        let mut anomalies = 0;
        for digit in digits
            .patterns()
            .iter()
            .take(40)
            .chain([&[u64::MAX, u64::MAX, u64::MAX, 15][..]])
        {
            let x = Bits::new(PIXELS, digit).expect("a digit");
            let found = model.logits(&x, &mut fields, &mut expected);
            found.expect("the shape");
            let mut visible = vec![0; state_len(PIXELS)];
            to_bytes(PIXELS, digit, &mut visible);
            ask(carry, &Request::Classify { visible: &visible }, |answer| {
                let Answer::Classified {
                    class,
                    energy,
                    anomaly,
                    logits,
                    ..
                } = answer
                else {
                    panic!("{answer:?}");
                };
                let logits = logits.as_chunks().0.iter();
                let logits: Vec<_> = logits.map(|&bytes| i64::from_le_bytes(bytes)).collect();
                assert_eq!(logits, expected);
                assert_eq!(class as usize, labels::class(&expected));
                assert_eq!(energy, labels::energy_fixed(&expected));
                assert_eq!(anomaly, energy > MODELS.energy_threshold);
                anomalies += u32::from(anomaly);
            });
        }
        assert!((1..20).contains(&anomalies), "{anomalies}");
        let (expected, found) = (25, 24);
        assert_eq!(
            refusal(carry, &Request::Classify { visible: &[0; 24] }),
            Some(Refusal::Length { expected, found })
        );
        let mut tail = [0; 25];
        tail[24] = 16;
        let tail = Request::Classify { visible: &tail };
        assert_eq!(refusal(carry, &tail), Some(Refusal::Tail));
        info(carry, |info| {
            let classifier = info.classifier.expect("a classifier");
            let crc = MODELS.labelled.last_chunk().expect("a checksum");
            assert_eq!(classifier.crc, u32::from_le_bytes(*crc));
            assert_eq!((classifier.pixels, classifier.classes), (196, 10));
        });
    });
}
