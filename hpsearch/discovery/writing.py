"""The text of a config that `init` writes: commented, in the course's order of importance, with
the reason of each guess above it. `starting_config` brings the parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hpsearch.discovery import yaml_text
from hpsearch.discovery.facts import Option, Scalar
from hpsearch.discovery.guess import Domain, Fixed, Guess, Range, Values
from hpsearch.discovery.guesses import suggestion
from hpsearch.discovery.metric_choice import Metric
from hpsearch.discovery.objective_text import Objective
from hpsearch.discovery.selection import Parameter, Selection

TRIALS = 60
LONGEST_HELP = 60


def config_text(
    head: Sequence[str], objective: Objective, metric: Metric, selection: Selection
) -> str:
    """The whole file.

    Args:
        head: what it says at its top, a comment for each.
    """
    lines = [line for words in head for line in yaml_text.comment(words)]
    lines += ["", *_comments(objective.comments), "objective:", *objective.lines]
    lines += ["", *(line for words in metric.comments for line in yaml_text.comment(words))]
    named = {"name": yaml_text.text(metric.name), "goal": metric.goal}
    if metric.take:
        named["take"] = metric.take
    lines += [f"metric: {yaml_text.flow(named)}", "", "space:", *_space(selection)]
    lines += ["", "search:", *_search(selection)]
    lines += ["", "execution:", "  jobs: 1    # trials at a time; more, if the machine has room"]
    lines += _left(selection)
    return "\n".join(lines) + "\n"


def _comments(comments: Sequence[str]) -> Iterator[str]:
    for line in comments:
        if line.startswith("  "):
            yield f"# {yaml_text.printable(line)}"
        else:
            yield from yaml_text.comment(line)


def _space(selection: Selection) -> Iterator[str]:
    for parameter in selection.varied:
        yield from _varied(parameter)
    if selection.spare:
        yield ""
        words = (
            "Fixed at the program's defaults at first. To vary one, uncomment its line and delete "
            "the one below it."
        )
        yield from yaml_text.comment(words, "  ")
        for parameter in selection.spare:
            assert parameter.domain is not None
            yield from yaml_text.comment(_reason(parameter.why, parameter.option), "  ")
            yield f"  # {_line(parameter)}"
            yield _at_default(parameter)
    if selection.budgets:
        yield ""
        words = (
            "How long a trial trains: the same for all, so that they compare. A smaller number "
            "makes a quick first look."
        )
        yield from yaml_text.comment(words, "  ")
    for parameter in selection.budgets:
        yield _at_default(parameter)
    for parameter in selection.needed:
        yield from yaml_text.comment(f"{parameter.why}, which has to have it", "  ")
        yield _at_default(parameter)


def _at_default(parameter: Parameter) -> str:
    return f"  {yaml_text.text(parameter.name)}: {yaml_text.scalar(parameter.option.default)}"


def _varied(parameter: Parameter) -> Iterator[str]:
    yield from yaml_text.comment(_reason(parameter.why, parameter.option), "  ")
    yield f"  {_line(parameter)}"


def _reason(why: str, option: Option) -> str:
    text = " but the option has no type=" if option.is_text else ""
    return f"{why};{text}: the program gets text, not a number" if text else why


def _line(parameter: Parameter) -> str:
    assert parameter.domain is not None
    keys = yaml_text.domain(parameter.domain)
    if parameter.when is not None:
        name, values = parameter.when
        condition = yaml_text.scalar(values[0]) if len(values) == 1 else yaml_text.values(values)
        keys["when"] = yaml_text.flow({name: condition})
    return f"{yaml_text.text(parameter.name)}: {yaml_text.flow(keys)}"


def _search(selection: Selection) -> Iterator[str]:
    yield f"  trials: {TRIALS}   # over all the rounds"
    point, moved = _defaults(selection.varied)
    if not point:
        return
    note = f" ({'; '.join(moved)})" if moved else ""
    yield f"  start_with:   # the program's own defaults, tried first{note}"
    entries = [f"{yaml_text.text(name)}: {value}" for name, value in point.items()]
    line = "    - {"
    for i, entry in enumerate(entries):
        end = ", " if i < len(entries) - 1 else "}"
        if len(line) + len(entry) > yaml_text.WIDTH:
            yield line.rstrip()
            line = "       "
        line += entry + end
    yield line


def _defaults(varied: Sequence[Parameter]) -> tuple[Mapping[str, str], list[str]]:
    """The point of the program's defaults, and which of them had to be moved into their range."""
    point: dict[str, str] = {}
    defaults: dict[str, Scalar] = {p.name: p.option.default for p in varied}
    moved = []
    for parameter in varied:
        if parameter.when is not None and defaults[parameter.when[0]] not in parameter.when[1]:
            continue
        assert parameter.domain is not None
        default = parameter.option.default
        value = _nearest(default, parameter.domain)
        if value is None:
            return {}, []
        point[parameter.name] = yaml_text.scalar(value)
        if value != default:
            moved.append(f"{yaml_text.scalar(value)} for {parameter.name} {default}")
    return point, moved


