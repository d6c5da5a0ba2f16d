"""Ising models from arrays, graphs, lists, QUBOs, BQMs and files."""

import dimod
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from exact_values import all_spins, command, energies, random_model
from strides import field_of_packed_records, misaligned, strided_otherwise

from bitspin import IsingModel


def same(model, w, h, offset=0.0):
    states = all_spins(len(h))
    return bool((model.energy(states) == energies(w, h, states) + offset).all())


def test_matrices_of_any_kind_are_one_model():
    w, h = random_model(7, 1)
    read_only = w.copy()
    read_only.setflags(write=False)
    strided = np.zeros((14, 14))
    strided[::2, ::2] = w
    kinds = [w, w.tolist(), np.asfortranarray(w), read_only, strided[::2, ::2], pd.DataFrame(w), w.astype(np.float32)]
    kinds += [getattr(scipy.sparse, f"{format}_array")(w) for format in ("coo", "csr", "csc", "lil", "dok", "dia", "bsr")]
    kinds += [scipy.sparse.csr_matrix(w), *strided_otherwise(w)]
    for couplings in kinds:
        model = IsingModel(couplings, h)
        assert same(model, w, h) and model.n_couplings == np.count_nonzero(w) // 2
        np.testing.assert_array_equal(model.couplings.toarray(), w)
        np.testing.assert_array_equal(model.fields, h)
    for fields in (field_of_packed_records(h), misaligned(h), h[::-1].copy()[::-1]):
        np.testing.assert_array_equal(IsingModel(w, fields).fields, h)
    sparse = scipy.sparse.csr_array(w)
    sparse.data, sparse.indices, sparse.indptr = map(misaligned, (sparse.data, sparse.indices, sparse.indptr))
    assert same(IsingModel(sparse, h), w, h)
    signs = np.sign(w).astype(np.int64)
    assert same(IsingModel(signs), signs, np.zeros(7))
    assert same(IsingModel(signs != 0), signs != 0, np.zeros(7))


def test_repeated_entries_of_a_sparse_matrix_are_summed():
    rows, columns = [0, 0, 1, 1, 2], [1, 1, 0, 0, 2]
    matrix = scipy.sparse.coo_array(([1.0, 2.0, 1.5, 1.5, 0.0], (rows, columns)), shape=(3, 3))
    assert IsingModel(matrix).energy([1, 1, 1]) == -3.0
    assert matrix.nnz == 5


def test_other_matrices_are_refused():
    sparse = scipy.sparse.csr_array
    for couplings, fields, message in [
        ([[0, 1], [2, 0]], None, r"couplings: expected a symmetric matrix, found 1.0 at \[0, 1\] but 2.0 at \[1, 0\]"),
        (sparse([[0, 1], [2, 0]]), None, r"couplings: expected a symmetric matrix, found 1 at \[0, 1\] but 2 at \[1, 0\]"),
        (np.triu(np.ones((3, 3)), 1), None, r"found 1.0 at \[0, 1\] but 0.0 at \[1, 0\]; .* A \+ A.T"),
        (sparse(np.triu(np.ones((3, 3)), 1)), None, r"found 1.0 at \[0, 1\] but 0.0 at \[1, 0\]"),
        ([[1, 0], [0, 0]], None, r"couplings: expected a zero diagonal, found 1.0 at \[0, 0\]"),
        (sparse([[0, 0], [0, 3]]), None, r"couplings: expected a zero diagonal, found 3.0 at \[1, 1\]"),
        ([[0, np.nan], [np.nan, 0]], None, r"couplings: expected finite numbers, found NaN at \[0, 1\]"),
        ([[0, np.inf], [np.inf, 0]], None, r"couplings: expected finite numbers, found inf at \[0, 1\]"),
        (sparse([[0, np.nan], [np.nan, 0]]), None, "couplings: expected finite numbers, found NaN"),
        (np.zeros((2, 3)), None, r"couplings: expected a square matrix, found shape \(2, 3\)"),
        (np.zeros((0, 0)), None, "couplings: expected 1 to 65536 spins, found 0"),
        (np.zeros(4), None, r"couplings: expected 2 dimensions, found shape \(4,\)"),
        ([[0, "a"], ["a", 0]], None, "couplings: expected numbers"),
        ([[0, 1j], [1j, 0]], None, "couplings: expected numbers, found dtype complex128"),
        ([[0, 1], [1]], None, "couplings: expected an array of numbers"),
        ([[0, 2**60 + 1], [2**60 + 1, 0]], None, r"couplings: expected integers up to 2\^53"),
        (np.zeros((2, 2)), [1], "fields: expected 2, one per spin, found 1"),
        (np.zeros((2, 2)), [0, np.nan], r"fields: expected finite numbers, found NaN at \[1\]"),
    ]:
        with pytest.raises(ValueError, match=message) as raised:
            IsingModel(couplings, fields)
        assert "\n" not in str(raised.value)


