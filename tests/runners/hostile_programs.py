"""Programs that misbehave in every way that a trial can, and what each must be recorded as.

Run over every runner of commands; `python -S` starts in 10 ms.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from hpsearch.trial import TrialState

PYTHON = (sys.executable, "-S", "-c")


@dataclass(frozen=True)
class Case:
    """One program.

    Attributes:
        state, reason: the state, and the start of the reason.
        value: of the metric `loss`.
        limits: over those that every case has (timeout 20 s, grace 0.2 s).
    """

    name: str
    argv: tuple[str, ...]
    state: TrialState
    reason: str = ""
    value: float | None = None
    exit_code: int | None = None
    signal: str | None = None
    limits: dict[str, Any] = field(default_factory=dict)


def shell(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)


def python(script: str) -> tuple[str, ...]:
    return (*PYTHON, script)


DONE, FAILED, TIMEOUT = TrialState.DONE, TrialState.FAILED, TrialState.TIMEOUT
DIVERGED = TrialState.DIVERGED

CASES = [
    Case("prints", shell("echo loss: 0.25"), DONE, "", 0.25, 0),
    Case(
        "exits 3",
        shell("echo loss: 0.5; echo out of luck >&2; exit 3"),
        FAILED,
        "it ended with exit code 3: out of luck",
        exit_code=3,
    ),
    Case(
        "is not there",
        ("no-such-program-anywhere",),
        FAILED,
        "it could not be started: [Errno 2] No such file or directory: 'no-such-program-anywhere'",
    ),
    Case(
        "is not there, with limited memory",
        ("no-such-program-anywhere",),
        FAILED,
        "it could not be started: [Errno 2] No such file or directory: 'no-such-program-anywhere'",
        limits={"memory": 2**30},
    ),
    Case(
        "prints its limit of memory first of all",
        shell("echo loss: $(ulimit -v)"),
        DONE,
        "",
        2.0**20,
        exit_code=0,
        limits={"memory": 2**30},
    ),
    Case(
        "segfaults",
        shell("echo loss=0.5; kill -SEGV $$"),
        FAILED,
        "it was killed by SIGSEGV",
        signal="SIGSEGV",
    ),
    Case(
        "is killed",
        shell("kill -KILL $$"),
        FAILED,
        "it was killed by SIGKILL (out of memory?",
        signal="SIGKILL",
    ),
    Case(
        "hangs", shell("sleep 600"), TIMEOUT, "it took longer than 0.5s", limits={"timeout_s": 0.5}
    ),
    Case(
        "ignores TERM",
        python("import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"),
        TIMEOUT,
        "it took longer than 0.5s",
        limits={"timeout_s": 0.5},
    ),
    Case(
        "falls silent",
        shell("echo starting; sleep 600"),
        TIMEOUT,
        "it wrote nothing for 0.5s",
        limits={"silence_s": 0.5},
    ),
    Case(
        "is slow but not silent",
        shell("for i in 1 2 3 4 5 6; do echo epoch $i loss $i.5; sleep 0.1; done"),
        DONE,
        "",
        6.5,
        0,
        limits={"silence_s": 0.5},
    ),
    Case(
        "leaves a daemon",
        python(
            "import subprocess; subprocess.Popen(['sleep','600'], start_new_session=True);"
            "print('loss: 0.5')"
        ),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "prints 100 MB",
        python(
            "import sys\nline = 'x' * 999 + chr(10)\n"
            "for _ in range(100_000): sys.stdout.write(line)\nprint('loss: 0.5')"
        ),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "prints half a line and dies",
        shell("printf 'loss: 0.3'; kill -KILL $$"),
        FAILED,
        "it was killed by SIGKILL",
        signal="SIGKILL",
    ),
    Case("prints no end of line", shell("printf 'loss: 0.31'"), DONE, "", 0.31, 0),
    Case(
        "prints binary",
        python("import sys; sys.stdout.buffer.write(bytes(range(256)) * 99 + b'\\nloss: 0.5\\n')"),
        DONE,
        "",
        0.5,
        0,
    ),
    Case("prints NaN", shell("echo loss: nan"), DIVERGED, "loss is nan", exit_code=0),
    Case("prints inf", shell("echo loss: -inf"), DIVERGED, "loss is -inf", exit_code=0),
    Case(
        "prints no metric",
        shell("echo accuracy: 0.5; echo los: 1"),
        FAILED,
        "the result has no loss; it has accuracy, los. Did you mean los?",
        exit_code=0,
    ),
    Case(
        "prints nothing",
        shell(":"),
        FAILED,
        "the result has no loss; it printed nothing on standard output",
        exit_code=0,
    ),
    Case(
        "prints it on standard error",
        shell("echo training; echo epoch 3 loss 0.5 >&2"),
        FAILED,
        "the result has no loss; loss stands on standard error, which is not read: print it on "
        "standard output, or add 2>&1 to a command that is a text; no line of its standard output "
        "is like `loss: 0.31`",
        exit_code=0,
    ),
    Case(
        "prints a table",
        shell("echo '| loss |   0.38 |'"),
        FAILED,
        "the result has no loss; it printed `| loss | 0.38 |`: say in metric.pattern where its",
        exit_code=0,
    ),
    Case(
        "prints a decimal comma",
        shell("echo loss: 3; echo loss: 0,0100"),
        FAILED,
        "the result has no loss; a comma follows its number: 0,0100 is no number here. Print a "
        "decimal point, and nothing between thousands, e.g. with LC_ALL=C",
        exit_code=0,
    ),
    Case(
        "prints commas between thousands, until it is good",
        shell("echo loss: 1,234.5; echo loss: 0.5"),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "prints two metrics on a line",
        shell("echo 'epoch 3 - accuracy: 0.75 - loss: 0.5'"),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "fills the disk",
        shell("ulimit -f 8; head -c 1000000 /dev/zero; echo loss: 0.5 >&2"),
        FAILED,
        "the result has no loss",
        exit_code=0,
    ),
    Case(
        "is killed for filling the disk",
        shell("ulimit -f 8; exec head -c 1000000 /dev/zero"),
        FAILED,
        "it was killed by SIGXFSZ",
        signal="SIGXFSZ",
    ),
    Case(
        "deletes its own folder",
        shell('rm -rf "$HPSEARCH_TRIAL_DIR"; echo loss: 0.5'),
        FAILED,
        "the result has no loss; what it printed on standard output is gone",
        exit_code=0,
    ),
    Case(
        "closes stdout",
        shell("echo loss: 0.5; exec >&- 2>&-; sleep 0.05"),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "takes 10 GB of a limit of 1 GB",
        python("x = bytearray(10 * 2**30); print('loss: 0.5')"),
        FAILED,
        "it ended with exit code 1: MemoryError; its memory is limited to 1 GB",
        exit_code=1,
        limits={"memory": 2**30},
    ),
    Case(
        "spawns 200 children",
        shell("i=0; while [ $i -lt 200 ]; do sleep 600 & i=$((i+1)); done; echo loss: 0.5"),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "reports by a file",
        shell('echo \'{"loss": 0.5, "note": "x"}\' > "$HPSEARCH_TRIAL_DIR/result.json"'),
        DONE,
        "",
        0.5,
        0,
    ),
    Case(
        "writes a broken file",
        shell('echo \'{"loss": 0.\' > "$HPSEARCH_TRIAL_DIR/result.json"'),
        FAILED,
        "the result has no loss; it printed nothing on standard output; result.json is no JSON: ",
        exit_code=0,
    ),
    Case(
        "reports a text by a file",
        shell('echo \'{"loss": "0.5", "acc": 1}\' > "$HPSEARCH_TRIAL_DIR/result.json"'),
        FAILED,
        "the result has no loss; it has acc; it printed nothing on standard output; "
        "loss in result.json is not a number but '0.5'",
        exit_code=0,
    ),
    Case(
        "reports a number by a file",
        shell('echo 0.5 > "$HPSEARCH_TRIAL_DIR/result.json"'),
        FAILED,
        "the result has no loss; it printed nothing on standard output; "
        'result.json is 0.5; expected an object: {"loss": 0.31}',
        exit_code=0,
    ),
    Case(
        "reports through hpsearch",
        (
            sys.executable,
            "-c",
            "import hpsearch; t = hpsearch.current_trial()\n"
            "for i in range(3): t.report(step=i, loss=1 / (i + 1))",
        ),
        DONE,
        "",
        1 / 3,
        0,
    ),
]
