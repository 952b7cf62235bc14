"""What hpsearch itself costs, side by side with Optuna in one run: CPU, wall, memory.

    python benchmarks/overhead.py                        # hpsearch alone
    python benchmarks/overhead.py --optuna-python PYTHON # with the Optuna that PYTHON imports
    python benchmarks/overhead.py --install-optuna       # makes an environment for Optuna first

Every figure is measured in a process of its own. CPU is user + system of that process and of the
processes it started; it counts from after the imports, except for whole commands. Medians; the
two tools take turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve()
DIMENSIONS = 5
OPTUNA = ("memory", "journal", "sqlite")


# ---------------------------------------------------------------------------- measured processes


def cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measured(work: Callable[[], object]) -> None:
    cpu, wall = cpu_s(), time.perf_counter()
    work()
    wall = time.perf_counter() - wall
    print(json.dumps({"cpu_s": cpu_s() - cpu, "wall_s": wall, "span_s": wall}))


def square(params: dict[str, float]) -> float:
    return sum(x * x for x in params.values())


def sleep_10_ms(params: dict[str, float]) -> float:
    time.sleep(0.010)
    return square(params)


def sleep_100_ms(params: dict[str, float]) -> float:
    time.sleep(0.100)
    return square(params)


class Silent:
    def round_opened(self, round_: object) -> None:
        pass

    def results(self, results: object) -> None:
        pass

    def goes_on(self, trial: object) -> None:
        pass


def hpsearch_trials(function: str, trials: int, jobs: int, runner: str, folder: Path) -> None:
    from hpsearch.config import Overrides, parse_config
    from hpsearch.launch import create_run, open_session
    from hpsearch.store import StoreReader

    space = "\n".join(f"  x{i}: {{min: -1.0, max: 1.0}}" for i in range(DIMENSIONS))
    text = (
        f"name: overhead\nobjective: {{function: 'overhead:{function}'}}\n"
        f"metric: {{name: value, goal: minimize}}\nspace:\n{space}\n"
        f"search: {{sampler: random, rounds: 1, trials: {trials}}}\n"
        f"execution: {{jobs: {jobs}, runner: {runner}}}\n"
    )
    config = parse_config(text, HERE.parent / "overhead.yaml")
    run = create_run(config, Overrides(), folder)
    with open_session(run) as session:
        if runner == "local":
            warm_up(session.runner, jobs)
        cpu, wall = cpu_s(), time.perf_counter()
        session.search(Silent()).run()
        wall = time.perf_counter() - wall
    with StoreReader(run) as store:
        outcomes = [stored.outcome for stored in store.trials() if stored.outcome is not None]
    first = min(outcome.started for outcome in outcomes)
    last = max(outcome.started + outcome.duration_s for outcome in outcomes)
    print(json.dumps({"cpu_s": cpu_s() - cpu, "wall_s": wall, "span_s": last - first}))


def warm_up(runner: object, jobs: int) -> None:
    """Start the slots' workers: the start of a pool is not part of a trial's cost."""
    from hpsearch.runners import Assignment
    from hpsearch.trial import Trial

    with tempfile.TemporaryDirectory() as folder:
        for slot in range(jobs):
            trial = Trial(0, 1, {f"x{i}": 0.0 for i in range(DIMENSIONS)}, "warm-up")
            runner.run(Assignment(trial, slot, Path(folder) / str(slot), seed=0))  # type: ignore[attr-defined]


def optuna_trials(storage: str, function: str, trials: int, jobs: int, folder: Path) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    objective = {"square": square, "sleep_10_ms": sleep_10_ms, "sleep_100_ms": sleep_100_ms}[
        function
    ]
    if storage == "journal":
        backend = optuna.storages.journal.JournalFileBackend(str(folder / "journal.log"))
        where = optuna.storages.JournalStorage(backend)
    else:
        where = f"sqlite:///{folder}/optuna.db" if storage == "sqlite" else None
    study = optuna.create_study(storage=where, sampler=optuna.samplers.RandomSampler(seed=0))

    def evaluate(trial: optuna.Trial) -> float:
        return objective({f"x{i}": trial.suggest_float(f"x{i}", -1, 1) for i in range(DIMENSIONS)})

    measured(lambda: study.optimize(evaluate, n_trials=trials, n_jobs=jobs))


def fill_store(trials: int, folder: Path) -> None:
    """A finished run of many trials, as `show` and `best` find it."""
    hpsearch_trials("square", trials, 1, "inline", folder)


# ---------------------------------------------------------------------------- the tables


def child(python: str, *arguments: object) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        command = [python, str(HERE), "--child", *map(str, arguments), folder]
        done = subprocess.run(command, capture_output=True, text=True, env=environment())
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def medians(
    calls: Sequence[Callable[[], dict[str, float]]], repeats: int
) -> list[dict[str, float]]:
    """Each call `repeats` times, in turns; the median of each figure."""
    rounds = [[call() for call in calls] for _ in range(repeats)]
    return [
        {key: statistics.median(r[i][key] for r in rounds) for key in rounds[0][i]}
        for i in range(len(calls))
    ]


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n{title}")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        first, *rest = (
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *rest]))
    sys.stdout.flush()


def trial_cost(peer: str | None, sizes: Sequence[int], repeats: int) -> None:
    tools: list[tuple[str, Callable[[int], dict[str, float]]]] = [
        (
            "hpsearch, inline, store on disk",
            lambda n: child(sys.executable, "hpsearch", "square", n, 1, "inline"),
        ),
        (
            "hpsearch, local worker, store on disk",
            lambda n: child(sys.executable, "hpsearch", "square", n, 1, "local"),
        ),
    ]
    if peer:
        for storage in OPTUNA:
            tools.append(
                (
                    f"Optuna, {storage}",
                    lambda n, s=storage: child(peer, "optuna", s, "square", n, 1),
                )
            )
    rows = []
    costs: dict[str, list[dict[str, float]]] = {name: [] for name, _ in tools}
    for n in sizes:
        # Optuna on SQLite takes 22 ms of CPU a trial: minutes at 10,000, so once is enough there.
        at_size = [(name, run) for name, run in tools if n <= 1000 or not name.endswith("sqlite")]
        if n > 10_000:
            at_size = tools[:1]
        results = medians(
            [lambda n=n, run=run: run(n) for _, run in at_size], repeats if n <= 1000 else 1
        )
        for (name, _), result in zip(at_size, results, strict=True):
            costs[name].append({"n": n, **result})
    reference = costs["hpsearch, inline, store on disk"][0]["cpu_s"]
    for name, results in costs.items():
        first, last = results[0], results[-1]
        growth = "-"
        if len(results) > 1:
            growth = (
                f"{math.log(last['cpu_s'] / first['cpu_s']) / math.log(last['n'] / first['n']):.2f}"
            )
        cells = []
        for n in sizes:
            at_n = [r for r in results if r["n"] == n]
            cells += [
                f"{1000 * r['cpu_s'] / n:.3f} / {1000 * r['wall_s'] / n:.3f}" for r in at_n
            ] or ["-"]
        rows.append([name, *cells, growth, f"{first['cpu_s'] / reference:.1f}"])
    header = [
        "CPU / wall, ms a trial",
        *(f"{n:,}" for n in sizes),
        "exponent",
        f"ratio at {sizes[0]:,}",
    ]
    table("A trivial trial (5 floats, random sampler, one at a time)", header, rows)


def parallel_efficiency(peer: str | None, repeats: int) -> None:
    rows = []
    for function, ms, trials in (("sleep_10_ms", 10, 200), ("sleep_100_ms", 100, 60)):
        calls = [lambda f=function, n=trials: child(sys.executable, "hpsearch", f, n, 2, "local")]
        names = ["hpsearch, 2 slots, local workers, store on disk"]
        for storage in OPTUNA if peer else ():
            calls.append(lambda s=storage, f=function, n=trials: child(peer, "optuna", s, f, n, 2))
            names.append(f"Optuna, n_jobs=2, {storage}")
        ideal = trials * ms / 1000 / 2
        for name, result in zip(names, medians(calls, repeats), strict=True):
            rows.append(
                [
                    name,
                    f"{ms} ms",
                    f"{result['span_s']:.2f}",
                    f"{ideal:.2f}",
                    f"{ideal / result['span_s']:.3f}",
                ]
            )
    table(
        "Two slots at once (span: from the first trial's start to the last one's end)",
        ["", "a trial", "span s", "ideal s", "efficiency"],
        rows,
    )


def whole_command(command: Sequence[str]) -> dict[str, float]:
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen(command, stdout=nothing, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return {"cpu_s": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024}


def reading(trials: int, repeats: int) -> None:
    program = [sys.executable, "-m", "hpsearch"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE), "--child", "fill", str(trials), folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())
        commands = [
            [*program, "show", "--runs", folder, "last"],
            [*program, "best", "--runs", folder, "last"],
            [*program, "ls", "--runs", folder],
            [*program, "--help"],
            [sys.executable, "-c", "import click"],
        ]
        results = medians([lambda c=c: whole_command(c) for c in commands], repeats)
    names = [
        f"show, {trials:,} trials",
        f"best, {trials:,} trials",
        f"ls, {trials:,} trials",
        "--help",
        "python -c 'import click'",
    ]
    click = results[-1]["cpu_s"]
    table(
        "Whole commands",
        ["", "CPU s", "peak MB", "ratio to import click"],
        [
            [name, f"{r['cpu_s']:.3f}", f"{r['mb']:.0f}", f"{r['cpu_s'] / click:.1f}"]
            for name, r in zip(names, results, strict=True)
        ],
    )


def optuna_python(given: str | None, install: bool) -> str | None:
    if not install:
        return given
    folder = HERE.parent / ".venv-optuna"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "optuna"], check=True)
    return str(python)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--optuna-python", help="a Python that can import optuna")
    parser.add_argument("--install-optuna", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument(
        "--store", type=int, default=100_000, help="trials in the store that is read"
    )
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    peer = optuna_python(options.optuna_python, options.install_optuna)
    if peer:
        version = "import optuna; print(optuna.__version__)"
        done = subprocess.run([peer, "-c", version], capture_output=True, text=True, check=True)
        print(f"Optuna {done.stdout.strip()}; Python {sys.version.split()[0]}")
    trial_cost(peer, options.sizes, options.repeats)
    parallel_efficiency(peer, options.repeats)
    reading(options.store, options.repeats)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        kind, *rest, where = sys.argv[2:]
        if kind == "hpsearch":
            hpsearch_trials(rest[0], int(rest[1]), int(rest[2]), rest[3], Path(where))
        elif kind == "optuna":
            optuna_trials(rest[0], rest[1], int(rest[2]), int(rest[3]), Path(where))
        else:
            fill_store(int(rest[0]), Path(where))
    else:
        main()
