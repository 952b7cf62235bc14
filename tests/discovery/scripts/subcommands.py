"""One program for training and evaluation: argparse with subparsers and groups."""

import argparse
import logging

logger = logging.getLogger(__name__)

DEFAULT_LR = 2e-4


def parser():
    top = argparse.ArgumentParser()
    top.add_argument("--seed", type=int, default=42)
    top.add_argument("--device", default="cuda", choices=["cpu", "cuda"])
    commands = top.add_subparsers(dest="command", required=True)

    p = commands.add_parser("train", help="train a translation model")
    model = p.add_argument_group("model")
    model.add_argument("--d-model", type=int, default=512)
    model.add_argument("--n-heads", type=int, default=8)
    model.add_argument("--layers", type=int, default=6)
    model.add_argument("--ffn-dim", type=int, default=2048)
    model.add_argument("--dropout", type=float, default=0.1)
    optim = p.add_argument_group("optimization")
    optim.add_argument("--lr", type=float, default=DEFAULT_LR)
    optim.add_argument("--adam-beta1", type=float, default=0.9)
    optim.add_argument("--adam-beta2", type=float, default=0.98)
    optim.add_argument("--adam-eps", type=float, default=1e-9)
    optim.add_argument("--warmup-steps", type=int, default=4000)
    optim.add_argument("--label-smoothing", type=float, default=0.1)
    optim.add_argument("--clip-norm", type=float, default=1.0)
    optim.add_argument("--batch-size", type=int, default=64)
    optim.add_argument("--max-steps", type=int, default=100_000)
    p.add_argument("--data", required=True)
    p.add_argument("--save-dir", default="checkpoints")
    p.add_argument("--eval-every", type=int, default=1000)
    p.add_argument("--compile", action=argparse.BooleanOptionalAction, default=False)

    p = commands.add_parser("evaluate", help="score a checkpoint")
    p.add_argument("checkpoint")
    p.add_argument("--beam", type=int, default=4)
    return top


def train(args):
    for step in range(args.max_steps):
        loss = update(args, step)
        if step % args.eval_every == 0:
            valid_loss, bleu = evaluate(args)
            logger.info("step %d train loss %.3f", step, loss)
            print(f"step {step} | valid loss {valid_loss:.3f} | valid bleu {bleu:.2f}")


if __name__ == "__main__":
    args = parser().parse_args()
    train(args)