def test_numbers_too_large_to_sample_are_refused():
    model = IsingModel([[0, 1e308], [1e308, 0]], [1e308, 1e308])
    with pytest.raises(ValueError, match="couplings and fields"):
        model.anneal(random_state=1)


def test_lists_of_edges():
    model = IsingModel.from_edges([(2, 0, 1.5), (1, 2, -1)], [0, 0, 0.5, 1])
    w = np.zeros((4, 4))
    w[0, 2] = w[2, 0] = 1.5
    w[1, 2] = w[2, 1] = -1
    assert same(model, w, [0, 0, 0.5, 1])
    assert IsingModel.from_edges([], n_spins=3).n_spins == 3
    with pytest.raises(ValueError, match="^fields: "):
        IsingModel.from_edges([(0, 1, 1.0)], fields=1)
    for edges, options, message in [
        ([(0, 1, 1), (1, 0, 2)], {}, r"edges: expected each pair once, found \(0, 1\) twice"),
        ([(1, 1, 1)], {}, "edges: expected pairs of different spins, found 1 twice in edge 0"),
        ([(0, 1)], {}, "edges: expected .* in edge 0"),
        ([(0, "a", 1)], {}, "edges: expected spins from 0 to 65535, found 'a' in edge 0"),
        ([(0, -1, 1)], {}, "edges: expected spins from 0 to 65535, found -1"),
        ([(0, 1, np.nan)], {}, "edges: expected finite numbers"),
        ([(0, 5, 1)], {"n_spins": 3}, "edges: expected spins below n_spins=3, found 5"),
        ([], {}, "edges: expected 1 to 65536 spins, found 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            IsingModel.from_edges(edges, **options)


def test_graphs_keep_their_nodes():
    graph = nx.Graph()
    graph.add_edge("b", "a", weight=2.0)
    graph.add_edge("b", ("c", 1))
    model = IsingModel.from_networkx(graph, fields={"a": 0.5})
    assert model.variables == ("b", "a", ("c", 1))
    assert model.energy([1, 1, 1]) == -3.5
    assert IsingModel.from_networkx(graph, weight=None).energy([1, 1, 1]) == -2.0
    cut = IsingModel.max_cut(graph)
    assert cut.cut([1, -1, 1]) == 2.0 and cut.cut([[1, 1, 1], [1, -1, -1]]).tolist() == [0.0, 3.0]
    multi = nx.MultiGraph([(0, 1, {"weight": 1.0}), (1, 0, {"weight": 2.0})])
    assert IsingModel.from_networkx(multi).energy([1, 1]) == -3.0
    for wrong, message in [
        (nx.DiGraph([(0, 1)]), "graph: expected an undirected graph, found a DiGraph"),
        (nx.Graph([(0, 0)]), "graph: expected no edge from a node to itself"),
        (nx.Graph([(0, 1, {"weight": "x"})]), "graph: expected numbers as weights, found 'x'"),
        (nx.Graph([(0, 1, {"weight": np.nan})]), "graph: expected finite numbers"),
        (nx.Graph(), "graph: expected 1 to 65536 spins, found 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            IsingModel.from_networkx(wrong)
    with pytest.raises(ValueError, match="fields: expected nodes of the graph, found 'z'"):
        IsingModel.from_networkx(graph, fields={"z": 1})


def test_qubos_have_the_energies_of_their_bits():
    q = np.random.default_rng(2).integers(-8, 9, (6, 6)) / 4
    bits = (all_spins(6) + 1) // 2
    expected = np.einsum("ai,ij,aj->a", bits, q, bits)
    entries = {(i, j): q[i, j] for i in range(6) for j in range(6)}
    for qubo in [q, q.tolist(), scipy.sparse.csr_array(q), entries]:
        model = IsingModel.from_qubo(qubo)
        assert (model.energy(all_spins(6)) == expected).all()
    assert model.exact(0.5).ln_z == pytest.approx(np.log(np.exp(-0.5 * expected).sum()), abs=1e-12)
    with pytest.raises(ValueError, match="qubo: expected a square matrix"):
        IsingModel.from_qubo(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="qubo: expected pairs"):
        IsingModel.from_qubo({0: 1})


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_bqms_go_there_and_back(vartype):
    bqm = dimod.BinaryQuadraticModel({"a": 0.5, 7: -1}, {("a", 7): 2, (7, ("b",)): -0.25}, 3.5, vartype)
    model = IsingModel.from_bqm(bqm)
    assert model.variables == tuple(bqm.variables)
    states = all_spins(3)
    values = states if vartype == "SPIN" else (states + 1) // 2
    expected = bqm.energies((values, list(bqm.variables)))
    assert (model.energy(states) == expected).all()
    for back in ("SPIN", "BINARY"):
        other = model.to_bqm(back)
        assert other.vartype is dimod.as_vartype(back)
        values = states if back == "SPIN" else (states + 1) // 2
        np.testing.assert_allclose(other.energies((values, list(bqm.variables))), expected, atol=1e-12)


def test_files_are_those_of_the_command(tmp_path):
    path = tmp_path / "model.safetensors"
    w, h = random_model(6, 3)
    model = IsingModel(w, h)
    model.save(path)
    assert same(IsingModel.load(path), w, h)
    assert command("ising", "exact", path)["ln_z"] == model.exact().ln_z

    qubo = IsingModel.from_qubo({(0, 0): 1.0, (0, 1): -2.5})
    qubo.save(path)
    loaded = IsingModel.load(path)
    assert (loaded.energy(all_spins(2)) == qubo.energy(all_spins(2))).all()
    assert command("ising", "exact", path)["mean_energy"] == pytest.approx(qubo.exact().energy, abs=1e-12)

    with pytest.warns(UserWarning, match="float32 rounds 1 couplings and fields"):
        IsingModel([[0, 0.1], [0.1, 0]]).save(path)
    with pytest.warns(UserWarning, match="does not hold the offset, 2.0"):
        IsingModel([[0, 1], [1, 0]], offset=2.0).save(path)
    with pytest.raises(ValueError, match="path: expected a name that ends in .safetensors"):
        model.save(tmp_path / "model.npz")
    with pytest.raises(ValueError, match="path: a file holds 2 to 16384 spins, found 1"):
        IsingModel([[0]]).save(path)

    graph = tmp_path / "graph.txt"
    graph.write_text("2 2\n1 2 2\n2 1 2\n")
    with pytest.warns(UserWarning, match="both directions"):
        assert IsingModel.load(graph).energy([1, -1]) == -2.0
    with pytest.warns(UserWarning, match="both directions"):
        assert IsingModel.load(graph, convention="ising").energy([1, -1]) == 2.0
    with pytest.raises(ValueError, match="graph.txt"):
        (tmp_path / "graph.txt").write_text("nonsense\n")
        IsingModel.load(graph)
    with pytest.raises(FileNotFoundError, match="none.txt"):
        IsingModel.load(tmp_path / "none.txt")
    with pytest.raises(ValueError, match="convention: expected None"):
        IsingModel.load(graph, convention="cut")
