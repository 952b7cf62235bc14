"""What a trial of a command costs above a bare `subprocess.run` of the same command.

    python benchmarks/commands.py [--optuna-python PYTHON]

Whole-process CPU seconds (user + system, children included) divided by the number of trials, less
what the same loop costs with bare `subprocess.run`. Medians of several rounds, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve()
SCRIPT = "echo loss: 0.5"


def measured(work: Callable[[], object]) -> dict[str, float]:
    def cpu_s() -> float:
        usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    cpu, wall = cpu_s(), time.perf_counter()
    work()
    return {"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - wall}


def bare(trials: int, folder: Path) -> dict[str, float]:
    def work() -> None:
        for _ in range(trials):
            subprocess.run(["/bin/sh", "-c", SCRIPT], capture_output=True, check=True)

    return measured(work)


class Silent:
    def round_opened(self, round_: object) -> None:
        pass

    def results(self, results: object) -> None:
        pass


def hpsearch(trials: int, folder: Path) -> dict[str, float]:
    from hpsearch.config import Overrides, parse_config
    from hpsearch.launch import create_run, open_session

    text = (
        f"objective: {{command: '{SCRIPT} {{x}}'}}\nmetric: {{name: loss, goal: minimize}}\n"
        "space: {x: {min: 0.0, max: 1.0}}\n"
        f"search: {{sampler: random, rounds: 1, trials: {trials}}}\n"
    )
    config = parse_config(text, folder / "commands.yaml")
    run = create_run(config, Overrides(), folder)
    with open_session(run) as session:
        return measured(session.search(Silent()).run)


def optuna_cli(trials: int, folder: Path, python: str) -> dict[str, float]:
    """`optuna ask`, the script, `optuna tell`: what a shell user of Optuna writes."""
    optuna = [str(Path(python).parent / "optuna")]
    where = ["--storage", f"sqlite:///{folder}/study.db", "--study-name", "s"]
    subprocess.run([*optuna, "create-study", *where], check=True, capture_output=True)
    space = '{"x": {"name": "FloatDistribution", "attributes": {"low": 0.0, "high": 1.0}}}'

    def work() -> None:
        for _ in range(trials):
            asked = subprocess.run(
                [*optuna, "ask", *where, "--search-space", space, "-f", "json"],
                check=True,
                capture_output=True,
                text=True,
            )
            number = str(json.loads(asked.stdout)["number"])
            subprocess.run(["/bin/sh", "-c", SCRIPT], capture_output=True, check=True)
            tell = [*optuna, "tell", *where, "--trial-number", number, "--values", "0.5"]
            subprocess.run(tell, check=True, capture_output=True)

    return measured(work)


def child(kind: str, trials: int, *more: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE), "--child", kind, str(trials), folder, *more]
        done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--optuna-python", help="a Python that can import optuna")
    options = parser.parse_args()
    rounds = [
        (child("bare", options.trials), child("hpsearch", options.trials))
        for _ in range(options.repeats)
    ]
    floor = statistics.median(bare_["cpu_s"] for bare_, _ in rounds) / options.trials
    print("                            CPU ms a trial   above the bare command")
    print(f"bare subprocess.run         {1000 * floor:14.2f}")
    ours = statistics.median(ours_["cpu_s"] for _, ours_ in rounds) / options.trials
    print(f"hpsearch                    {1000 * ours:14.2f}   {1000 * (ours - floor):22.2f}")
    if options.optuna_python:
        few = 5
        peer = child("optuna", few, options.optuna_python)["cpu_s"] / few
        print(f"optuna ask, tell (SQLite)   {1000 * peer:14.2f}   {1000 * (peer - floor):22.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        kind, count, where, *rest = sys.argv[2:]
        jobs = {"bare": bare, "hpsearch": hpsearch, "optuna": optuna_cli}
        print(json.dumps(jobs[kind](int(count), Path(where), *rest)))
    else:
        main()
