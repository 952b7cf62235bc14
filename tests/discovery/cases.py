"""The programs in `scripts/` and what a practitioner would keep of the guesses for them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hpsearch.discovery.starting_config import StartingConfig, starting_config

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Case:
    """A program.

    Attributes:
        words: as they are typed after `init --`.
        varied: the lines of the space that are varied, in their order.
        spare: names of those that are fixed at their defaults, with a range to uncomment.
        budget: what says how long a trial trains.
        metric: the line of the metric.
    """

    words: str
    varied: tuple[str, ...]
    metric: str
    spare: tuple[str, ...] = ()
    budget: tuple[str, ...] = ()


CASES = {
    "argparse": Case(
        "python mnist_argparse.py",
        (
            "lr: {scale: log, min: 0.03, max: 3.0}",
            "batch_size: {values: [16, 32, 64, 128, 256]}",
            "gamma: {scale: 1-beta, min: 0.5, max: 0.97}",
        ),
        "{name: Average loss, goal: minimize}",
        budget=("epochs: 14",),
    ),
    "click": Case(
        "./classifier_click.py reviews.csv",
        (
            "learning_rate: {scale: log, min: 1e-5, max: 0.01}",
            "optimizer: {values: [sgd, adam, adamw]}",
            "momentum: {scale: 1-beta, min: 0.8, max: 0.99, when: {optimizer: sgd}}",
            "batch_size: {values: [8, 16, 32, 64, 128]}",
            "hidden_size: {scale: log, min: 64, max: 1024}",
            "num_layers: {min: 1, max: 4}",
            "weight_decay: {scale: log, min: 3e-4, max: 0.3}",
            "dropout: {min: 0.0, max: 0.6}",
        ),
        "{name: val_loss, goal: minimize}",
        spare=("warmup_ratio", "label_smoothing", "beta2"),
        budget=("epochs: 5",),
    ),
    "typer": Case(
        "python segment_typer.py images",
        (
            "learning_rate: {scale: log, min: 3e-5, max: 0.03}",
            "batch_size: {values: [2, 4, 8, 16, 32]}",
            "filters: {scale: log, min: 8, max: 128}",
            "depth: {min: 2, max: 5}",
            "weight_decay: {scale: log, min: 1e-6, max: 0.01}",
            "drop_rate: {min: 0.0, max: 0.6}",
            "schedule: {values: [constant, cosine, linear]}",
            "ema_decay: {scale: 1-beta, min: 0.99, max: 0.9999}",
        ),
        "{name: val mIoU, goal: maximize}",
        budget=("epochs: 40",),
    ),
    "constants": Case(
        "python constants.py",
        (
            "learning_rate: {scale: log, min: 3e-4, max: 0.3}",
            "momentum: {scale: 1-beta, min: 0.8, max: 0.99}",
            "batch_size: {values: [8, 16, 32, 64, 128]}",
            "hidden_units: {scale: log, min: 16, max: 256}",
        ),
        "{name: test rmse, goal: minimize}",
    ),
    "subcommands": Case(
        "python subcommands.py train --data corpus --lr 5e-4",
        (
            "lr: {scale: log, min: 2e-5, max: 0.02}",
            "adam_beta1: {scale: 1-beta, min: 0.8, max: 0.99}",
            "batch_size: {values: [16, 32, 64, 128, 256]}",
            "d_model: {values: [256, 512, 1024]}",
            "ffn_dim: {values: [1024, 2048, 4096]}",
            "layers: {min: 3, max: 12}",
            "dropout: {min: 0.0, max: 0.6}",
            "n_heads: {values: [4, 8, 16]}",
        ),
        "{name: valid loss, goal: minimize}",
        spare=("warmup_steps", "clip_norm", "label_smoothing", "adam_beta2", "adam_eps"),
        budget=("max_steps: 100000",),
    ),
    "dict function": Case(
        "objective_dict.py:train",
        (
            "learning_rate: {scale: log, min: 1e-4, max: 0.1}",
            "batch_size: {values: [32, 64, 128, 256, 512]}",
            "hidden_units: {scale: log, min: 16, max: 256}",
            "num_layers: {min: 1, max: 4}",
            "dropout: {min: 0.0, max: 0.6}",
        ),
        "{name: val_error, goal: minimize}",
        budget=("epochs: 10",),
    ),
    "function with defaults": Case(
        "python keyword_function.py",
        (
            "C: {scale: log, min: 0.001, max: 1000.0}",
            "gamma: {scale: log, min: 3e-5, max: 0.03}",
            "degree: {min: 2, max: 5}",
        ),
        "{name: accuracy, goal: maximize}",
    ),
    "absl flags": Case(
        "python boosting_absl.py",
        (
            "eta: {scale: log, min: 0.003, max: 1.0}",
            "max_depth: {min: 2, max: 12}",
            "n_estimators: {scale: log, min: 75, max: 1200}",
            "reg_lambda: {scale: log, min: 0.03, max: 30.0}",
            "reg_alpha: {scale: log, min: 1e-6, max: 1.0}",
            "subsample: {min: 0.5, max: 1.0}",
            "colsample_bytree: {min: 0.5, max: 1.0}",
            "min_child_weight: {scale: log, min: 0.1, max: 10.0}",
        ),
        "{name: valid-logloss, goal: minimize}",
        spare=("gamma", "booster"),
    ),
    "dataclass": Case(
        "python ppo_dataclass.py",
        (
            "learning_rate: {scale: log, min: 1e-5, max: 0.01}",
            "gamma: {scale: 1-beta, min: 0.9, max: 0.999}",
            "ent_coef: {scale: log, min: 0.001, max: 0.1}",
            "num_steps: {values: [32, 64, 128, 256, 512]}",
            "num_minibatches: {values: [1, 2, 4, 8, 16]}",
            "update_epochs: {scale: log, min: 1, max: 12}",
            "clip_coef: {min: 0.1, max: 0.4}",
            "gae_lambda: {scale: 1-beta, min: 0.8, max: 0.99}",
        ),
        "{name: episodic_return, goal: maximize, take: {mean: 10}}",
        spare=("vf_coef", "max_grad_norm"),
        budget=("total_timesteps: 500000",),
    ),
    "getopts": Case(
        "bash train_getopts.sh",
        (
            "lr: {scale: log, min: 0.001, max: 1.0}",
            "dim: {scale: log, min: 25, max: 400}",
        ),
        "{name: test accuracy, goal: maximize}",
        budget=("epochs: 5",),
    ),
    "shell variables": Case(
        "sh train_env.sh",
        (
            "lr: {scale: log, min: 2e-5, max: 0.02}",
            "batch: {values: [4, 8, 16, 32, 64]}",
            "warmup_steps: {min: 0, max: 1000}",
        ),
        "{name: val_loss, goal: minimize}",
        budget=("epochs: 3",),
    ),
    "R optparse": Case(
        "Rscript forest_optparse.R",
        (
            "num_trees: {scale: log, min: 125, max: 2000}",
            "mtry: {min: 0.15, max: 1.0}",
            "sample_fraction: {min: 0.5, max: 1.0}",
            "min_node_size: {scale: log, min: 1, max: 20}",
        ),
        "{name: oob error, goal: minimize}",
    ),
    "sys.argv": Case(
        "python argv_positional.py",
        (
            "learning_rate: {scale: log, min: 0.003, max: 1.0}",
            "hidden: {scale: log, min: 5, max: 80}",
        ),
        "{name: validation loss, goal: minimize}",
        budget=("epochs: 100",),
    ),
    "environment and Keras": Case(
        "python keras_env.py",
        (
            "learning_rate: {scale: log, min: 3e-5, max: 0.03}",
            "batch_size: {values: [16, 32, 64, 128, 256]}",
            "units: {scale: log, min: 32, max: 512}",
            "dropout: {min: 0.0, max: 0.6}",
        ),
        "{name: val_loss, goal: minimize}",
        budget=("epochs: 10",),
    ),
    "--help": Case(
        "./solver_help --input rows.txt",
        (
            "step_size: {scale: log, min: 0.002, max: 1.0}",
            "momentum: {scale: 1-beta, min: 0.8, max: 0.99}",
            "minibatch: {values: [64, 128, 256, 512, 1024]}",
            "l2: {scale: log, min: 3e-6, max: 0.003}",
        ),
        "{name: validation error, goal: minimize}",
        budget=("passes: 20",),
    ),
}


def copied(folder: Path) -> Path:
    """A copy of the scripts."""
    shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True)
    return folder


def config_of(case: Case, folder: Path) -> StartingConfig:
    """The config for a program whose script lies in the folder."""
    return starting_config(case.words.split(), folder, folder)
