"""Another tool behind a pipe: it is asked for points and told their losses, one JSON line each.

    PYTHON benchmarks/search_peer.py METHOD      # `search.py --peer METHOD=PYTHON` starts it

PYTHON is any interpreter that can import the tool; hpsearch is not needed there. First line in:
{"seed", "trials", "noisy", "parameters"} gives {"version"}. Then {"ask": n} gives {"points"},
{"tell": losses} (null for a failure) nothing, and {"best": true} gives {"best"}, the number of the
trial that the tool names best, or null. Every answer has the "cpu_s" that it took.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib import metadata
from typing import Any, Protocol


class Tool(Protocol):
    """One search by another tool.

    Attributes:
        packages: whose versions matter.
    """

    packages: tuple[str, ...]

    def ask(self, count: int) -> list[dict[str, Any]]: ...

    def tell(self, losses: list[float | None]) -> None: ...

    def best(self) -> int | None: ...


def start(method: str, first: dict[str, Any]) -> Tool:
    """The tool of this name; only this one is imported."""
    if method == "hebo":
        from search_peer_hebo import HeboPeer

        return HeboPeer(first["seed"], first["parameters"])
    if method == "skopt":
        from search_peer_skopt import SkoptPeer

        return SkoptPeer(first["seed"], first["parameters"])
    if method == "smac":
        from search_peer_smac import SmacPeer

        return SmacPeer(first["seed"], first["parameters"], first["trials"], first["noisy"])
    from search_peer_optuna import OptunaPeer

    return OptunaPeer(method, first["seed"], first["parameters"], first["noisy"])


def versions(packages: tuple[str, ...]) -> str:
    return ", ".join(f"{package} {metadata.version(package)}" for package in packages)


def main() -> None:
    """Serve one search."""
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # some tools print
    tool = start(sys.argv[1], json.loads(sys.stdin.readline()))
    print(json.dumps({"version": versions(tool.packages), "cpu_s": 0.0}), file=answers, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        answer: dict[str, Any] = {}
        before = time.process_time()
        if "ask" in message:
            answer["points"] = tool.ask(message["ask"])
        elif "tell" in message:
            tool.tell(message["tell"])
        else:
            answer["best"] = tool.best()
        answer["cpu_s"] = time.process_time() - before
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
