"""The tables of `search.py`, 80 columns wide."""

from __future__ import annotations

import math
from collections.abc import Sequence

from search_board import Board, boards
from search_runs import Row

BUDGETS = (32, 64, 128, 256)
REFERENCE = "random-x2"


def print_report(rows: Sequence[Row]) -> None:
    """Every group of tasks, with and without noise, one at a time and in batches."""
    found = boards(rows)
    for group, noise, q, board in found:
        noisy = f", noise {noise:g}" if noise else ""
        title = f"{group}{noisy}, q = {q}"
        ran = [set(board.ran(method, _budgets(board)[0])) for method in board.methods]
        shared = [task for task in board.tasks if all(task in tasks for tasks in ran)]
        print_board(f"{title}: all {len(board.tasks)} tasks", board)
        if shared and len(shared) < len(board.tasks):
            print_board(f"{title}: the {len(shared)} tasks of all methods", board.only(shared))
        print_tasks(board)
    print_leads(found)
    print_versions([board for _, _, _, board in found])


def print_board(title: str, board: Board) -> None:
    """Mean scores, then ranks, wins and cost, then who is ahead."""
    budgets = _budgets(board)
    order = sorted(board.complete(budgets[0]), key=lambda method: -board.mean(method, budgets[0]))
    print(f"\n{title}\n{'mean score':12}" + "".join(f"{b:>17}" for b in budgets))
    for method in order:
        print(f"{method:12}" + "".join(_score_cell(board, method, b) for b in budgets).rstrip())
    print(f"{'rank, wins':14}" + "".join(f"{b:>12}" for b in budgets) + "    CPU ms  seeds")
    for method in order:
        cells = "".join(_rank_cell(board, method, b) for b in budgets)
        fewest, most = board.seeds(method, budgets[0])
        seeds = str(fewest) if fewest == most else f"{fewest}-{most}"
        print(f"{method:14}{cells}{board.cpu_ms(method):10.1f}{seeds:>7}")
    for budget in budgets:
        _print_lead(board, budget)


def _budgets(board: Board) -> list[int]:
    """Those that some method has run every task to; the smallest at least."""
    return [b for b in BUDGETS if board.complete(b)] or [BUDGETS[0]]


def _score_cell(board: Board, method: str, budget: int) -> str:
    if method not in board.complete(budget):
        return f"{'-':>17}"
    low, high = board.interval(method, budget)
    within = "" if math.isnan(low) else f" ({_short(low)},{_short(high)})"
    return f"{_short(board.mean(method, budget))}{within}".rjust(17)


def _short(score: float) -> str:
    return f"{score:.2f}".replace("0.", ".")


def _rank_cell(board: Board, method: str, budget: int) -> str:
    among = board.complete(budget)
    if method not in among:
        return f"{'-':>12}"
    cell = f"{board.rank(method, among, budget):.1f}"
    if REFERENCE in among and method != REFERENCE:
        cell += f" {board.wins(method, REFERENCE, budget):5.0%}"
    return cell.rjust(12)


def _print_lead(board: Board, budget: int) -> None:
    lead = board.lead(budget)
    if lead is not None:
        clear = "clearly" if lead.is_clear else "within its interval"
        print(f"{budget:4} trials: {lead.first} before {lead.second}, {clear}")


def print_leads(found: Sequence[tuple[str, float, int, Board]]) -> None:
    """How often each method is first, over groups, trials at a time and budgets."""
    for noise in sorted({noise for _, noise, _, _ in found}):
        leads = [
            lead
            for _, share, _, board in found
            for budget in BUDGETS
            if share == noise and (lead := board.lead(budget)) is not None
        ]
        print(f"\nfirst of the methods that ran all the tasks, noise {noise:g}: {len(leads)} cells")
        for method in sorted({lead.first for lead in leads} | {x.first_by_rank for x in leads}):
            by_score = [lead for lead in leads if lead.first == method]
            by_rank = sum(lead.first_by_rank == method for lead in leads)
            clearly = sum(lead.is_clear for lead in by_score)
            print(f"{method:14}by score {len(by_score):3} ({clearly} clearly), by rank {by_rank:3}")


def print_tasks(board: Board) -> None:
    """The mean score of each task after the last budget of each method."""
    methods = [m for m in board.methods if m not in ("random", REFERENCE)]
    if not methods:
        return
    last = {m: max((b for b in BUDGETS if board.ran(m, b)), default=BUDGETS[0]) for m in methods}
    print("by task       " + "".join(f"{m.removeprefix('optuna-'):>9}" for m in methods))
    print("trials        " + "".join(f"{last[m]:>9}" for m in methods))
    for task in board.tasks:
        cells = [board.task_mean(m, task, last[m]) for m in methods]
        shown = "".join(f"{'-' if math.isnan(c) else f'{c:.2f}':>9}" for c in cells)
        print(f"{task.removeprefix('lcbench-'):18}{shown[4:]}")


def print_versions(found: Sequence[Board]) -> None:
    versions = {m: board.version(m) for board in found for m in board.methods if board.version(m)}
    print()
    for method, version in versions.items():
        print(f"{method}: {version}")