def _nearest(default: Scalar, domain: Domain) -> Scalar:
    """The value of the domain that stands for the default; None where none does."""
    if isinstance(domain, Values):
        return default if default in domain.values else None
    if isinstance(default, bool) or not isinstance(default, (int, float)):
        return None
    value = min(max(default, domain.low), domain.high)
    return value if isinstance(domain.low, int) else float(value)


def _left(selection: Selection) -> Iterator[str]:
    """What is not in the space, with the reason of each."""
    rows = [(_shown(option), _why_left(option, found)) for option, found in selection.left]
    rows += [(_shown(option), "a seed: each trial gets its own") for option in selection.seeds]
    if not rows:
        return
    width = min(36, max(len(name) for name, _ in rows))
    yield ""
    yield "# Not in the space:"
    for name, why in rows:
        lines = yaml_text.comment(f"{why}", " " * (width + 4))
        first = lines[0].strip(" #") if lines else ""
        yield f"#   {name:<{width}}  {first}".rstrip()
        yield from (f"#   {'':<{width}}  {line.strip(' #')}" for line in lines[1:])


def _shown(option: Option) -> str:
    return yaml_text.printable(option.spelling.rstrip("=:") or option.name)


def _why_left(option: Option, found: Fixed | Guess) -> str:
    if isinstance(found, Guess):
        return f"{found.why}. To vary it: {_how_to_vary(option, found.domain)}"
    why = found.why
    if found.role == "budget":
        return f"{why}; no default is known, so it stays as it is"
    if found.role == "unknown":
        possible = suggestion(option)
        if possible is not None:
            return f"{why}. To vary it: {_how_to_vary(option, possible)}"
        return f"{why}{_help(option)}" if why.startswith("no guess") else why
    return why


def _how_to_vary(option: Option, domain: Domain) -> str:
    given = ""
    if option.channel == "option":
        given = f" and {option.spelling} {{{option.name}}} in the command"
    keys = yaml_text.flow(yaml_text.domain(domain))
    return f"{yaml_text.text(option.name)}: {keys}{given}"


def _help(option: Option) -> str:
    if not option.help or "%(" in option.help:
        return ""
    words = yaml_text.printable(option.help)
    return f": {words if len(words) <= LONGEST_HELP else words[:LONGEST_HELP] + '...'}"


def ranges_in_words(selection: Selection) -> list[str]:
    """One line for each parameter that is varied, for the screen."""
    rows = []
    for parameter in selection.varied:
        found = parameter.domain
        assert found is not None
        if isinstance(found, Range):
            shown = (
                f"{yaml_text.number(found.low)} to {yaml_text.number(found.high)}, {found.scale}"
            )
        else:
            shown = ", ".join(yaml_text.scalar(value) for value in found.values)
        rows.append((parameter.name, shown))
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {shown}" for name, shown in rows]
