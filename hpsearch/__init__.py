"""hpsearch: hyperparameter search for any training program, from the shell.

The command line is `hpsearch.cli`; the story of a search is `hpsearch.search`. Importing this
package is cheap: a training script that only reports its progress pays a few milliseconds.
"""

from hpsearch.objectives.current import current_trial

__version__ = "0.1.0"
__all__ = ["__version__", "current_trial"]
