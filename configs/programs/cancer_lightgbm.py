"""Boosted trees on the breast cancer data of scikit-learn: prints its loss after each round.

With --model FILE the trees are kept, also where SIGTERM cuts the training short.
"""

import argparse
import os
import signal

import lightgbm
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--num-leaves", type=int, default=31)
parser.add_argument("--min-child-samples", type=int, default=20)
parser.add_argument("--reg-lambda", type=float, default=0.0)
parser.add_argument("--feature-fraction", type=float, default=1.0)
parser.add_argument("--rounds", type=int, default=150)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--model", help="a file; none: nothing is kept")
args = parser.parse_args()

asked_to_end = []
signal.signal(signal.SIGTERM, lambda signum, frame: asked_to_end.append(signum))


def report(env: lightgbm.callback.CallbackEnv) -> None:
    """LightGBM calls this after each boosting round."""
    print(f"step {env.iteration + 1} val_loss {env.evaluation_result_list[0][2]:.5f}", flush=True)
    if asked_to_end:
        raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list)


features, labels = load_breast_cancer(return_X_y=True)
split = train_test_split(features, labels, test_size=0.3, random_state=0, stratify=labels)
training = lightgbm.Dataset(split[0], split[2])
settings = {"objective": "binary", "metric": "binary_logloss", "verbosity": -1}
settings |= {"deterministic": True, "seed": args.seed}
settings |= {"learning_rate": args.learning_rate, "num_leaves": args.num_leaves}
settings |= {"min_child_samples": args.min_child_samples, "lambda_l2": args.reg_lambda}
settings |= {"feature_fraction": args.feature_fraction}
if "OMP_NUM_THREADS" in os.environ:  # the cores of the slot
    settings["num_threads"] = int(os.environ["OMP_NUM_THREADS"])
validation = [training.create_valid(split[1], split[3])]
model = lightgbm.train(settings, training, args.rounds, validation, callbacks=[report])
if args.model:
    model.save_model(f"{args.model}.new")
    os.replace(f"{args.model}.new", args.model)
