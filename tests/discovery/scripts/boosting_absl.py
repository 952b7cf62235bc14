"""Boosted trees on a table: absl flags."""

from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("train_csv", "data/train.csv", "Where the table is.")
flags.DEFINE_float("eta", 0.1, "Shrinkage of each step.")
flags.DEFINE_integer("max_depth", 6, "Depth of each tree.", lower_bound=1)
flags.DEFINE_float("subsample", 1.0, "Rows for each tree.", lower_bound=0.0, upper_bound=1.0)
flags.DEFINE_float("colsample_bytree", 1.0, "Columns for each tree.")
flags.DEFINE_float("min_child_weight", 1.0, "Least weight in a leaf.")
flags.DEFINE_float("reg_lambda", 1.0, "L2 penalty.")
flags.DEFINE_float("reg_alpha", 0.0, "L1 penalty.")
flags.DEFINE_float("gamma", 0.0, "Least gain of a split.")
flags.DEFINE_integer("n_estimators", 300, "Trees.")
flags.DEFINE_enum("booster", "gbtree", ["gbtree", "dart"], "Which booster.")
flags.DEFINE_integer("random_state", 0, "Seed.")
flags.DEFINE_integer("nthread", 4, "Threads.")
flags.DEFINE_bool("verbose", False, "Print more.")


def main(argv):
    result = fit(FLAGS)
    print("train-logloss %.5f" % result["train"])
    print("valid-logloss %.5f valid-auc %.5f" % (result["valid"], result["auc"]))


if __name__ == "__main__":
    app.run(main)
