"""Hints: what the trials of a run suggest to do next, each with its culprit and its evidence.

A hint is given only where the numbers carry it; a run that raises no question has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hpsearch.analysis.edges import AGREEING, Edge, best_edges
from hpsearch.analysis.failures import (
    FAILURE_STATES,
    Culprit,
    count_failed,
    failure_culprit,
)
from hpsearch.analysis.opened_run import RunState
from hpsearch.analysis.rungs import CHECKPOINT_PLACE, BudgetSummary, LeftBehind
from hpsearch.analysis.wording import whole_ends, written, written_range
from hpsearch.domains import OrderedList
from hpsearch.scales import FloatArray
from hpsearch.space import Space
from hpsearch.trial import Trial, TrialState

HintKind = Literal["edge", "failures", "constant", "checkpoint", "left behind", "unfinished"]
MANY_FAILURES = 0.2
FEWEST_FAILURES = 3
FEWEST_EQUAL = 5


@dataclass(frozen=True)
class Hint:
    """One suggestion.

    Attributes:
        kind: what it is about.
        parameter: the culprit; None where the whole run is.
        sentence: plain words, without a full stop.
    """

    kind: HintKind
    parameter: str | None
    sentence: str


def find_hints(
    run_name: str,
    state: RunState,
    space: Space,
    *,
    top: Sequence[Trial],
    values: FloatArray,
    x_unit: FloatArray,
    states: Sequence[TrialState],
    counts: Mapping[TrialState, int],
    budget: BudgetSummary | None = None,
    is_panda: bool = False,
) -> list[Hint]:
    """What is worth a thought, the most urgent first.

    Args:
        top: the best trials, best first.
        values: of the trials that are done, (n,).
        x_unit, states: finished trials (a sample, in a long run) in unit coordinates, (m, d), and
            how each of them ended, m.
        counts: of all the trials, how many are in each state.
    """
    hints = _failure_hints(space, x_unit, states, counts)
    if budget is not None:
        hints += _budget_hints(budget, is_panda)
        if budget.left_behind is not None and state is RunState.FINISHED:
            hints.append(_left_behind_hint(run_name, budget, budget.left_behind))
    if len(values) >= FEWEST_EQUAL and values.min() == values.max():
        hints.append(
            Hint(
                "constant",
                None,
                f"all {len(values)} values are equal ({written(float(values[0]))}): "
                "does the program use the values it is given?",
            )
        )
    elif top:
        for edge in best_edges(space, [trial.params for trial in top]):
            hints.append(Hint("edge", edge.parameter.name, _edge_sentence(edge)))
    if state not in (RunState.FINISHED, RunState.RUNNING):
        hints.append(_unfinished_hint(run_name, state))
    return hints


def _budget_hints(budget: BudgetSummary, is_panda: bool) -> list[Hint]:
    """What the program does with its checkpoints and reports that costs time or decisions."""
    hints = []
    for note, times, number in budget.troubles:
        often = f"trial {number}" if times == 1 else f"{times} times, first in trial {number}"
        hints.append(Hint("checkpoint", None, f"{often}: {note}{_advice(note, is_panda)}"))
    return hints


def _left_behind_hint(run_name: str, budget: BudgetSummary, left: LeftBehind) -> Hint:
    sentence = (
        f"trial {left.trial} was better at {budget.budget.amount(left.budget)} than trial "
        f"{left.best}, named best, is at {budget.budget.amount(budget.budget.max)} "
        f"({written(left.value)} against {written(left.best_value)}), and was not trained on: so "
        "few trials do not fill hyperband's brackets. To fill them: "
        f"hpsearch resume {run_name} --trials {left.trials_needed}"
    )
    return Hint("left behind", None, sentence)


def _advice(note: str, is_panda: bool) -> str:
    if is_panda and note.startswith("it left no checkpoint"):
        return (
            f": keep one at {CHECKPOINT_PLACE} and go on from it; without one the next day begins "
            "from nothing, and no schedule can be learnt"
        )
    if note.startswith("it left no checkpoint"):
        return (
            f": keep one at {CHECKPOINT_PLACE} and go on from it, or write form: stopping, which "
            "works with any program"
        )
    if note.startswith("it reported no"):
        return ": print the metric as training goes, such as 'epoch 3 val_loss 0.31'"
    return ""


def _failure_hints(
    space: Space,
    x_unit: FloatArray,
    states: Sequence[TrialState],
    counts: Mapping[TrialState, int],
) -> list[Hint]:
    hints = []
    is_done = np.array([state is TrialState.DONE for state in states], dtype=bool)
    for failure in FAILURE_STATES:
        has_failed = np.array([state is failure for state in states], dtype=bool)
        compared = is_done | has_failed
        culprit = failure_culprit(space, x_unit[compared], has_failed[compared])
        if culprit is not None:
            sentence = _culprit_sentence(space, failure, culprit)
            hints.append(Hint("failures", culprit.parameter, sentence))
    failed = count_failed(counts)
    finished = sum(trials for state, trials in counts.items() if state.is_finished)
    if not hints and failed >= max(FEWEST_FAILURES, MANY_FAILURES * finished):
        share = f"all {failed}" if failed == finished else f"{failed} of {finished}"
        hints.append(Hint("failures", None, f"{share} trials failed: see why before going on"))
    return hints


_ENDED = {
    TrialState.FAILED: "failed",
    TrialState.TIMEOUT: "timed out",
    TrialState.DIVERGED: "diverged",
}
_ADVICE = {"above": "lower its max", "below": "raise its min", "is": "leave it out"}


def _culprit_sentence(space: Space, state: TrialState, culprit: Culprit) -> str:
    domain = space.parameters[culprit.parameter].domain
    value = written(culprit.value, domain, 2)
    where = f"= {value}"
    if domain.is_ordered and culprit.value not in whole_ends(domain):
        where = f"of {value} or {'more' if culprit.side == 'above' else 'less'}"
    of_failed = f"{culprit.failed} of the {culprit.of_failed}"
    failed = f"all {culprit.failed}" if culprit.failed == culprit.of_failed else of_failed
    others = f"but only {culprit.others}" if culprit.others else "and none"
    return (
        f"{failed} trials that {_ENDED[state]} have {culprit.column} {where}, {others} of the "
        f"{culprit.of_others} that are done: {_ADVICE[culprit.side]}?"
    )


def _edge_sentence(edge: Edge) -> str:
    domain, name = edge.parameter.domain, edge.parameter.name
    value = written(edge.value, domain)
    range_ = written_range(domain)
    if isinstance(domain, OrderedList):
        advice = f"add a {'larger' if edge.side == 'max' else 'smaller'} value"
    else:
        advice = f"{'raise' if edge.side == 'max' else 'lower'} its {edge.side}"
    if edge.is_strong:
        return (
            f"the best {AGREEING} trials all have {name} at the {edge.side} of its range {range_}, "
            f"the best {value}: {advice}"
        )
    return f"the best {name} ({value}) lies at the edge of its range {range_}: {advice}?"


def _unfinished_hint(run_name: str, state: RunState) -> Hint:
    resume = f"hpsearch resume {run_name}"
    sentences = {
        RunState.BROKEN: f"when the program is mended: {resume} --retry-failed",
        RunState.STOPPED: f"the run was stopped before its time; to go on: {resume}",
        RunState.INTERRUPTED: f"the run was interrupted; to go on: {resume}",
        RunState.FAILED: f"the run ended with an error; to go on: {resume}",
        RunState.KILLED: f"the run was killed; nothing that was done is lost; to go on: {resume}",
    }
    return Hint("unfinished", None, sentences[state])
