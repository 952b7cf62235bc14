"""A Keras network on the digits, tuned by configs/keras_digits.yaml; alone it takes DEFAULTS."""

from typing import Any

import numpy as np

from hpsearch.examples.digits.checkpoint import load_checkpoint, save_checkpoint
from hpsearch.examples.digits.data import endless_mini_batches, load_digits
from hpsearch.examples.needs import needs

with needs("tensorflow"):
    import keras
    from keras import callbacks, layers

DEFAULTS = {"learning_rate": 0.01, "beta1": 0.9, "batch_size": 64, "hidden_units": 64, "layers": 2}
DEFAULTS |= {"decay": 0.1, "beta2": 0.999, "epsilon": 1e-7, "dropout": 0.1, "epochs": 10}


def build(p: dict[str, Any]) -> Any:
    """The compiled network: each hidden layer has batch norm before its ReLU, and dropout."""
    hidden: list[Any] = []
    for units in [p["hidden_units"]] * p["layers"]:
        hidden += [layers.Dense(units, use_bias=False), layers.BatchNormalization(momentum=0.9)]
        hidden += [layers.ReLU(), layers.Dropout(p["dropout"])]
    model = keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(10, "softmax")])
    adam = keras.optimizers.Adam(p["learning_rate"], p["beta1"], p["beta2"], p["epsilon"])
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    adam.build(model.trainable_variables)
    return model


def train(params: dict[str, Any], trial: Any = None) -> None:
    """Train for `trial.budget` epochs in all, or for `epochs`; goes on from its checkpoint."""
    p, data, done = DEFAULTS | params, load_digits(np.float32), 0
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

    decay = callbacks.LearningRateScheduler(lambda e: p["learning_rate"] / (1 + p["decay"] * e))
    reports = [callbacks.LambdaCallback(on_epoch_end=report)] if trial else []
    fixed: dict[str, Any] = {"initial_epoch": done, "epochs": int(budget or p["epochs"])}
    fixed["steps_per_epoch"] = -(-len(data.training) // p["batch_size"])
    batches = endless_mini_batches(data.training, p["batch_size"], seed, epochs_done=done)
    fixed["validation_data"] = data.validation.images, data.validation.labels
    model.fit(batches, **fixed, callbacks=[decay, *reports], shuffle=False, verbose=2)


if __name__ == "__main__":
    train(DEFAULTS)
