"""Couplings and fields of Ising models from arrays, sparse matrices, graphs and lists of edges.

Each function returns the number of spins and the pairs (rows, columns, weights), each pair once, rows < columns.
"""

import numbers

import numpy as np

#: The most spins of a model.
MOST_SPINS = 65_536


def float_array(values, name, ndim):
    """Finite numbers as a float64 array of so many dimensions."""
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected an array of numbers, found {type(values).__name__}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected numbers, found dtype {array.dtype}")
    if array.ndim != ndim:
        raise ValueError(f"{name}: expected {ndim} dimensions, found shape {array.shape}")
    check_exact(array, name)
    array = array.astype(np.float64)
    check_finite(array, name)
    return array


def check_exact(array, name):
    """Refuse integers that float64 would round."""
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size:
        most = max(int(array.max()), -int(array.min()))
        if most > 2**53:
            raise ValueError(f"{name}: expected integers up to 2^53 in magnitude, found {most}")


def check_finite(array, name):
    """Refuse NaN and infinities, by their place."""
    wrong = ~np.isfinite(array)
    if wrong.any():
        place = [int(at) for at in np.argwhere(wrong)[0]]
        found = array[tuple(place)]
        raise ValueError(f"{name}: expected finite numbers, found {'NaN' if np.isnan(found) else found} at {place}")


def check_spin_count(count, name):
    """Refuse numbers of spins that no model has."""
    if not 1 <= count <= MOST_SPINS:
        raise ValueError(f"{name}: expected 1 to {MOST_SPINS} spins, found {count}")
    return int(count)


def from_matrix(couplings, name="couplings"):
    """Pairs of a symmetric matrix with a zero diagonal, dense or sparse."""
    if hasattr(couplings, "tocoo"):
        return _from_sparse(couplings, name)
    array = float_array(couplings, name, 2)
    count = _check_square(array.shape, name)
    different = array != array.T
    if different.any():
        raise _asymmetric(name, *np.argwhere(different)[0], array)
    diagonal = np.flatnonzero(array.diagonal())
    if diagonal.size:
        raise _self_coupling(name, diagonal[0], array[diagonal[0], diagonal[0]])
    rows, columns = np.nonzero(np.triu(array, 1))
    return count, rows.astype(np.uint32), columns.astype(np.uint32), array[rows, columns]


def _from_sparse(matrix, name):
    count = _check_square(matrix.shape, name)
    coordinates = matrix.tocoo(copy=True)
    coordinates.sum_duplicates()
    weights = float_array(coordinates.data, name, 1)
    rows, columns = coordinates.row.astype(np.int64), coordinates.col.astype(np.int64)
    present = weights != 0
    rows, columns, weights = rows[present], columns[present], weights[present]
    diagonal = np.flatnonzero(rows == columns)
    if diagonal.size:
        raise _self_coupling(name, rows[diagonal[0]], weights[diagonal[0]])
    forth, back = np.lexsort((columns, rows)), np.lexsort((rows, columns))
    same = (rows[forth] == columns[back]) & (columns[forth] == rows[back]) & (weights[forth] == weights[back])
    if not same.all():
        at = int(np.argmin(same))
        # Whichever comes first has no equal entry across the diagonal.
        pair = min((rows[forth[at]], columns[forth[at]]), (columns[back[at]], rows[back[at]]))
        raise _asymmetric(name, *pair, matrix.tocsr())
    upper = rows < columns
    return count, rows[upper].astype(np.uint32), columns[upper].astype(np.uint32), weights[upper]


def _check_square(shape, name):
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"{name}: expected a square matrix, found shape {tuple(shape)}")
    return check_spin_count(shape[0], name)


def _asymmetric(name, row, column, array):
    forth, back = array[row, column], array[column, row]
    return ValueError(
        f"{name}: expected a symmetric matrix, found {forth} at [{row}, {column}] but {back} at [{column}, {row}]; "
        "a triangular matrix A becomes symmetric by A + A.T"
    )


def _self_coupling(name, unit, weight):
    return ValueError(f"{name}: expected a zero diagonal, found {weight} at [{unit}, {unit}]")


def from_edges(edges, n_spins=None, name="edges"):
    """Pairs of a list of (i, j, weight)."""
    rows, columns, weights = edge_arrays(edges, name)
    most = int(max(rows.max(), columns.max())) + 1 if rows.size else 0
    if n_spins is None:
        n_spins = most
    elif n_spins < most:
        raise ValueError(f"{name}: expected spins below n_spins={n_spins}, found {most - 1}")
    count = check_spin_count(n_spins, name)
    loops = np.flatnonzero(rows == columns)
    if loops.size:
        raise ValueError(f"{name}: expected pairs of different spins, found {rows[loops[0]]} twice in edge {loops[0]}")
    low, high = np.minimum(rows, columns), np.maximum(rows, columns)
    order = np.lexsort((high, low))
    low, high, weights = low[order], high[order], weights[order]
    repeated = np.flatnonzero((low[1:] == low[:-1]) & (high[1:] == high[:-1]))
    if repeated.size:
        at = repeated[0]
        raise ValueError(f"{name}: expected each pair once, found ({low[at]}, {high[at]}) twice")
    return count, low, high, weights


def edge_arrays(edges, name):
    """Lists of (i, j, weight) as arrays of uint32, uint32 and float64."""
    edges = list(edges)
    if not edges:
        return np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0)
    for at, edge in enumerate(edges):
        if len(edge) != 3:
            raise ValueError(f"{name}: expected (i, j, weight), found {edge!r} in edge {at}")
        for spin in edge[:2]:
            if not isinstance(spin, numbers.Integral) or isinstance(spin, bool) or not 0 <= spin < MOST_SPINS:
                raise ValueError(f"{name}: expected spins from 0 to {MOST_SPINS - 1}, found {spin!r} in edge {at}")
    rows, columns, weights = zip(*edges)
    return np.array(rows, np.uint32), np.array(columns, np.uint32), float_array(weights, name, 1)


def from_graph(graph, weight="weight", name="graph"):
    """Pairs of an undirected NetworkX graph, and its nodes in the order of the spins.

    An edge without the attribute has a weight of 1; parallel edges of a multigraph are summed.
    """
    if graph.is_directed():
        raise ValueError(f"{name}: expected an undirected graph, found a {type(graph).__name__}; see to_undirected()")
    nodes = tuple(graph.nodes)
    number = {node: spin for spin, node in enumerate(nodes)}
    sums = {}
    edges = graph.edges(data=weight, default=1) if weight is not None else ((u, v, 1) for u, v in graph.edges())
    for u, v, found in edges:
        if u == v:
            raise ValueError(f"{name}: expected no edge from a node to itself, found one of node {u!r}")
        i, j = number[u], number[v]
        pair = (i, j) if i < j else (j, i)
        try:
            sums[pair] = sums.get(pair, 0.0) + float(found)
        except (TypeError, ValueError):
            raise ValueError(f"{name}: expected numbers as weights, found {found!r} of edge ({u!r}, {v!r})") from None
    edges = ((i, j, found) for (i, j), found in sums.items())
    return nodes, from_edges(edges, check_spin_count(len(nodes), name), name)


def is_graph(value):
    """Whether this is a NetworkX graph."""
    return hasattr(value, "nodes") and hasattr(value, "edges") and hasattr(value, "is_directed")
