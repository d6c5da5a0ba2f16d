//! The numbers and bytes in docs/reference/protocol.md.

use std::fs;

use bitspin_protocol::{
    MAX_CONTENT, MAX_FRAME, MAX_STATE, MAX_STEPS, MAX_SWEEPS, Model, Network, Receiver, Request,
    Rule, VERSION, encode,
};

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/protocol.md");
    fs::read_to_string(path).unwrap()
}

/// The frame of a request without the zeros around it, decoded from COBS: number, message and checksum.
fn content(request: &Request<'_>) -> Vec<u8> {
    let mut buffer = [0; MAX_FRAME];
    let frame = encode(7, request, &mut buffer).unwrap();
    let mut receiver = Receiver::default();
    let whole = frame.iter().any(|&byte| {
        receiver
            .push(byte)
            .is_some_and(|frame| frame.unwrap().message() == Some(*request))
    });
    assert!(whole);
    let mut code = frame[1..].to_vec();
    let mut content = vec![];
    while code.len() > 1 {
        let rest = code.split_off(usize::from(code[0]));
        content.extend(&code[1..]);
        content.push(0);
        code = rest;
    }
    content.pop();
    content
}

#[test]
fn the_protocol_page_shows_the_bytes_of_a_frame() {
    let mut buffer = [0; MAX_FRAME];
    let frame = encode(7, &Request::Info, &mut buffer).unwrap();
    let hex = |bytes: &[u8]| {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        bytes.join(" ")
    };
    let page = page();
    assert!(page.contains(&format!("```text\n{}\n```", hex(frame))));
    assert!(page.contains(&format!("COBS code of `{}`", hex(&content(&Request::Info)))));
}

#[test]
fn the_protocol_page_numbers_the_requests() {
    let (state, start) = (&[1_u8][..], None);
    let requests = [
        ("Info", Request::Info),
        (
            "Read",
            Request::Read {
                model: Model::Rbm,
                offset: 1,
            },
        ),
        ("Store", Request::Store { state }),
        ("Forget", Request::Forget),
        (
            "Recall",
            Request::Recall {
                network: Network::Pairs,
                sweeps: 1,
                state,
            },
        ),
        ("Sample", Request::Sample { start, steps: 1 }),
        ("Score", Request::Score { visible: state }),
        (
            "Sweep",
            Request::Sweep {
                start,
                rule: Rule::Glauber,
                beta: 1.0,
                sweeps: 1,
            },
        ),
        ("Classify", Request::Classify { visible: state }),
    ];
    let page = page();
    for (name, request) in requests {
        // Behind the number of the frame stands that of the variant.
        let row = format!("\n| {} {name} |", content(&request)[2]);
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn the_protocol_page_states_the_limits() {
    let page = page().replace('\n', " ");
    for stated in [
        format!("describes version {VERSION}."),
        format!("A frame has at most {MAX_CONTENT} bytes."),
        format!("at most {MAX_STATE} bytes"),
        format!("sweeps `u32` (up to {},000)", MAX_SWEEPS / 1000),
        format!("steps `u32` (up to {},000)", MAX_STEPS / 1000),
    ] {
        assert!(page.contains(&stated), "{stated}");
    }
}
