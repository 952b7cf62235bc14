"""A neural network in plain NumPy that reads handwritten digits: what the digits configs tune.

Here is `train`, which a config names as `hpsearch.examples.digits:train`; its story is
`objective.py`.
Everything of course week 2.3 (Andrew Ng) is a small file of its own beside it.
"""

from hpsearch.examples.digits.objective import train

__all__ = ["train"]
