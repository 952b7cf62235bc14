"""Running one segment: the checkpoint that it goes on from, and what became of its own.

`search` calls it in the slot's thread. Where a program keeps no checkpoint, or a bad one, the best
that can still be done is done here, and said in the segment's note.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch import checkpoints
from hpsearch.objectives.handle import Point, read_curve
from hpsearch.run_folder import RunFolder
from hpsearch.runners.base import Assignment, Meanwhile, Oversight, Runner, do_nothing
from hpsearch.runners.trial_folder import prepare_folder
from hpsearch.trial import NOTE_END, Outcome, Segment, TrialState


@dataclass(frozen=True)
class Ended:
    """A segment that has ended by itself, or was ended.

    Attributes:
        curve: what was reported in it; None where nobody has looked yet.
        began: the budget that it really went on from.
        reached: what it was really trained to.
        note: what was wrong with its checkpoint or its reports; empty if nothing was.
    """

    segment: Segment
    outcome: Outcome
    curve: Sequence[Point] | None = None
    began: int = 0
    reached: int = 0
    note: str = ""


def run_segment(
    run: RunFolder,
    runner: Runner,
    segment: Segment,
    assignment: Assignment,
    meanwhile: Meanwhile,
    oversight: Oversight | None = None,
    *,
    may_start_over: bool = True,
) -> Ended:
    """Run a segment to its end; one without a budget is simply the trial.

    Args:
        may_start_over: whether one that fails at once when it goes on is trained from nothing. If
            not, it goes on from the same checkpoint once more.
    """
    if segment.budget is None:
        return Ended(segment, runner.run(assignment, meanwhile))
    trial_dir = assignment.trial_dir
    notes = []
    told_before = _last_step_before(trial_dir, segment)
    try:
        prepare_folder(assignment)  # what is read afterwards is of this segment alone
        has_start = _put_back(run, segment, assignment)
    except OSError as error:
        meanwhile()
        reason = f"its folder could not be made ready: {error}"
        return Ended(segment, Outcome(TrialState.FAILED, reason=reason), ())
    began = segment.start if has_start else 0
    before = checkpoints.newest_change(trial_dir)
    outcome = _run(runner, replace(assignment, goes_on=has_start), meanwhile, oversight)
    curve = read_curve(trial_dir)
    if segment.start and not has_start:
        notes.append(f"there was no checkpoint of {segment.start}, so it started over")
    elif began and outcome.state is TrialState.FAILED and not curve:
        so = "it started over" if may_start_over else "it was run from there once more"
        notes.append(
            f"it failed when it went on from its checkpoint of {began} ({outcome.reason}), so {so}"
        )
        again = replace(assignment, attempt=assignment.attempt + 1)
        prepare_folder(again)
        if may_start_over:
            began, before = 0, 0
            checkpoints.put_back(trial_dir, None)
        else:
            again = replace(again, goes_on=_put_back(run, segment, again))
            before = checkpoints.newest_change(trial_dir)
        outcome = _run(runner, again, do_nothing, oversight)
        curve = read_curve(trial_dir)
    elif began and curve and curve[0][0] <= told_before:
        notes.append(
            f"it went on from {began}, but reported step {curve[0][0]:g} first: its checkpoint was "
            "older, or it counts its steps anew"
        )
        began = max(0, math.ceil(curve[0][0]) - 1)
    furthest = _last_finite_step(curve)
    if not segment.is_last and furthest > segment.budget:
        notes.append(f"it reported step {furthest:g}, past its budget of {segment.budget}")
    if not segment.is_last and outcome.state is TrialState.DONE:
        notes += _seal(segment, assignment, before)
    reached = _reached(segment.budget, began, outcome, curve)
    return Ended(segment, outcome, curve, began, reached, NOTE_END.join(notes))


def _last_step_before(trial_dir: Path, segment: Segment) -> float:
    """The last step that was told of before the segment; what tells that again trains it again.

    It says also whether the program counts its steps from 0 or from 1.
    """
    told = read_curve(trial_dir)
    if told and told[0][0] < segment.start:  # not from a killed attempt of this very segment
        return min(told[-1][0], float(segment.start))
    return segment.start - 1.0


def _run(
    runner: Runner, assignment: Assignment, meanwhile: Meanwhile, oversight: Oversight | None
) -> Outcome:
    if oversight is None:
        return runner.run(assignment, meanwhile)
    return runner.run(assignment, meanwhile, oversight)


def _put_back(run: RunFolder, segment: Segment, assignment: Assignment) -> bool:
    """Whether there is a checkpoint to go on from, which lies in its place then."""
    if not segment.start:
        # What a killed attempt has left may be half written, whether it was counted or not.
        if checkpoints.exists(assignment.trial_dir):
            checkpoints.put_back(assignment.trial_dir, None)
        return False
    home = assignment.trial_dir
    if segment.index == 0:
        parent = segment.trial.parent
        home = run.start_dir if parent is None else run.trial_dir(parent)
    return checkpoints.put_back(assignment.trial_dir, checkpoints.sealed_path(home, segment.start))


def _seal(segment: Segment, assignment: Assignment, before: int) -> list[str]:
    """Seal what the program has left; returns what is wrong with it."""
    trial_dir, budget = assignment.trial_dir, segment.budget
    assert budget is not None
    if not checkpoints.exists(trial_dir):
        return [f"it left no checkpoint at {budget}"]
    is_old = before > 0 and checkpoints.newest_change(trial_dir) <= before
    try:
        checkpoints.seal(trial_dir, budget)
    except OSError as error:
        return [f"its checkpoint at {budget} could not be kept: {error}"]
    return [f"it did not renew its checkpoint at {budget}"] if is_old else []


def _reached(budget: int, began: int, outcome: Outcome, curve: Sequence[Point]) -> int:
    """What it was trained to: all of it, or as far as it has told."""
    if outcome.state is TrialState.DONE:
        return budget
    return max(began, min(budget, math.ceil(_last_finite_step(curve))))


def _last_finite_step(curve: Sequence[Point]) -> float:
    return max((step for step, _ in curve if math.isfinite(step)), default=0.0)
