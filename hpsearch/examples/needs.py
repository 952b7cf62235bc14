"""How an example asks for a framework that is not installed: in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Around imports of a framework.

    Raises:
        SystemExit: with how to install it and exit code 1, if the example runs by itself.
        ImportError: with the same words, if it is imported.
    """
    try:
        yield
    except ImportError as error:
        main = getattr(sys.modules["__main__"], "__file__", None) or ""
        is_alone = Path(main).resolve().parent == Path(__file__).resolve().parent
        wanted = f"{error}; to install it: pip install 'hpsearch[{extra}]'"
        raise (SystemExit if is_alone else ImportError)(wanted) from None
