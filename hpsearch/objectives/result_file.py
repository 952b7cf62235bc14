"""`result.json`, in which a program may leave its numbers instead of printing them."""

from __future__ import annotations

import json
from pathlib import Path

from hpsearch.objectives.wording import shown

LARGEST_RESULT_BYTES = 1 << 20


def read_result(path: Path, metric_name: str) -> tuple[dict[str, float], str]:
    """The numbers in the file, and why the metric is not among them.

    Returns:
        no numbers where there is no sound file; no words where there is no file at all, or where it
        has just other numbers.
    """
    try:
        if path.stat().st_size > LARGEST_RESULT_BYTES:
            return {}, f"{path.name} is larger than 1 MB"
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"{path.name} cannot be read: {error.strerror}"
    except (ValueError, RecursionError) as error:
        return {}, f"{path.name} is no JSON: {error}"
    if not isinstance(data, dict):
        return {}, f'{path.name} is {shown(data)}; expected an object: {{"{metric_name}": 0.31}}'
    numbers = {
        str(name): float(value)
        for name, value in data.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    if metric_name in data and metric_name not in numbers:
        what = shown(data[metric_name])
        return numbers, f"{metric_name} in {path.name} is not a number but {what}"
    return numbers, ""
