"""Gradient boosting on the breast cancer data of scikit-learn; knows nothing of hpsearch."""

import argparse

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import cross_val_score

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--max-depth", type=int, default=3)
parser.add_argument("--subsample", type=float, default=1.0)
parser.add_argument("--n-estimators", type=int, default=40)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

features, labels = load_breast_cancer(return_X_y=True)
model = GradientBoostingClassifier(
    learning_rate=args.learning_rate,
    max_depth=args.max_depth,
    subsample=args.subsample,
    n_estimators=args.n_estimators,
    random_state=args.seed,
)
for fold, accuracy in enumerate(cross_val_score(model, features, labels, cv=3)):
    print(f"step {fold} accuracy {accuracy:.4f}", flush=True)
