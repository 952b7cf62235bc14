"""A notebook turned into a script: one function with defaults, called at the end."""

from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC


def evaluate(C=1.0, gamma=0.001, kernel="rbf", degree=3, cv=5):
    images, labels = load_digits(return_X_y=True)
    model = SVC(C=C, gamma=gamma, kernel=kernel, degree=degree)
    accuracy = cross_val_score(model, images, labels, cv=cv).mean()
    return accuracy


if __name__ == "__main__":
    print(evaluate())
