#!/usr/bin/env python3
"""A text classifier: click options with types, ranges and choices."""

import click

OPTIMIZERS = ["sgd", "adam", "adamw"]


@click.command(context_settings={"show_default": True})
@click.argument("data", type=click.Path(exists=True))
@click.option("--learning-rate", "--lr", "lr", type=float, default=3e-4, help="Peak learning rate.")
@click.option("--batch-size", "-b", type=click.IntRange(1, 512), default=32)
@click.option("--optimizer", type=click.Choice(OPTIMIZERS), default="adamw")
@click.option("--momentum", type=float, default=0.9, help="For sgd.")
@click.option("--beta2", type=click.FloatRange(0.0, 0.9999), default=0.999)
@click.option("--weight-decay", type=float, default=0.01)
@click.option("--dropout", type=click.FloatRange(0, 1), default=0.1)
@click.option("--hidden-size", type=int, default=256)
@click.option("--num-layers", type=int, default=2)
@click.option("--label-smoothing", type=float, default=0.0)
@click.option("--warmup-ratio", type=float, default=0.06)
@click.option("--max-length", type=int, default=128)
@click.option("--epochs", type=int, default=5)
@click.option("--seed", type=int, default=13)
@click.option("--fp16/--no-fp16", default=True)
@click.option("--output", type=click.Path(), default="model.pt")
def main(data, lr, batch_size, optimizer, epochs, **others):
    """Train on DATA."""
    for epoch in range(epochs):
        train_loss, val_loss, val_f1 = one_epoch(data, lr, batch_size, optimizer, **others)
        click.echo(
            f"epoch {epoch} train_loss={train_loss:.4f} val_loss={val_loss:.4f} val_f1={val_f1:.4f}"
        )


if __name__ == "__main__":
    main()
