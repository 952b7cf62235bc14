"""Which words of a command are arguments of its program."""

from __future__ import annotations

import pytest

from hpsearch.objectives.program_words import arguments_template
from hpsearch.objectives.template import Template


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("python train.py --lr {lr}", "--lr {lr}"),
        ("python -u train.py --epochs 3 --lr {lr} --x", "--epochs 3 --lr {lr} --x"),
        ("python -m pkg.train fit --lr={lr}", "fit --lr={lr}"),
        ("python3.11 train --lr {lr}", "--lr {lr}"),
        ("'my folder/train.py' --lr {lr}", "--lr {lr}"),
        ("./train --config base.py lr={lr}", "--config base.py lr={lr}"),
        ("mytool --config base.py --lr {lr}", "--config base.py --lr {lr}"),
        ("torchrun --nproc-per-node 2 train.py --lr {lr}", "--lr {lr}"),
        ("uv run mytool --lr {lr}", "--lr {lr}"),
        ("uv run mytool {lr}", "{lr}"),
        ("A=1 B='x y' python train.py {lr}", "{lr}"),
        ("cd x && python train.py --lr {lr} > log.txt 2>&1; echo $?", "--lr {lr}"),
        ("python train.py 2> 'err log' --lr {lr} | tee log", "--lr {lr}"),
        ("python train.py --lr {lr}>log", "--lr {lr}"),
        ("python prepare.py {n}\npython train.py --lr {lr} --n {n}\n", "--lr {lr} --n {n}"),
        ("python train.py \\\n  --lr {lr} \\\n  --n {n}", "--lr {lr} --n {n}"),
        ("python train.py --lr {lr} # --n {n}", "--lr {lr}"),
        (
            "python train.py --say 'a; b' \"c && d\" e\\ f {lr}",
            "--say 'a; b' \"c && d\" e\\ f {lr}",
        ),
        ("python train.py --day $(date '+%d %m') {lr}", "--day $(date '+%d %m') {lr}"),
        ("for i in 1 2; do ./train {lr}; done", "{lr}"),
        ("python train.py {args}", "{args}"),
        ("python train.py --params {params_json} --to {trial_dir}", None),
        ("awk -v lr={lr} -f prog.awk", "-v lr={lr} -f prog.awk"),
        (":", ""),
        ("", ""),
    ],
)
def test_arguments_stand_behind_the_program(command: str, arguments: str | None) -> None:
    expected = "--params {params_json} --to {trial_dir}" if arguments is None else arguments
    assert arguments_template(Template(command, ("lr", "n"))).command == expected


@pytest.mark.parametrize(
    "launcher",
    [
        "srun",
        "srun -n 4",
        "srun -n4",
        "srun --ntasks=4",
        "srun --exclusive",
        "srun -n 4 --exclusive",
        "srun -p gpu -n 4",
        "srun -m block -n 4",
        "srun --gres=gpu:1 --mem 4G",
        "srun -n 4 --",
        "mpirun -np 4 --bind-to core",
        "nice -19",
        "nice -n 19",
        "timeout 5m",
        "timeout -s KILL 5m",
        "env -u X A=1",
        "time -p",
        "stdbuf -oL",
        "taskset -c 0-3",
        "numactl --cpunodebind=0 --membind=0",
        "ionice -c 3 nice -n 5",
        "srun -n 4 apptainer exec --nv img.sif",
        "docker run -v /a:/b --rm image",
        "conda run --no-capture-output -n torch",
        "uv run --with extra",
        "accelerate launch --num_processes 2 --",
        "torchrun --nproc-per-node 2 --no-python",
        "xvfb-run -a",
    ],
)
@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("./tool", "--lr {lr}"),
        ("tool", "--epochs 3 --layers 64 32 --lr {lr}"),
        ("tool", "-v --data=x --lr={lr} -n {n}"),
        ("tool", "lr={lr}"),
        ("python -u train.py", "--epochs 3 --lr {lr}"),
        ("python -u train", "--lr {lr}"),
        ("python -m pkg.train", "fit --lr {lr}"),
    ],
)
def test_what_launches_the_program_is_none_of_its_arguments(
    launcher: str, program: str, arguments: str
) -> None:
    template = Template(f"{launcher} {program} {arguments}", ("lr", "n"))
    assert arguments_template(template).command == arguments


def test_a_list_needs_no_reading_by_a_shell() -> None:
    template = Template(("python", "-u", "a b.py", "> x", "--lr", "{lr}"), ("lr",))
    assert arguments_template(template).command == ("> x", "--lr", "{lr}")
