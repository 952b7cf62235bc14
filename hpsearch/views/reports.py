"""What the screens say, as JSON for programs: every number in full, times in ISO 8601 (UTC)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpsearch.analysis import Comparison, ListedRun, Summary, TrialReport
from hpsearch.analysis.comparison import ComparedRun
from hpsearch.analysis.failures import FailureGroup, count_failed
from hpsearch.analysis.hints import Hint
from hpsearch.analysis.rungs import BudgetSummary
from hpsearch.analysis.summary import RoundSummary, count_finished
from hpsearch.config import Config
from hpsearch.domains import Categories
from hpsearch.history import Round
from hpsearch.space import Space
from hpsearch.store import StoredSegment, StoredTrial
from hpsearch.trial import Decision
from hpsearch.views.export import expectation, finite, iso_time, trial_report
from hpsearch.views.searched import searched_round, searched_space
from hpsearch.views.show_diary import diary_report


def listing_report(runs: Sequence[ListedRun]) -> list[dict[str, Any]]:
    """`ls --json`."""
    return [
        {
            "run": run.name,
            "state": run.state.value if run.state is not None else None,
            "trials": count_finished(run.counts),
            "planned": run.planned,
            "failed": count_failed(run.counts),
            "metric": run.metric.name if run.metric is not None else None,
            "goal": run.metric.goal if run.metric is not None else None,
            "best": _best(run.best),
            "is_expected_best": run.is_expected_best,
            "started": iso_time(run.began),
            "error": run.error or None,
        }
        for run in runs
    ]


def _best(best: tuple[int, float] | None) -> dict[str, Any] | None:
    return {"trial": best[0], "value": finite(best[1])} if best is not None else None


def _best_trial(best: StoredTrial | None, incumbent: Decision | None) -> dict[str, Any] | None:
    """The best trial; where values are noisy, with what is expected of it and how noisy they are:
    both are null where the values decide."""
    if best is None:
        return None
    return {**trial_report(best), **expectation(incumbent)}


def summary_report(summary: Summary) -> dict[str, Any]:
    """`show RUN --json`."""
    config = summary.config
    return {
        "run": summary.name,
        "path": summary.path,
        "state": summary.state.value,
        "detail": summary.detail,
        "metric": config.metric.name,
        "goal": config.metric.goal,
        "strategy": config.search.strategy,
        "sampler": config.search.sampler,
        "seed": config.search.seed,
        "learned_from": list(summary.learned_from),
        "planned": summary.planned,
        "counts": {state.value: trials for state, trials in summary.counts.items()},
        "best": _best_trial(summary.best, summary.incumbent),
        "top": [trial_report(stored) for stored in summary.top],
        **({"budget": _budget(summary.budget)} if summary.budget is not None else {}),
        **({"panda": diary_report(summary.diary)} if summary.diary is not None else {}),
        "rounds": [_round(config, round_) for round_ in summary.rounds],
        "best_so_far": [
            {"trial": number, "value": finite(value)}
            for number, value in summary.curve.improvements()
        ],
        "failures": [_failure(group) for group in summary.failures],
        "hints": [_hint(hint) for hint in summary.hints],
        "trial_time_s": summary.trial_time_s,
        "elapsed_s": summary.elapsed_s,
        "started": iso_time(summary.began),
        "ended": iso_time(summary.ended),
    }


def _round(config: Config, summary: RoundSummary) -> dict[str, Any]:
    round_ = summary.round
    searched = searched_round(config, round_)
    return {
        "round": round_.number,
        "first_trial": round_.first_trial,
        "planned": round_.trials,
        "counts": {state.value: trials for state, trials in summary.counts.items()},
        "best": _best(summary.best),
        "share_of_space": searched.box.share(searched_space(config)),
        "summary": round_.summary,
        "columns": _columns(config.space, round_),
    }


def _columns(space: Space, round_: Round) -> list[dict[str, Any]]:
    moves = {move.column: move for move in round_.moves}
    columns = []
    for i, column in enumerate(space.columns):
        entry: dict[str, Any] = {"column": column.name}
        if isinstance(column.domain, Categories):
            entry["values"] = list(round_.box.kept_values(i, space))
        else:
            entry["min"], entry["max"] = round_.box.ends(i, space)
        move = moves.get(column.name)
        entry["move"] = move.kind if move is not None else "whole"
        entry["reason"] = move.reason if move is not None else ""
        columns.append(entry)
    return columns


def _budget(budget: BudgetSummary) -> dict[str, Any]:
    stop = budget.early_stop
    return {
        "unit": budget.budget.unit,
        "rule": stop.rule if stop is not None else None,
        "form": stop.form if stop is not None else None,
        "rungs": [
            {
                "budget": rung.budget,
                "trials": rung.reached,
                "went_on": rung.went_on,
                "failed": rung.failed,
                "best": _best(rung.best),
            }
            for rung in budget.rungs
        ],
        "failed_after_a_rung": [
            {
                "trial": fallen.stored.trial.number,
                "budget": fallen.budget,
                "value": finite(fallen.value),
                "state": fallen.stored.state.value,
                "failed_at": fallen.failed_at,
            }
            for fallen in budget.fallen
        ],
        "spent": budget.spent,
        "full": budget.full,
    }


def _segment(stored: StoredSegment) -> dict[str, Any]:
    outcome = stored.outcome
    return {
        "budget": stored.segment.budget,
        "began": stored.began,
        "reached": stored.reached,
        "state": stored.state.value,
        "value": finite(outcome.value) if outcome else None,
        "duration_s": outcome.duration_s if outcome else None,
        "note": stored.note,
    }


def _failure(group: FailureGroup) -> dict[str, Any]:
    return {
        "state": group.state.value,
        "reason": group.reason,
        "trials": group.trials,
        "first_numbers": list(group.numbers),
        "stderr_tail": group.stderr_tail,
        "stderr_path": str(group.stderr_path),
    }


def _hint(hint: Hint) -> dict[str, Any]:
    return {"kind": hint.kind, "parameter": hint.parameter, "sentence": hint.sentence}


def one_trial_report(report: TrialReport) -> dict[str, Any]:
    """`show RUN TRIAL --json`."""
    outcome, number = report.stored.outcome, report.stored.trial.number
    is_named = report.incumbent is not None and report.incumbent.trial == number
    return {
        "run": report.run_name,
        "metric": report.config.metric.name,
        "goal": report.config.metric.goal,
        **trial_report(report.stored),
        "seed": report.seed,
        "rank": report.rank,
        "of": len(report.values),
        "is_best": report.best is not None and report.best.trial.number == number,
        **expectation(report.incumbent if is_named else None),
        "exit_code": outcome.exit_code if outcome else None,
        "signal": outcome.signal if outcome else None,
        "stderr_tail": outcome.stderr_tail if outcome else "",
        "curves": {
            name: {"steps": finite(steps.tolist()), "values": finite(values.tolist())}
            for name, (steps, values) in report.curves.items()
        },
        **(
            {
                "segments": [_segment(stored) for stored in report.segments],
                "decisions": [
                    {"kind": d.kind, "budget": d.budget, "reason": d.reason, **finite(d.details)}
                    for d in report.decisions
                ],
            }
            if report.segments
            else {}
        ),
        "folder": str(report.folder),
        "files": list(report.files),
    }


def comparison_report(comparison: Comparison) -> dict[str, Any]:
    """`compare --json`."""
    names = [run.name for run in comparison.runs]
    winner = comparison.winner
    return {
        "runs": [_compared(run) for run in comparison.runs],
        "comparable": comparison.metric is not None,
        "winner": names[winner] if winner is not None else None,
        "margin": finite(comparison.margin),
        "within_noise": comparison.is_within_noise,
        "equal_trials": comparison.equal_trials,
        "best_after_equal_trials": dict(zip(names, finite(comparison.best_after), strict=True))
        if comparison.equal_trials is not None
        else None,
        "best_so_far": {
            "trials": comparison.curve_numbers.astype(int).tolist(),
            "values": [finite(curve.tolist()) for curve in comparison.curves],
        },
        "differences": {
            difference.key: list(difference.values) for difference in comparison.differences
        },
    }


def _compared(run: ComparedRun) -> dict[str, Any]:
    return {
        "run": run.name,
        "path": str(run.path),
        "state": run.state.value,
        "metric": run.metric.name,
        "goal": run.metric.goal,
        "planned": run.planned,
        "trials": run.finished,
        "failed": count_failed(run.counts),
        "best": _best_trial(run.best, run.incumbent),
        "at_edge": {name: edge.side for name, edge in run.edges.items()},
    }
