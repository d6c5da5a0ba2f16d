"""The native module: arrays in, the engine's work without the GIL, arrays out."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Called with the number of steps done since its last call.
_Progress = Callable[[int], Any]
_Pairs = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]
_Parameters = tuple[NDArray[np.float32], NDArray[np.float32]]

def cores() -> int: ...
def config() -> dict[str, Any]: ...

class Ising:
    def __init__(
        self,
        fields: NDArray[np.float64],
        rows: NDArray[np.uint32],
        columns: NDArray[np.uint32],
        weights: NDArray[np.float64],
    ) -> None: ...
    @staticmethod
    def from_qubo(
        units: int, rows: NDArray[np.uint32], columns: NDArray[np.uint32], weights: NDArray[np.float64]
    ) -> Ising: ...
    @staticmethod
    def load(path: str, convention: str | None, symmetrise: bool) -> tuple[Ising, list[str]]: ...
    def save(self, path: str) -> None: ...
    def with_qubo_offset(self, offset: float) -> Ising: ...
    def energies(self, states: NDArray[np.int8]) -> NDArray[np.float64]: ...
    @property
    def units(self) -> int: ...
    @property
    def fields(self) -> NDArray[np.float64]: ...
    @property
    def edges(self) -> _Pairs: ...
    @property
    def typical_field(self) -> float: ...
    @property
    def qubo_offset(self) -> float | None: ...

def ising_anneal(
    model: Ising,
    schedule: tuple[str, tuple[float, float] | None, int],
    betas: NDArray[np.float64] | None,
    rule: str,
    replicas: int,
    starts: NDArray[np.int8] | None,
    seed: int,
    threads: int,
    time_limit: float | None,
    progress: _Progress | None,
) -> tuple[dict[str, Any], BaseException | None]: ...
def ising_sample(
    model: Ising,
    betas: NDArray[np.float64],
    sampler: str,
    sweeps: int,
    burn_in: int,
    chains: int,
    seed: int,
    threads: int,
    progress: _Progress | None,
) -> tuple[dict[str, Any], BaseException | None]: ...
def ising_exact(model: Ising, beta: float, probabilities: bool) -> dict[str, Any]: ...

class HopfieldMemory:
    def __init__(self, rule: str, patterns: NDArray[np.int8]) -> None: ...
    @staticmethod
    def alike(
        rule: str, patterns: NDArray[np.int8]
    ) -> tuple[tuple[int, int] | None, tuple[int, int, str] | None]: ...
    def energies(self, states: NDArray[np.int8]) -> NDArray[np.float64]: ...
    def recall(
        self,
        states: NDArray[np.int8],
        motion: str,
        temperature: float,
        sweeps: int,
        trace: bool,
        seed: int,
        threads: int,
        progress: _Progress | None,
    ) -> tuple[dict[str, Any], BaseException | None]: ...
    def classify(self, states: NDArray[np.int8]) -> dict[str, Any]: ...

def boltzmann_fit(
    rows: NDArray[np.int8],
    method: str,
    hidden: int,
    options: dict[str, int | float],
    seed: int,
    threads: int,
    progress: _Progress | None,
) -> tuple[_Parameters, NDArray[np.float32], BaseException | None]: ...
def boltzmann_measure(
    model: _Parameters, rows: NDArray[np.int8], threads: int
) -> tuple[float | None, float | None, float | None]: ...
def boltzmann_scores(model: _Parameters, rows: NDArray[np.int8], threads: int) -> NDArray[np.float64] | None: ...
def boltzmann_probabilities(model: _Parameters, visible: int, threads: int) -> NDArray[np.float64] | None: ...
def boltzmann_sample(
    model: _Parameters, chains: tuple[int, int, int], seed: int, threads: int, progress: _Progress | None
) -> tuple[NDArray[np.int8], bool, str]: ...
def boltzmann_save(
    path: str,
    model: _Parameters,
    method: str,
    hidden: int,
    options: dict[str, int | float],
    seed: int,
    epochs: int,
) -> None: ...
def boltzmann_load(path: str) -> tuple[_Parameters, dict[str, str]]: ...
