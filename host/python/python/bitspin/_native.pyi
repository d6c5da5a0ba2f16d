"""The native module: arrays in, the engine's work without the GIL, arrays out."""

from collections.abc import Callable
from os import PathLike
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "HopfieldMemory",
    "Ising",
    "Rows",
    "Trainer",
    "annealed_ln_z",
    "annealing_steps",
    "best_temperature",
    "boltzmann_fit",
    "boltzmann_load",
    "boltzmann_measure",
    "boltzmann_probabilities",
    "boltzmann_sample",
    "boltzmann_save",
    "boltzmann_scores",
    "class_logits",
    "complete",
    "config",
    "cores",
    "flip_changes",
    "free_energies",
    "from_tensors",
    "hidden_probabilities",
    "initial_parameters",
    "initial_visible_bias",
    "ising_anneal",
    "ising_exact",
    "ising_sample",
    "ln_z",
    "load_model",
    "model_to_bytes",
    "preset",
    "pseudo_log_likelihoods",
    "sample",
]

# Called with the number of steps done since its last call.
_Progress = Callable[[int], Any]
_Pairs = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]
# Couplings and fields of a Boltzmann machine.
_Parameters = tuple[NDArray[np.float32], NDArray[np.float32]]
_Path = str | PathLike[str]

def cores() -> int: ...
def config() -> dict[str, Any]: ...

@final
class Ising:
    def __new__(
        cls,
        fields: NDArray[np.float64],
        rows: NDArray[np.uint32],
        columns: NDArray[np.uint32],
        weights: NDArray[np.float64],
    ) -> Ising: ...
    @staticmethod
    def from_qubo(
        units: int, rows: NDArray[np.uint32], columns: NDArray[np.uint32], weights: NDArray[np.float64]
    ) -> Ising: ...
    @staticmethod
    def load(path: _Path, convention: str | None, symmetrise: bool) -> tuple[Ising, list[str]]: ...
    def save(self, path: _Path) -> None: ...
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

@final
class HopfieldMemory:
    def __new__(cls, rule: str, patterns: NDArray[np.int8]) -> HopfieldMemory: ...
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
    path: _Path,
    model: _Parameters,
    method: str,
    hidden: int,
    options: dict[str, int | float],
    seed: int,
    epochs: int,
) -> None: ...
def boltzmann_load(path: _Path) -> tuple[_Parameters, dict[str, str]]: ...

# W of [hidden, visible], b of [visible] and c of [hidden].
_Rbm = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
_Settings = dict[str, Any]

@final
class Rows:
    @staticmethod
    def dense(array: NDArray[Any], clip: bool | None, threads: int) -> Rows: ...
    @staticmethod
    def sparse(
        arrays: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], units: int, clip: bool | None, threads: int
    ) -> Rows: ...
    @property
    def kind(self) -> str: ...
    @property
    def count(self) -> int: ...
    def drawn(self, seed: int, threads: int) -> Rows: ...
    def binarised(self, seed: int, epoch: int, threads: int) -> NDArray[np.bool_]: ...

@final
class Trainer:
    def __new__(cls, arrays: _Rbm, rows: int, plan: _Settings, classes: int) -> Trainer: ...
    @staticmethod
    def resume(state: bytes, plan: _Settings) -> Trainer: ...
    def state(self) -> bytes: ...
    def epoch(
        self, rows: Rows, categories: NDArray[np.uint8] | None = None, progress: _Progress | None = None
    ) -> dict[str, Any]: ...
    def set_rows(self, rows: int) -> None: ...
    def parameters(self) -> _Rbm: ...
    @property
    def epochs(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    def hidden_states(self) -> NDArray[np.bool_]: ...
    def set_hidden_states(self, states: NDArray[np.bool_]) -> None: ...

def preset(name: str) -> _Settings: ...
def initial_parameters(visible: int, hidden: int, seed: int) -> _Rbm: ...
def initial_visible_bias(rows: Rows, seed: int, threads: int) -> NDArray[np.float32]: ...
def hidden_probabilities(arrays: _Rbm, rows: Rows, found: NDArray[Any], threads: int) -> None: ...
def free_energies(arrays: _Rbm, rows: Rows, threads: int) -> NDArray[np.float64]: ...
def flip_changes(arrays: _Rbm, rows: Rows, flipped: NDArray[np.uint32], threads: int) -> NDArray[np.float64]: ...
def class_logits(arrays: _Rbm, classes: int, rows: Rows, threads: int) -> NDArray[np.float64]: ...
def best_temperature(logits: NDArray[np.float64], labels: NDArray[np.uint16]) -> float: ...
def ln_z(arrays: _Rbm, threads: int) -> float: ...
def annealed_ln_z(
    arrays: _Rbm, rows: Rows | None, settings: _Settings, progress: _Progress | None = None
) -> dict[str, Any]: ...
def annealing_steps(arrays: _Rbm, settings: _Settings) -> int: ...
def pseudo_log_likelihoods(arrays: _Rbm, rows: Rows, seed: int, threads: int) -> NDArray[np.float64]: ...
def sample(
    arrays: _Rbm, run: _Settings, start: Rows | None = None, progress: _Progress | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]: ...
def complete(
    arrays: _Rbm,
    classes: int,
    start: NDArray[np.bool_],
    known: NDArray[np.bool_],
    steps: _Settings,
    progress: _Progress | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]: ...
def model_to_bytes(arrays: _Rbm, classes: int, metadata: dict[str, str]) -> bytes: ...
def load_model(path: _Path) -> tuple[_Rbm, int, dict[str, str], list[str]]: ...
def from_tensors(tensors: dict[str, NDArray[np.float64]]) -> tuple[_Rbm, list[str]]: ...
