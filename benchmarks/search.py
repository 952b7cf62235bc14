"""How well searches search: ours, random and other tools on tasks whose best value is known.

    python benchmarks/search.py --quick                     # a minute, ours and random
    python benchmarks/search.py --lcbench FOLDER --trainings --csv all.csv --plot all.svg
    python benchmarks/search.py --methods optuna-gp=PYTHON hebo=PYTHON --csv peers.csv
    python benchmarks/search.py --merge ours.csv peers.csv  # the tables of several runs
    python benchmarks/search.py --digits                    # guided 40 trials, random 120
    python benchmarks/search.py --cost                      # CPU of one suggestion

What a score is: `search_board.py`. The tables of random points and the trainings are made once and
kept in --cache. Only numpy is needed for the functions; onnxruntime for lcbench, scikit-learn for
the trainings; a peer needs a Python that can import it (`search_peer.py`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from overhead import optuna_python
from search_cost import print_costs
from search_digits import print_digits
from search_methods import CONTENDERS
from search_plot import write_plot
from search_report import BUDGETS, print_report
from search_runs import Job, Kept, read_rows, run_all
from search_tasks import GROUPS, Choice

PEERS = ("optuna-tpe", "optuna-gp", "optuna-cmaes", "hebo", "skopt", "smac")


def method_name(text: str) -> str:
    name, _, python = text.partition("=")
    if name in (PEERS if python else CONTENDERS):
        return text
    allowed = ", ".join([*CONTENDERS, *(f"{peer}=PYTHON" for peer in PEERS)])
    raise argparse.ArgumentTypeError(f"{text!r}: there are {allowed}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    tasks = parser.add_argument_group("tasks")
    tasks.add_argument("--lcbench", type=Path, metavar="FOLDER", help="model.onnx and its JSON")
    tasks.add_argument("--trainings", action="store_true", help="also train real models")
    tasks.add_argument("--no-functions", action="store_true", help="none of the functions")
    tasks.add_argument("--tasks", nargs="*", default=[], metavar="PART", help="by part of the name")
    tasks.add_argument(
        "--noise",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="sd, as a share of random search's gap from 32 to 512 trials",
    )
    searches = parser.add_argument_group("searches")
    searches.add_argument(
        "--methods",
        nargs="*",
        type=method_name,
        default=list(CONTENDERS),
        metavar="NAME[=PYTHON]",
        help=f"{', '.join([*CONTENDERS, *PEERS])}",
    )
    searches.add_argument(
        "--install-optuna",
        action="store_true",
        help="also optuna-tpe, in an environment made for it",
    )
    searches.add_argument("--q", type=int, nargs="*", default=[1, 8], help="trials at a time")
    searches.add_argument("--trials", type=int, default=256, choices=BUDGETS)
    searches.add_argument("--seeds", type=int, default=3)
    searches.add_argument("--first-seed", type=int, default=0)
    searches.add_argument("--quick", action="store_true", help="6 functions, 64 trials, 2 seeds")
    searches.add_argument("--procs", type=int, default=2, help="searches at once (2)")
    results = parser.add_argument_group("results")
    results.add_argument("--csv", type=Path, help="kept here; what it has is not run again")
    results.add_argument("--merge", type=Path, nargs="+", metavar="CSV", help="only print these")
    results.add_argument("--plot", type=Path, metavar="FILE.svg", help="score against trials")
    default_cache = Path(tempfile.gettempdir()) / "hpsearch-benchmark"
    results.add_argument("--cache", type=Path, default=default_cache, help=f"({default_cache})")
    parser.add_argument("--cost", action="store_true", help="print CPU costs and end")
    parser.add_argument(
        "--digits",
        nargs="*",
        choices=("guided", "random", "zoom"),
        metavar="HOW",
        help="search the digits network and end: guided, random, zoom",
    )
    options = parser.parse_args()  # fmt: skip
    if options.quick:
        options.trials, options.seeds = min(options.trials, 64), min(options.seeds, 2)
    return options


def choice_of(options: argparse.Namespace) -> Choice:
    wanted = {
        "lcbench": options.lcbench is not None,
        "functions": not options.no_functions,
        "trainings": options.trainings,
    }
    groups = [group for group in GROUPS if wanted[group]]
    return Choice(groups, options.lcbench, options.cache, options.quick, options.tasks)


def run(options: argparse.Namespace, kept: Kept) -> None:
    """Search every task with every method that the CSV lacks."""
    methods = list(options.methods)
    if options.install_optuna:
        methods.append(f"optuna-tpe={optuna_python(None, install=True)}")
    choice = choice_of(options)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    jobs = [
        Job(method, task.name, options.noise, q, seed, options.trials)
        for seed in seeds
        for q in options.q
        for task in choice.tasks()
        for method in methods
    ]
    jobs = [job for job in jobs if not kept.has(job)]
    started = time.monotonic()
    for done, rows in enumerate(run_all(choice, jobs, options.procs), start=1):
        kept.add(rows)
        minutes = (time.monotonic() - started) / 60
        print(f"\r{done}/{len(jobs)} searches, {minutes:.1f} min ", end="", file=sys.stderr)
    print(file=sys.stderr)


def main() -> None:
    """Run what is asked for, and print the tables."""
    options = parsed()
    options.cache.mkdir(parents=True, exist_ok=True)
    if options.cost:
        print_costs()
        return
    if options.digits is not None:
        print_digits(options.digits or ["guided", "random"], options.cache, options.procs)
        return
    if options.merge:
        rows = read_rows(options.merge)
    else:
        kept = Kept(options.csv)
        run(options, kept)
        rows = kept.rows
    print_report(rows)
    if options.plot:
        write_plot(options.plot, rows)


if __name__ == "__main__":
    main()
