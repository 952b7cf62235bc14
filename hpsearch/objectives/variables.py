"""Environment variables through which a command trial learns about itself."""

TRIAL_VARIABLE = "HPSEARCH_TRIAL"
TRIAL_DIR_VARIABLE = "HPSEARCH_TRIAL_DIR"
SEED_VARIABLE = "HPSEARCH_SEED"
BUDGET_VARIABLE = "HPSEARCH_BUDGET"
PARAMS_VARIABLE = "HPSEARCH_PARAMS"  # all the values, as JSON
