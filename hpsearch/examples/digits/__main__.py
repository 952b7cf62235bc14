"""`python -m hpsearch.examples.digits`: trains one good setting and prints how good it is.

No options: to try other values, call `train`, or let hpsearch do it.
"""

from __future__ import annotations

from pathlib import Path

from hpsearch.examples.digits.objective import train


class Printed:
    """A trial that prints its reports, one line each, and keeps nothing."""

    dir: Path | None = None
    seed: int = 0

    def report(self, step: int, **metrics: float) -> None:
        """Print the metrics of an epoch."""
        print(
            f"epoch {step:2d}"
            f"   train loss {metrics['train_loss']:.4f} error {metrics['train_error']:6.2%}"
            f"   val loss {metrics['val_loss']:.4f} error {metrics['val_error']:6.2%}",
            flush=True,
        )


if __name__ == "__main__":
    result = train({}, trial=Printed())
    print(f"test accuracy {1 - result['test_error']:.2%}")
