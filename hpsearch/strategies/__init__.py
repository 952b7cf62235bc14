"""Strategies: who runs when. `caviar` trains many models side by side, `promotion` and `stopping`
end the hopeless ones early; `panda` nurses one model, or a population.
"""

from hpsearch.strategies.base import Judge, Namer, OneModel, PastSegment, Pause, Strategy
from hpsearch.strategies.caviar import Caviar
from hpsearch.strategies.panda import Panda
from hpsearch.strategies.promotion import Promotion
from hpsearch.strategies.stopping import Stopping

__all__ = [
    "Caviar",
    "Judge",
    "Namer",
    "OneModel",
    "Panda",
    "PastSegment",
    "Pause",
    "Promotion",
    "Stopping",
    "Strategy",
]
