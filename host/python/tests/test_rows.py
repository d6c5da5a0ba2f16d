"""Rows of numbers as the engine takes them."""

import numpy as np
import pandas
import pytest
import scipy.sparse as sp
from bitspin._native import Rows
from bitspin._rows import numbers, packed
from strides import misaligned, strided_otherwise

import bitspin

RNG = np.random.default_rng(1)
BITS = (RNG.random((70, 130)) < 0.3).astype(np.float32)
GREY = (RNG.integers(0, 256, (70, 130)) * (RNG.random((70, 130)) < 0.5) / 255).astype(np.float32)
REAL = RNG.random((70, 130)).astype(np.float32) * BITS


@pytest.mark.parametrize(("X", "kind"), [(BITS, "bits"), (GREY, "grey"), (REAL, "real")])
def test_dense_and_sparse_of_any_type_give_the_same_bits(X, kind):
    expected = packed(X, False, 1)
    assert (expected.kind, expected.count) == (kind, 70)
    drawn = expected.binarised(5, 2, 1)
    others = [X.astype(np.float64), np.asfortranarray(X), sp.csr_matrix(X), sp.csc_array(X), sp.coo_matrix(X.astype(np.float64))]
    wide = np.zeros((140, 260), np.float32)
    wide[::2, ::2] = X
    others.append(wide[::2, ::2])
    if kind == "bits":
        others += [X.astype(dtype) for dtype in (bool, np.uint8, np.int8, np.uint64, np.int32, np.int64, np.float16, ">f8")]
        others.append(sp.csr_array(X.astype(bool)))
    for other in others:
        for threads in (1, 3):
            rows = packed(other, False, threads)
            assert rows.kind == kind
            np.testing.assert_array_equal(rows.binarised(5, 2, threads), drawn)
    if kind == "bits":
        np.testing.assert_array_equal(drawn, BITS == 1)
    else:
        assert (drawn != expected.binarised(6, 2, 1)).any()
        assert (drawn != expected.binarised(5, 3, 1)).any()


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.int64, np.float32, np.float64])
def test_bits_of_any_strides_are_read_in_their_places(dtype):
    for X in strided_otherwise(BITS.astype(dtype)):
        np.testing.assert_array_equal(packed(X, False, 2).binarised(1, 1, 2), BITS == 1)
    one_row = np.broadcast_to(BITS[5].astype(dtype), BITS.shape)
    np.testing.assert_array_equal(packed(one_row, False, 2).binarised(1, 1, 2), one_row)


def test_numbers_of_any_strides_are_read_in_their_places():
    model = bitspin.BernoulliRBM(4, n_iter=1, random_state=0).fit(BITS)
    for values in (GREY, REAL, REAL.astype(np.float64)):
        drawn, hidden = packed(values, False, 1).binarised(5, 2, 1), model.transform(values)
        for X in strided_otherwise(values):
            np.testing.assert_array_equal(packed(X, False, 2).binarised(5, 2, 2), drawn)
            np.testing.assert_array_equal(model.transform(X), hidden)
    matrix = sp.csr_array(REAL)
    matrix.data, matrix.indices, matrix.indptr = map(misaligned, (matrix.data, matrix.indices, matrix.indptr))
    np.testing.assert_array_equal(model.transform(matrix), model.transform(REAL))


def test_parameters_of_any_strides_are_read_in_their_places():
    model = bitspin.RBM(4, n_iter=1, random_state=0).fit(BITS)
    hidden, names = model.transform(BITS), ("components_", "intercept_visible_", "intercept_hidden_")
    state = {name: misaligned(values) for name, values in model.state_dict().items()}
    np.testing.assert_array_equal(bitspin.RBM.from_state_dict(state).transform(BITS), hidden)
    for name in names:
        setattr(model, name, misaligned(getattr(model, name)))
    np.testing.assert_array_equal(model.transform(BITS), hidden)


def test_bits_are_drawn_with_their_probabilities():
    p = np.linspace(0, 1, 11)
    rows = packed(np.tile(p + 1e-3 * (p < 0.5), (200, 1)), False, 1)
    drawn = np.mean([rows.binarised(3, epoch, 1) for epoch in range(50)], axis=(0, 1))
    # 10,000 draws each; five standard errors: false alarm 6e-6.
    assert np.all(np.abs(drawn - p - 1e-3 * (p < 0.5)) <= 5 * np.sqrt(p * (1 - p) / 10_000 + 1e-7))
    assert drawn[-1] == 1


def test_multiples_of_a_byte_survive_every_way_to_scale():
    grey = np.arange(256, dtype=np.uint8)
    for scaled in (grey / 255, grey.astype(np.float32) / 255, grey * np.float32(1 / 255), (grey / 255).astype(np.float32)):
        assert packed(scaled[None], False, 1).kind == "grey"
    assert packed(np.array([[0.0, 0.5, 1.0]]), False, 1).kind == "real"


@pytest.mark.parametrize(
    ("value", "found"),
    [(np.nan, "NaN"), (np.inf, "inf"), (-np.inf, "-inf"), (1.5, "1.5"), (-0.25, "-0.25"), (254.0, "254")],
)
def test_other_numbers_are_refused_with_their_place(value, found):
    X = REAL.copy()
    X[3, 7] = value
    for given in (X, sp.csr_matrix(X)):
        with pytest.raises(ValueError, match=f"^X: expected numbers from 0 to 1, found {found} in row 3, column 7"):
            packed(given, False, 2)
    if np.isfinite(value):
        clipped = packed(X, True, 1).binarised(1, 1, 1)
        assert clipped[3, 7] == (value > 0)
    else:
        with pytest.raises(ValueError, match=found):
            packed(X, True, 1)
    assert numbers(X).kind == "real"


def test_malformed_sparse_matrices_are_refused():
    values, columns = np.ones(2, np.float32), np.array([0, 5], np.int32)
    for columns, ends, units in [(columns, [0, 2], 5), (columns, [0, 3], 6), (columns, [2, 0, 2], 6), (-columns, [0, 2], 6)]:
        with pytest.raises(ValueError, match="^X.ind"):
            Rows.sparse((values, columns, np.array(ends, np.int32)), units, False, 1)


FIRST_SCRIPTS = [
    BITS.astype(int).tolist(),
    pandas.DataFrame(BITS, columns=[f"c{i}" for i in range(130)]),
    pandas.DataFrame(BITS.astype(bool)),
    sp.lil_matrix(BITS),
    sp.dok_array(BITS),
]


@pytest.mark.parametrize("X", FIRST_SCRIPTS, ids=lambda X: type(X).__name__)
def test_any_container_gives_the_same_model(X):
    def fit(X):
        return bitspin.BernoulliRBM(4, n_iter=2, random_state=0).fit(X)

    expected = fit(BITS)
    np.testing.assert_array_equal(fit(X).components_, expected.components_.astype(np.float64))
