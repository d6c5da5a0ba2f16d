"""Models in files and of other programs."""

import json
import os
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._checks import check_path, in_c_order
from ._training import TrainedModel

#: The key of the metadata that holds what only Python needs.
KEY = "python"


def write_model(path, parameters, classes, metadata):
    """Write a safetensors file, in one step, so that an interrupted write leaves an earlier file as it was."""
    path = Path(path)
    contents = _native.model_to_bytes(parameters, classes, metadata)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(contents)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read_model(path):
    """W, b and c of a file, the number of its label units and its metadata. What was renamed or rounded is warned of."""
    parameters, classes, metadata, notes = _native.load_model(check_path(path))
    warn(notes, path)
    return parameters, classes, metadata


def warn(notes, source):
    """Warn of what the user should know of how a model was read."""
    for note in notes:
        warnings.warn(f"{source}: {note}", UserWarning, stacklevel=4)


def settings_of(model):
    """The parameters of an estimator that JSON holds, as metadata."""
    settings = {}
    for name, value in model.get_params().items():
        value = value.item() if isinstance(value, np.generic) else value
        if value is None or isinstance(value, (bool, int, float, str)):
            settings[name] = value
    return settings


def array_of(values):
    """A tensor as float64: a NumPy array, or one of PyTorch on any device."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return in_c_order(values, np.float64)


class ModelFile(TrainedModel):
    """Saving and loading of RBMs."""

    random_state: Any

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a safetensors file, which the command ``bitspin rbm`` and PyTorch read.

        Parameters
        ----------
        path : str or os.PathLike
            The file; an earlier one is replaced.
        """
        parameters = self._exact()
        settings = {"params": settings_of(self), "n_iter": getattr(self, "n_iter_", 0)}
        metadata = {"model": "rbm", "epochs": str(settings["n_iter"]), KEY: json.dumps(settings)}
        write_model(path, parameters, 0, metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Any:
        """Read a model from a safetensors file, of this class, of the command ``bitspin rbm train`` or of another program.

        Parameters
        ----------
        path : str or os.PathLike
            The file. Names and layouts of scikit-learn, of PyTorch modules and of ``rbms`` are understood.

        Returns
        -------
        RBM
            A fitted model. Arguments of the constructor are those of the saved model, if it was one of this class.
        """
        parameters, classes, metadata = read_model(path)
        if classes:
            raise ValueError(f"{path}: expected an RBM without label units, found {classes}; use RBMClassifier.load")
        return cls._fitted(parameters, json.loads(metadata.get(KEY, "{}")))

    @classmethod
    def _fitted(cls, parameters, settings):
        model = cls(**{**settings.get("params", {}), "n_components": len(parameters[0])})
        model._set_parameters(*parameters)
        model.n_iter_ = settings.get("n_iter", 0)
        return model

    def state_dict(self) -> dict[str, NDArray[np.float32]]:
        """Return the parameters as a dict of arrays: ``W`` (n_components, n_features), ``v_bias`` and ``h_bias``.

        Returns
        -------
        dict of str to ndarray
            Copies, in float32.
        """
        w, visible_bias, hidden_bias = (values.copy() for values in self._exact())
        return {"W": w, "v_bias": visible_bias, "h_bias": hidden_bias}

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any], **params: Any) -> Any:
        """Make a model of the arrays or PyTorch tensors of a dict.

        Parameters
        ----------
        state : dict of str to array-like
            Weights and biases, by the names of :meth:`state_dict`, or others such as ``weight``, ``vbias`` and ``hbias``,
            with a module's prefix or without.
        **params
            Arguments of the constructor.

        Returns
        -------
        RBM
            A fitted model.
        """
        if not hasattr(state, "items"):
            raise ValueError(f"state: expected a dict of arrays, found {type(state).__name__}")
        parameters, notes = _native.from_tensors({str(name): array_of(values) for name, values in state.items()})
        warn([note for note in notes if "rounded" in note or "[visible, hidden]" in note], "state")
        return cls._fitted(parameters, {"params": params})

    @classmethod
    def from_sklearn(cls, model: Any, **params: Any) -> Any:
        """Make a model of a fitted BernoulliRBM of scikit-learn or of bitspin.

        Parameters
        ----------
        model : sklearn.neural_network.BernoulliRBM
            A fitted model; its parameters are rounded to float32.
        **params
            Arguments of the constructor.

        Returns
        -------
        RBM
            A fitted model.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(model)
        given = model.components_, model.intercept_visible_, model.intercept_hidden_
        parameters = tuple(in_c_order(values, np.float32) for values in given)
        params = {"learning_rate": model.learning_rate, "batch_size": model.batch_size, "n_iter": model.n_iter, **params}
        return cls._fitted(parameters, {"params": {"method": "pcd", **params}})

    def to_sklearn(self) -> Any:
        """Return the model as a fitted :class:`sklearn.neural_network.BernoulliRBM`.

        Returns
        -------
        sklearn.neural_network.BernoulliRBM
            Its parameters are copies, in float64.
        """
        from sklearn.neural_network import BernoulliRBM

        w, visible_bias, hidden_bias = (values.astype(np.float64) for values in self._exact())
        model = BernoulliRBM(len(w), random_state=self.random_state)
        model.components_, model.intercept_visible_, model.intercept_hidden_ = w, visible_bias, hidden_bias
        model.h_samples_ = np.zeros((model.batch_size, len(w)))
        model.n_features_in_, model._n_features_out = w.shape[1], len(w)
        return model
