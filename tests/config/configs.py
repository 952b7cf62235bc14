"""What the tests of this folder share: a good config with every key, and short ways to load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.config import Config, parse_config
from hpsearch.config.report import Report
from hpsearch.config.yaml_nodes import ListNode, MapNode, Node, ScalarNode, read_yaml
from hpsearch.errors import ConfigError, Problem

CORPUS = Path(__file__).parent / "corpus"

EVERY_KEY = """\
name: all-of_it.1
objective: {function: hpsearch.examples.quadratic:evaluate}
metric: {name: val error, goal: maximize}
space:
  learning_rate: {scale: log, min: 1e-4, max: 1}
  momentum: {scale: 1-beta, min: 0.9, max: 0.999}
  layers: {min: 2, max: 4, type: int}
  hidden_units: {scale: log, min: 32, max: 256, repeat: layers}
  dropout: {min: 0, max: 1, type: float}
  batch_size: {values: [128, 32, 64]}
  optimizer: [momentum, adam]
  beta2: {scale: 1-beta, min: 0.9, max: 0.9999, when: {optimizer: adam}}
  batch_norm: [true, false]
  warmup: {values: [0, 0.1], when: {optimizer: [adam], layers: [2, 3]}}
  num.workers: 2
  epochs: {value: 15}
search:
  strategy: caviar
  sampler: sobol
  rounds: 2
  trials: 1e2
  seed: 0x10
  start_with:
    - {learning_rate: 0.01, momentum: 0.95, layers: 2, hidden_units: [64, 32], dropout: 0,
       batch_size: 64, optimizer: momentum, batch_norm: true}
execution:
  jobs: -1
  runner: local
  silence: 20m
  memory: 1.5GB
  retries: 2
  gpus: [0, GPU-8f6a]
  trials_per_gpu: 3
  timeout: 1h30m
  grace: 2.5
  threads_per_trial: 1
"""

HEAD = """\
objective: {function: hpsearch.examples.quadratic:evaluate}
metric: {name: value, goal: minimize}
"""


def load(text: str) -> Config:
    """The config that the text is, wherever its objective may be."""
    return parse_config(text, Path("a.yaml"), check_objective=False)


def load_space(body: str) -> Config:
    """A config with these lines of parameters."""
    return load(f"{HEAD}space:\n" + "".join(f"  {line}\n" for line in body.splitlines()))


def problems_of(text: str) -> tuple[Problem, ...]:
    """What is wrong with the text."""
    with pytest.raises(ConfigError) as caught:
        load(text)
    return caught.value.problems


def as_data(text: str) -> Any:
    """The text as an editor's YAML reader hands it to the JSON Schema."""
    node = read_yaml(text, Report("a.yaml"))
    assert node is not None
    return _data(node)


def _data(node: Node) -> Any:
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [_data(item) for item in node.items]
    assert isinstance(node, MapNode)
    return {key: _data(entry.node) for key, entry in node.entries.items()}
