"""What a slot gives to its trials: a share of the cores, and a GPU of its own.

Plain environment variables, which every framework reads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.environment import usable_cores
from hpsearch.errors import HpsearchError

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    # TensorFlow's own pools: they take no notice of OpenMP's number.
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
ASK_DRIVER_S = 20.0


@dataclass(frozen=True)
class Places:
    """How slots share the machine.

    Attributes:
        jobs: how many slots there are.
        threads_per_trial: BLAS and OpenMP threads; None shares the cores among the slots, where
            the person's environment does not say otherwise.
        gpus: names or numbers as the driver knows them; none for programs that need none.
        trials_per_gpu: slots that share one.
    """

    jobs: int = 1
    threads_per_trial: int | None = None
    gpus: tuple[str, ...] = ()
    trials_per_gpu: int = 1

    def environment(self, environ: Mapping[str, str], slot: int) -> dict[str, str]:
        """The environment of a slot's trials."""
        env = dict(environ)
        threads = str(self.threads_per_trial or max(1, usable_cores() // self.jobs))
        for name in THREAD_VARIABLES:
            if self.threads_per_trial is not None or name not in env:
                env[name] = threads
        if self.gpus:
            gpu = self.gpus[slot // self.trials_per_gpu % len(self.gpus)]
            env.update(dict.fromkeys(GPU_VARIABLES, gpu))
        env["PYTHONUNBUFFERED"] = "1"
        return env


def find_gpus(wanted: Sequence[str] | str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The GPUs that a config means: those it lists, or for `all` those that can be seen.

    Raises:
        HpsearchError: for `all` where there is none.
    """
    if wanted != "all":
        return list(wanted)
    for name in GPU_VARIABLES:
        if environ.get(name):
            return environ[name].split(",")
    for command, mark in (("nvidia-smi", "GPU "), ("rocm-smi", "GPU[")):
        if shutil.which(command):
            arguments = ["-L"] if command == "nvidia-smi" else ["--showid"]
            found = _lines_that_start(command, arguments, mark)
            if found:
                return [str(i) for i in range(found)]
    raise HpsearchError(
        "execution.gpus: all finds no GPU (neither nvidia-smi nor rocm-smi lists one); "
        "list them, such as gpus: [0, 1], or leave the key out"
    )


def _lines_that_start(command: str, arguments: Sequence[str], mark: str) -> int:
    try:
        done = subprocess.run(
            [command, *arguments], capture_output=True, text=True, timeout=ASK_DRIVER_S
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    starts = {line.split(":")[0] for line in done.stdout.splitlines() if line.startswith(mark)}
    return len(starts)
