"""hpsearch: hyperparameter search for any training program, from the shell.

The command line is `hpsearch.cli`; the story of a search is `hpsearch.search`.
Importing this package is cheap: nothing heavy is imported here.
"""

__version__ = "0.1.0"
