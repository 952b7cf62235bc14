"""The NumPy network against PyTorch's: same weights, same batches, same losses after 20 steps.

PyTorch is the independent source. Where its conventions differ from the course's, its side is set
so that the same formula results; each place says how.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.examples.frameworks import (
    BETA1,
    BETA2,
    LEARNING_RATES,
    OPTIMIZERS,
    UNBIASED,
    batches,
    new_network,
    our_losses,
    share_of,
    validation,
)

EPSILON = 1e-8


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_twenty_steps_give_the_losses_of_pytorch(optimizer: str) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra hpsearch[pytorch]")
    ours_in_training, ours_at_test_time = our_losses(optimizer, EPSILON)
    in_training, at_test_time = torch_losses(torch, optimizer)
    assert in_training[0] > 2 * in_training[-1]  # it has learnt something in between
    assert ours_in_training == pytest.approx(in_training, rel=0, abs=1e-9)
    assert ours_at_test_time == pytest.approx(at_test_time, rel=0, abs=1e-9)


def torch_losses(torch: Any, optimizer: str) -> tuple[list[float], float]:
    model = torch_network(torch)
    descent = torch_optimizer(torch, optimizer, model.parameters())
    norms = [layer for layer in model if isinstance(layer, torch.nn.BatchNorm1d)]
    in_training = []
    for step, batch in enumerate(batches(), start=1):
        for norm in norms:
            norm.momentum = share_of(step)  # a fixed 0.1 would keep a part of the initial 0 and 1
        loss = loss_of(torch, model, batch.images, batch.labels)
        in_training.append(loss.item())
        descent.zero_grad()
        loss.backward()
        descent.step()
    model.eval()
    for norm in norms:
        norm.running_var /= UNBIASED  # PyTorch averages m / (m - 1) times the batch's variance
    return in_training, loss_of(torch, model, validation().images, validation().labels).item()


def loss_of(torch: Any, model: Any, images: Any, labels: Any) -> Any:
    return torch.nn.functional.cross_entropy(model(torch.tensor(images)), torch.tensor(labels))


def torch_network(torch: Any) -> Any:
    nn, weights = torch.nn, new_network().learnt
    model = nn.Sequential(
        nn.Linear(len(weights["dense1.weights"]), 32, bias=False),
        nn.BatchNorm1d(32, eps=1e-5),
        nn.ReLU(),
        nn.Linear(32, 16, bias=False),
        nn.BatchNorm1d(16, eps=1e-5),
        nn.ReLU(),
        nn.Linear(16, 10),
    ).double()
    with torch.no_grad():
        for i, name in ((0, "dense1"), (3, "dense2"), (6, "output")):
            model[i].weight[...] = torch.tensor(weights[f"{name}.weights"].T)
        model[6].bias.zero_()
    return model


def torch_optimizer(torch: Any, name: str, parameters: Any) -> Any:
    rate = LEARNING_RATES[name]
    if name == "momentum":
        # PyTorch sums b = beta b + g; the course's average is (1 - beta) b, so the rate takes it.
        # (`dampening=1 - beta` is not the same: it leaves the first gradient whole.)
        return torch.optim.SGD(parameters, lr=rate * (1 - BETA1), momentum=BETA1)
    if name == "rmsprop":  # epsilon outside the root on both sides
        return torch.optim.RMSprop(parameters, lr=rate, alpha=BETA2, eps=EPSILON)
    return torch.optim.Adam(parameters, lr=rate, betas=(BETA1, BETA2), eps=EPSILON)
