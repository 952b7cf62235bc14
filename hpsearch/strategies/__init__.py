"""Strategies: who runs when. `caviar` trains many models side by side."""

from hpsearch.strategies.base import Judge, PastSegment, Pause, Strategy
from hpsearch.strategies.caviar import Caviar

__all__ = ["Caviar", "Judge", "PastSegment", "Pause", "Strategy"]
