"""Ising models from arrays, graphs, lists of edges, QUBOs, BQMs and files, and back."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _couplings
from ._checks import check_count, check_number, check_path
from ._native import Ising

if TYPE_CHECKING:
    from typing_extensions import Self

#: The most spins of a matrix that a file may hold.
MOST_WRITTEN = 1 << 14


class IsingConversions:
    """What an Ising model is made of: couplings, fields and an offset."""

    def _set(self, count, edges, fields, offset, variables):
        self._hold(Ising(_check_fields(fields, count, variables), *edges), check_number(offset, "offset"), variables)

    def _hold(self, native, offset, variables):
        self._native = native
        self.offset = offset
        self.variables = range(native.units) if variables is None else tuple(variables)

    @classmethod
    def _of(cls, count, edges, fields=None, offset=0.0, variables=None):
        model = cls.__new__(cls)
        model._set(count, edges, fields, offset, variables)
        return model

    @classmethod
    def from_edges(
        cls,
        edges: Iterable[tuple[int, int, float]],
        fields: ArrayLike | None = None,
        *,
        n_spins: int | None = None,
        offset: float = 0.0,
    ) -> Self:
        """Model of a list of couplings ``(i, j, w_ij)``, each pair once.

        Parameters
        ----------
        edges : iterable of (int, int, float)
        fields : array-like of shape (n_spins,), default=None
        n_spins : int, default=None
            One more than the largest spin of the edges, or the number of fields, for None.
        offset : float, default=0.0

        Examples
        --------
        >>> import bitspin
        >>> bitspin.IsingModel.from_edges([(0, 1, 1.0), (1, 2, -2.0)])
        IsingModel(n_spins=3, n_couplings=2)
        """
        if n_spins is None and fields is not None:
            n_spins = len(_couplings.float_array(fields, "fields", 1))
        if n_spins is not None:
            n_spins = check_count(n_spins, "n_spins", most=_couplings.MOST_SPINS)
        count, *edges = _couplings.from_edges(edges, n_spins)
        return cls._of(count, edges, fields, offset)

    @classmethod
    def from_networkx(cls, graph: Any, weight: str | None = "weight", fields: Any = None) -> Self:
        """Model whose couplings w_ij are the weights of an undirected NetworkX graph.

        Parameters
        ----------
        graph : networkx.Graph or networkx.MultiGraph
            Weights of parallel edges are summed.
        weight : str or None, default="weight"
            The attribute of an edge; an edge without it has a weight of 1, and so has every edge for None.
        fields : array-like of shape (n_spins,) or dict, default=None
            In the order of ``graph.nodes``, or by node; nodes that a dict lacks have no field.
        """
        nodes, (count, *edges) = _couplings.from_graph(graph, weight)
        return cls._of(count, edges, fields, variables=nodes)

    @classmethod
    def max_cut(cls, graph: Any, weight: str | None = "weight") -> Self:
        """Model whose lowest energy is the largest cut of a graph: w_ij = -weight. :meth:`cut` gives cuts of states.

        Parameters
        ----------
        graph : networkx.Graph, or array-like or sparse matrix of shape (n_nodes, n_nodes)
            A graph, or its symmetric matrix of weights.
        weight : str or None, default="weight"
            As in :meth:`from_networkx`.

        Examples
        --------
        >>> import bitspin
        >>> triangle = bitspin.IsingModel.max_cut([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
        >>> triangle.cut(triangle.anneal(random_state=1).state)
        2.0
        """
        nodes = None
        if _couplings.is_graph(graph):
            nodes, (count, rows, columns, weights) = _couplings.from_graph(graph, weight)
        else:
            count, rows, columns, weights = _couplings.from_matrix(graph, "graph")
        return cls._of(count, (rows, columns, -weights), variables=nodes)

    @classmethod
    def from_qubo(cls, qubo: Any, n_spins: int | None = None) -> Self:
        """Model of a QUBO, whose energy is sum_ij Q_ij x_i x_j over bits x = (1 + s) / 2.

        Parameters
        ----------
        qubo : dict of (int, int) to float, or array-like or sparse matrix of shape (n_spins, n_spins)
            Q of any shape: entries (i, j) and (j, i) are summed.
        n_spins : int, default=None
            One more than the largest index of a dict for None.

        Examples
        --------
        >>> import bitspin
        >>> model = bitspin.IsingModel.from_qubo({(0, 0): 1.0, (0, 1): -2.0})
        >>> model.energy([1, 1])
        -1.0
        """
        if hasattr(qubo, "items"):
            terms = [(*_pair(key), value) for key, value in qubo.items()]
            rows, columns, weights = _couplings.edge_arrays(terms, "qubo")
            count = int(max(rows.max(), columns.max())) + 1 if len(rows) else 0
        else:
            matrix = qubo.tocoo() if hasattr(qubo, "tocoo") else _couplings.float_array(qubo, "qubo", 2)
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
                raise ValueError(f"qubo: expected a square matrix, found shape {matrix.shape}")
            count = _couplings.check_spin_count(matrix.shape[0], "qubo")
            rows, columns = (matrix.row, matrix.col) if hasattr(matrix, "row") else np.nonzero(matrix)
            weights = matrix.data if hasattr(matrix, "row") else matrix[rows, columns]
            weights = _couplings.float_array(weights, "qubo", 1)
            rows, columns = rows.astype(np.uint32), columns.astype(np.uint32)
        if n_spins is not None:
            n_spins = check_count(n_spins, "n_spins", most=_couplings.MOST_SPINS)
            if n_spins < count:
                raise ValueError(f"qubo: expected indices below n_spins={n_spins}, found {count - 1}")
            count = n_spins
        count = _couplings.check_spin_count(count, "qubo")
        model = cls.__new__(cls)
        native = Ising.from_qubo(count, rows, columns, weights)
        model._hold(native, native.qubo_offset, None)
        return model

    @classmethod
    def from_bqm(cls, bqm: Any) -> Self:
        """Model of a dimod binary quadratic model: fields ``-h``, couplings ``-J``, and its offset.

        A bit x of a BINARY model becomes the spin 2 x - 1. Spins have the order of ``bqm.variables``.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            SPIN or BINARY, with biases of any number type.
        """
        variables = tuple(bqm.variables)
        count = _couplings.check_spin_count(len(variables), "bqm")
        linear, (rows, columns, weights), offset = bqm.spin.to_numpy_vectors(variable_order=variables)
        linear = _couplings.float_array(linear, "bqm", 1)
        weights = _couplings.float_array(weights, "bqm", 1)
        edges = rows.astype(np.uint32), columns.astype(np.uint32), -weights
        return cls._of(count, edges, 0.0 - linear, float(offset), variables)

    def to_bqm(self, vartype: Any = "SPIN") -> Any:
        """The model as a binary quadratic model of dimod, with the same energies.

        Parameters
        ----------
        vartype : {"SPIN", "BINARY"}, default="SPIN"
            What its variables are.

        Returns
        -------
        dimod.BinaryQuadraticModel
        """
        import dimod

        rows, columns, weights = self._native.edges
        bqm = dimod.BinaryQuadraticModel.from_numpy_vectors(
            0.0 - self.fields,
            (rows, columns, 0.0 - weights),
            self.offset,
            dimod.SPIN,
            variable_order=list(self.variables),
        )
        return bqm.change_vartype(vartype, inplace=True)

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, convention: str | None = None, symmetrise: bool = False
    ) -> Self:
        """Read a model from a file of any format of ``bitspin ising``.

        Parameters
        ----------
        path : str or path-like
            A .safetensors file with ``w`` and ``h``, a graph (edge list, COO, DIMACS, MatrixMarket) or a QUBO (qbsolv).
        convention : {None, "maxcut", "ising"}, default=None
            What the weights of a graph mean: J = -w (the default), or J = w.
        symmetrise : bool, default=False
            Whether couplings that differ in the two directions become their mean.

        Warns
        -----
        UserWarning
            Of what was not evident from the file, and how it was taken.
        """
        native, notes = Ising.load(check_path(path), convention, bool(symmetrise))
        for note in notes:
            warnings.warn(f"{os.fspath(path)}: {note}", UserWarning, stacklevel=2)
        model = cls.__new__(cls)
        model._hold(native, native.qubo_offset or 0.0, None)
        return model

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file that the command reads: float32 ``w`` and ``h``.

        Parameters
        ----------
        path : str or path-like
            A name that ends in .safetensors. An earlier file is replaced.

        Warns
        -----
        UserWarning
            If float32 rounds couplings or fields, or if the file cannot hold the offset: it holds that of a QUBO only.
        """
        path = os.fspath(path)
        if not path.endswith(".safetensors"):
            raise ValueError(f"path: expected a name that ends in .safetensors, found {path!r}")
        if not 2 <= self.n_spins <= MOST_WRITTEN:
            raise ValueError(f"path: a file holds 2 to {MOST_WRITTEN} spins, found {self.n_spins}")
        numbers_held = np.concatenate([self._native.edges[2], self.fields])
        with np.errstate(over="ignore"):
            rounded = np.count_nonzero(numbers_held.astype(np.float32) != numbers_held)
        self._native.save(path)
        if rounded:
            warnings.warn(f"{path}: float32 rounds {rounded} couplings and fields", UserWarning, stacklevel=2)
        if self.offset != (self._native.qubo_offset or 0.0):
            warnings.warn(f"{path}: the file does not hold the offset, {self.offset}", UserWarning, stacklevel=2)

    @property
    def n_spins(self) -> int:
        """Number of spins."""
        return self._native.units

    @property
    def n_couplings(self) -> int:
        """Number of pairs with a coupling that is not 0."""
        return len(self._native.edges[2])

    @property
    def fields(self) -> NDArray[np.float64]:
        """Magnetic fields, a copy."""
        return self._native.fields

    @property
    def couplings(self) -> Any:
        """Couplings as a symmetric ``scipy.sparse.csr_array``, a copy."""
        from scipy.sparse import coo_array

        rows, columns, weights = self._native.edges
        both = np.concatenate([weights, weights])
        places = np.concatenate([rows, columns]), np.concatenate([columns, rows])
        return coo_array((both, places), shape=(self.n_spins, self.n_spins)).tocsr()

    def __repr__(self):
        return f"IsingModel(n_spins={self.n_spins}, n_couplings={self.n_couplings})"

    def __getstate__(self):
        variables = None if isinstance(self.variables, range) else self.variables
        return self.fields, self._native.edges, self._native.qubo_offset, self.offset, variables

    def __setstate__(self, state):
        fields, edges, qubo_offset, offset, variables = state
        native = Ising(fields, *edges)
        if qubo_offset is not None:
            native = native.with_qubo_offset(qubo_offset)
        self._hold(native, offset, variables)


def _check_fields(fields, count, variables):
    if fields is None:
        return np.zeros(count)
    if hasattr(fields, "items") and variables is not None:
        number = {variable: at for at, variable in enumerate(variables)}
        values = np.zeros(count)
        for variable, field in fields.items():
            if variable not in number:
                raise ValueError(f"fields: expected nodes of the graph, found {variable!r}")
            values[number[variable]] = field
        fields = values
    fields = _couplings.float_array(fields, "fields", 1)
    if len(fields) != count:
        raise ValueError(f"fields: expected {count}, one per spin, found {len(fields)}")
    return fields


def _pair(key):
    if not isinstance(key, tuple) or len(key) != 2:
        raise ValueError(f"qubo: expected pairs (i, j) as keys, found {key!r}")
    return key
