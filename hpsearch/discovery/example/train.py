"""A tiny network that learns a sine: plain Python, less than a second.

hpsearch needs nothing of it but the options, and a line with the metric such as `val_loss 0.31`.
"""

import argparse
import math
import random

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--learning-rate", type=float, default=0.01)
parser.add_argument("--momentum", type=float, default=0.9)
parser.add_argument("--hidden-units", type=int, default=8)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

rng = random.Random(args.seed)
TRAINING = [(x, math.sin(x)) for x in (rng.uniform(-3, 3) for _ in range(60))]
VALIDATION = [(x / 10, math.sin(x / 10)) for x in range(-30, 31, 2)]

# Each unit is w * tanh(u * x + b); one list of numbers for each of u, b and w.
weights = [[rng.gauss(0, 1) for _ in range(args.hidden_units)] for _ in range(3)]
velocity = [[0.0] * args.hidden_units for _ in range(3)]


def output(x: float) -> tuple[float, list[float]]:
    """What the network says for x, and what each unit does."""
    units = [math.tanh(weights[0][i] * x + weights[1][i]) for i in range(args.hidden_units)]
    return sum(weights[2][i] * unit for i, unit in enumerate(units)), units


def step(x: float, y: float) -> None:
    """One step of gradient descent with momentum on one example."""
    value, units = output(x)
    error = value - y
    for i, unit in enumerate(units):
        inner = error * weights[2][i] * (1 - unit * unit)
        for row, gradient in enumerate((inner * x, inner, error * unit)):
            velocity[row][i] = args.momentum * velocity[row][i] - args.learning_rate * gradient
            weights[row][i] += max(-1.0, min(1.0, velocity[row][i]))


for epoch in range(args.epochs):
    for x, y in TRAINING:
        step(x, y)
    val_loss = sum((output(x)[0] - y) ** 2 for x, y in VALIDATION) / len(VALIDATION)
    print(f"epoch {epoch} val_loss {val_loss:.5f}")
