"""What the shipped digits config reaches: the best trial of each seed, on the images it never saw.

    python benchmarks/digits.py [--seeds 5]

Each seed is a whole `hpsearch run configs/digits.yaml`. The trial is chosen by its validation
error; its test error is only read off afterwards.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hpsearch.run_folder import find_run
from hpsearch.store import StoreReader

CONFIG = Path(__file__).parent.parent / "configs" / "digits.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    print("seed  wall s  trials  best val_error  its test accuracy")
    accuracies, walls = [], []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "hpsearch", "run", str(CONFIG), "--seed", str(seed)]
            started = time.monotonic()
            subprocess.run(
                [*command, "--runs", folder],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(os.environ),
            )
            walls.append(time.monotonic() - started)
            with StoreReader(find_run(Path(folder), "last")) as store:
                (best,) = store.best("minimize")
                trials = sum(store.counts().values())
        assert best.outcome is not None
        accuracies.append(1 - best.outcome.metrics["test_error"])
        print(
            f"{seed:4}  {walls[-1]:6.1f}  {trials:6}  {best.outcome.value:14.4f}  "
            f"{accuracies[-1]:17.2%}"
        )
    print(
        f"mean test accuracy {statistics.mean(accuracies):.2%}, "
        f"smallest {min(accuracies):.2%}; median wall {statistics.median(walls):.1f} s"
    )


if __name__ == "__main__":
    main()
