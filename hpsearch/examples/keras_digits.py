"""A Keras network on the digits, tuned by configs/keras_digits.yaml; needs `hpsearch[tensorflow]`.

By itself, `python -m hpsearch.examples.keras_digits` trains with DEFAULTS.
"""

from typing import Any

import keras
import numpy as np
from keras import layers

from hpsearch.examples.digits.checkpoint import load_checkpoint, save_checkpoint
from hpsearch.examples.digits.data import load_digits

DEFAULTS = {"learning_rate": 0.01, "beta1": 0.9, "batch_size": 64, "hidden_units": 64, "layers": 2}
DEFAULTS |= {"decay": 0.1, "beta2": 0.999, "epsilon": 1e-7, "dropout": 0.1, "epochs": 10}


def build(p: dict[str, Any]) -> Any:
    """The compiled network: each hidden layer has batch norm before its ReLU, and dropout."""
    model = keras.Sequential([keras.Input((64,))])
    for _ in range(p["layers"]):
        model.add(layers.Dense(p["hidden_units"], use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        model.add(layers.Dropout(p["dropout"]))
    model.add(layers.Dense(10, activation="softmax"))
    adam = keras.optimizers.Adam(p["learning_rate"], p["beta1"], p["beta2"], p["epsilon"])
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    adam.build(model.trainable_variables)
    return model


def train(params: dict[str, Any], trial: Any = None) -> None:
    """Train for `trial.budget` epochs in all, or for `epochs`; goes on from its checkpoint."""
    p, digits, done = DEFAULTS | params, load_digits(np.float32), 0
    seed, budget = (trial.seed, trial.budget) if trial else (0, None)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(p)
    state = {v.path: v for v in [*model.variables, *model.optimizer.variables]}
    if trial and (saved := load_checkpoint(trial.dir / "checkpoint")):
        done = saved[1]["epochs"]
        for path, array in saved[0].items():
            state[path].assign(array)

    def report(epoch: int, logs: dict[str, float]) -> None:
        trial.report(epoch + 1, val_loss=logs["val_loss"], val_error=1 - logs["val_accuracy"])
        arrays = {path: variable.numpy() for path, variable in state.items()}
        save_checkpoint(trial.dir / "checkpoint", arrays, {"epochs": epoch + 1})

    fixed: dict[str, Any] = {"batch_size": p["batch_size"], "shuffle": False, "verbose": 2}
    fixed["validation_data"] = (digits.validation.images, digits.validation.labels)
    fixed["callbacks"] = [keras.callbacks.LambdaCallback(on_epoch_end=report)] if trial else []
    for epoch in range(done, int(budget or p["epochs"])):
        order = np.random.default_rng([seed, epoch]).permutation(len(digits.training))
        x, y = digits.training.images[order], digits.training.labels[order]
        model.optimizer.learning_rate = p["learning_rate"] / (1 + p["decay"] * epoch)
        model.fit(x, y, initial_epoch=epoch, epochs=epoch + 1, **fixed)


if __name__ == "__main__":
    train(DEFAULTS)
