"""Settings of training from the arguments of an estimator."""

import numpy as np

from ._checks import check_choice, check_count, check_flag, check_number
from ._native import preset as settings_of

#: Every setting of training that no preset has; see `settings_of` for the others.
PLAN = {
    **settings_of("lecture"),
    "objective": "generative",
    "mix": 0.05,
    "last_batch": None,
    "momentum": 0.0,
    "weight_decay": 0.0,
    "l1": 0.0,
    "sparsity_target": None,
    "sparsity_cost": 0.1,
    "centred": False,
}

_SCHEDULES = ("inverse", "linear", "exponential", "cosine")


def plan_of(model, epochs, seed):
    """The settings of an estimator's training.

    Arguments that are None have the value of the preset; without a preset, that of the lecture's, but for `epochs` and
    minibatches that suit small data.
    """
    if model.preset is None:
        base = {**PLAN, "epochs": epochs, "batch": 16}
    else:
        base = {**PLAN, **settings_of(check_choice(model.preset, "preset", ("lecture", "quick", "best")))}
    plan = {
        **base,
        "seed": seed,
        "momentum": check_number(model.momentum, "momentum"),
        "weight_decay": check_number(model.weight_decay, "weight_decay"),
        "l1": check_number(model.l1, "l1"),
        "sparsity_cost": check_number(model.sparsity_cost, "sparsity_cost"),
        "centred": check_flag(model.centred, "centred"),
    }
    for name, field, check in [
        ("n_iter", "epochs", lambda value, name: check_count(value, name, most=2**32)),
        ("batch_size", "batch", check_count),
        ("final_batch_size", "last_batch", check_count),
        ("learning_rate", "learning_rate", check_number),
        ("sparsity_target", "sparsity_target", check_number),
    ]:
        value = getattr(model, name)
        if value is not None:
            plan[field] = check(value, name)
    if model.method is not None:
        plan["persistent"] = check_choice(model.method, "method", ("cd", "pcd")) == "pcd"
    if model.visible_bias is not None:
        choice = check_choice(model.visible_bias, "visible_bias", ("zero", "data"))
        plan["starts_from_means"] = choice == "data"
    if model.steps is not None:
        plan["steps"], plan["last_steps"] = check_count(model.steps, "steps"), None
    if model.final_steps is not None:
        plan["last_steps"] = check_count(model.final_steps, "final_steps")
    _set_schedule(model, plan)
    return plan


def _set_schedule(model, plan):
    """Set the form of the learning rate's schedule and where it ends."""
    form, last, decay = model.schedule, model.final_learning_rate, model.decay
    last = None if last is None else check_number(last, "final_learning_rate")
    decay = None if decay is None else check_number(decay, "decay")
    if form is not None:
        form = check_choice(form, "schedule", _SCHEDULES)
        preset_last = float(np.float32(0.01) * np.float32(plan["learning_rate"])) if form == "exponential" else 0.0
    else:
        form, preset_last = plan["schedule"] if decay is None else "inverse", plan["last_rate"]
    if form == "inverse":
        if last is not None:
            raise ValueError("final_learning_rate: expected together with schedule='linear', 'exponential' or 'cosine'")
    elif decay is not None:
        raise ValueError("decay: expected together with schedule='inverse'; the others have final_learning_rate")
    plan["schedule"] = form
    plan["decay"] = plan["decay"] if decay is None else decay
    plan["last_rate"] = preset_last if last is None else last
