"""A scikit-learn pipeline on its digits: scaler, PCA and SVM, cross-validated in five folds."""

import argparse

from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float, default=1.0)
parser.add_argument("--gamma", type=float, default=0.02)
parser.add_argument("--components", type=int, default=40)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

images, labels = load_digits(return_X_y=True)
pipeline = make_pipeline(
    StandardScaler(),  # inside the pipeline: each fold is scaled by its own training part
    PCA(args.components, random_state=args.seed),
    SVC(C=args.C, gamma=args.gamma),
)
folds = StratifiedKFold(5, shuffle=True, random_state=0)  # the same for all, so that they compare
for fold, accuracy in enumerate(cross_val_score(pipeline, images, labels, cv=folds), start=1):
    print(f"step {fold} accuracy {accuracy:.4f}", flush=True)
