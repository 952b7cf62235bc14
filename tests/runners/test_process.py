"""Child processes: how they are started."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from hpsearch.runners.process import ProcessGuard


def test_a_child_that_a_signal_ends_before_it_has_a_session_of_its_own_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[list[str]] = []
    popen = subprocess.Popen

    def interrupted_at_first(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        if command == ["true"]:
            starts.append(command)
            if len(starts) == 1:  # as Ctrl-C leaves it between vfork and setsid
                return popen(["sh", "-c", "kill -INT $$"], **{**more, "start_new_session": False})
        return popen(command, **more)

    monkeypatch.setattr(subprocess, "Popen", interrupted_at_first)
    guard = ProcessGuard()
    child = guard.start(["true"], env=os.environ, stdout=2, stderr=2)
    while not child.has_ended():
        pass
    assert child.reap() == 0
    assert len(starts) == 2
    guard.close()
