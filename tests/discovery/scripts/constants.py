"""A script with its settings at the top and no options at all."""

import numpy as np

# Settings
DATA = "housing.csv"
LEARNING_RATE = 0.01
MOMENTUM = 0.9
BATCH_SIZE = 32
HIDDEN_UNITS = 64
N_EPOCHS = 50
TEST_SIZE = 0.2
STEPS = N_EPOCHS * 10

rng = np.random.default_rng(0)
table = np.loadtxt(DATA, delimiter=",")
weights = rng.normal(size=(table.shape[1] - 1, HIDDEN_UNITS))
velocity = 0.0
for epoch in range(N_EPOCHS):
    gradient = rng.normal(size=weights.shape)
    velocity = MOMENTUM * velocity - LEARNING_RATE * gradient
    weights += velocity
    rmse = float(np.sqrt(np.mean(weights**2)))
    print("epoch", epoch, "test rmse", rmse)
