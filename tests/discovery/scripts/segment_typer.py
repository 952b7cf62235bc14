"""A segmentation model: Typer with Annotated, enums and bounds."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


class Schedule(str, Enum):
    constant = "constant"
    cosine = "cosine"
    linear = "linear"


@app.command()
def train(
    data_dir: Path,
    lr: Annotated[float, typer.Option("--lr", "--learning-rate", help="Initial rate")] = 1e-3,
    batch_size: Annotated[int, typer.Option(min=1)] = 8,
    filters: int = 32,
    depth: Annotated[int, typer.Option(min=2, max=5, help="Levels of the U")] = 4,
    drop_rate: float = 0.2,
    weight_decay: float = 0.0,
    schedule: Schedule = Schedule.cosine,
    ema_decay: float = 0.999,
    epochs: int = typer.Option(40, "--epochs", "-e"),
    workers: int = 4,
    augment: bool = True,
    checkpoint: Path | None = None,
    seed: int = 0,
):
    for epoch in range(epochs):
        loss, iou = fit_once(data_dir, lr, batch_size)
        print(f"[{epoch:03d}] loss: {loss:.4f}  val mIoU: {iou:.4f}")


if __name__ == "__main__":
    app()
