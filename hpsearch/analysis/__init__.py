"""What a finished or a running run says: numbers and plain sentences, no layout and no SQL.

`views` shows it; `cli` opens the runs. Nothing here writes to a run.
"""

from hpsearch.analysis.comparison import Comparison, compare_runs
from hpsearch.analysis.listing import ListedRun, list_run
from hpsearch.analysis.one_trial import TrialReport, report_trial, seed_of
from hpsearch.analysis.opened_run import OpenedRun, RunState
from hpsearch.analysis.summary import Summary, summarize

__all__ = [
    "Comparison",
    "ListedRun",
    "OpenedRun",
    "RunState",
    "Summary",
    "TrialReport",
    "compare_runs",
    "list_run",
    "report_trial",
    "seed_of",
    "summarize",
]
