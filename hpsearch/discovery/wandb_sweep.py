"""The story of `import`: a W&B sweep file -> a config, and a line for each thing that it held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hpsearch.config.kinds import shown
from hpsearch.config.loader import safe_name
from hpsearch.config.report import START, Report
from hpsearch.config.yaml_nodes import Entry, ListNode, MapNode, Node, ScalarNode, read_yaml
from hpsearch.discovery import yaml_text
from hpsearch.discovery.printed_python import printed_by
from hpsearch.discovery.python_source import read_with_imports
from hpsearch.discovery.wandb_command import DEFAULT_COMMAND, imported_command
from hpsearch.discovery.wandb_parameters import Imported, imported_parameters
from hpsearch.discovery.wandb_search import search_section
from hpsearch.errors import HpsearchError

_SERVER_KEYS = frozenset(
    {"project", "entity", "description", "controller", "prior_runs", "job", "image_uri", "launch"}
)
_MADE_ELSEWHERE = {
    "early_terminate": "trials run to their end here",
    **dict.fromkeys(_SERVER_KEYS, "it belongs to W&B's server"),
}


@dataclass
class ImportedSweep:
    """A config that was made of a sweep.

    Attributes:
        name: of the runs and of the file.
        lines: of the config.
        told: for each thing in the sweep, what it became or why it could not.
    """

    name: str
    told: list[str] = field(default_factory=list)
    text: str = ""

    def tell(self, key: str, was: str, became: str) -> None:
        """One more thing that was imported."""
        self.told.append(f"{key}: {was} -> {became}")

    def refuse(self, key: str, why: str) -> None:
        """One more thing that was not imported."""
        self.told.append(f"{key}: not imported: {why}")


def import_wandb_sweep(path: Path) -> ImportedSweep:
    """The config of a sweep file.

    Raises:
        ConfigError: with every problem of the file.
        HpsearchError: if the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise HpsearchError(f"{path} cannot be read: {reason}") from None
    report = Report(str(path))
    node = read_yaml(text, report)
    report.raise_if_any()
    if not isinstance(node, MapNode) or "parameters" not in node.entries:
        where = node.place if node is not None else START
        report.add(where, "", "is no W&B sweep: it has no parameters")
    report.raise_if_any()
    assert isinstance(node, MapNode)
    return _Import(path, node.entries, report).result()


class _Import:
    """Goes through the keys of a sweep."""

    def __init__(self, path: Path, keys: Mapping[str, Entry], report: Report) -> None:
        self._path = path
        self._keys = keys
        self._report = report
        self._sweep = ImportedSweep(safe_name(self._text_of("name") or path.stem))

    def result(self) -> ImportedSweep:
        parameters = self._parameters()
        command = self._command([p.name for p in parameters if p.domain is not None])
        metric = self._metric()
        search = search_section(self._keys, parameters, self._sweep.told, self._report)
        self._rest()
        self._report.raise_if_any()
        head = [
            f"Imported from the W&B sweep {self._path.name}.",
            *(line for line in self._sweep.told if ": not imported: " in line),
        ]
        lines = [line for words in head for line in yaml_text.comment(yaml_text.printable(words))]
        lines += [f"name: {yaml_text.text(self._sweep.name)}", "objective:", command, *metric]
        lines += ["space:", *_space(parameters), "search:", *search]
        self._sweep.text = "\n".join(lines) + "\n"
        return self._sweep

    def _text_of(self, key: str) -> str:
        node = self._keys[key].node if key in self._keys else None
        return node.text if isinstance(node, ScalarNode) else ""

    def _parameters(self) -> list[Imported]:
        node = self._keys["parameters"].node
        if not isinstance(node, MapNode) or not node.entries:
            message = f"must be a mapping of parameters, but is {shown(node)}"
            self._report.add(node.place, "parameters", message)
            return []
        found = list(imported_parameters(node.entries, self._report))
        self._report.raise_if_any()
        for parameter in found:
            self._tell_of(parameter)
        if not any(parameter.domain for parameter in found):
            self._report.add(node.place, "parameters", "no one of them could be imported")
        return found

    def _tell_of(self, parameter: Imported) -> None:
        if parameter.domain is None:
            near = ""
            if parameter.instead is not None:
                near = f"; near it: {_in_words(yaml_text.domain(parameter.instead))}"
            why = f"{parameter.was}: {parameter.note}{near}"
            self._sweep.refuse(parameter.path, why)
            return
        became = _in_words(parameter.keys)
        if "." in parameter.name:
            became = f"{parameter.name}: {became}"
        note = f" ({parameter.note})" if parameter.note else ""
        self._sweep.tell(parameter.path, parameter.was, f"{became}{note}")

    def _command(self, names: list[str]) -> str:
        program = self._text_of("program")
        words = list(DEFAULT_COMMAND)
        if "command" in self._keys:
            node = self._keys["command"].node
            items = node.items if isinstance(node, ListNode) else (node,)
            words = [item.text for item in items if isinstance(item, ScalarNode)]
            if len(words) < len(items) or not words:
                self._report.add(node.place, "command", f"must be a list, but is {shown(node)}")
        if not program and any("${program}" in word for word in words):
            place = self._keys["parameters"].key_place
            self._report.add(place, "program", "is missing; write program: train.py")
            return ""
        command, notes = imported_command(words, program, names)
        key = "command" if "command" in self._keys else "program"
        was = " ".join(words) if key == "command" else program
        extra = f" ({'; '.join(notes)})" if notes else ""
        self._sweep.tell(key, was, f"objective.command: {command}{extra}")
        if yaml_text.is_plain_command(command):
            return f"  command: {command}"
        return f"  command: {yaml_text.quoted(command)}"

    def _metric(self) -> list[str]:
        node = self._keys["metric"].node if "metric" in self._keys else None
        keys = node.entries if isinstance(node, MapNode) else {}
        name = _scalar_text(keys, "name")
        goal = _scalar_text(keys, "goal") or "minimize"
        if goal not in ("minimize", "maximize"):
            place = keys["goal"].node.place
            self._report.add(place, "metric.goal", "must be minimize or maximize")
        if not name:
            self._sweep.told.append(
                "metric: missing; metric.name is loss now: write there what the program prints"
            )
            comment = "TO DO: the sweep named no metric; write here the name that is printed."
            return [f"# {comment}", "metric: {name: loss, goal: minimize}"]
        became = yaml_text.flow({"name": yaml_text.text(name), "goal": goal})
        self._sweep.tell("metric", f"{name}, {goal}", f"metric: {became}")
        if "target" in keys:
            text = _scalar_text(keys, "target")
            self._sweep.refuse(
                "metric.target", f"it goes with a run: hpsearch run --until-value {text}"
            )
        if "impute" in keys:
            self._sweep.refuse("metric.impute", "a failed trial counts as failed, with no value")
        if self._prints(name):
            return [f"metric: {became}"]
        self._sweep.told.append(
            f"TO DO: hpsearch does not see what wandb.log sends: print it too, as "
            f'print(f"{name}: {{value}}")'
        )
        comment = "TO DO: the program has to print it; what wandb.log sends is not seen."
        return [f"# {comment}", f"metric: {became}"]

    def _prints(self, name: str) -> bool:
        """Whether the source of the program prints a number of that name."""
        program = Path(self._text_of("program"))
        for folder in (self._path.parent, Path.cwd()):
            if program.suffix == ".py" and (folder / program).is_file():
                try:
                    sources = read_with_imports(folder / program, [folder])
                except HpsearchError:
                    return False
                printed = [one for source in sources for one in printed_by(source)]
                return any(one.name == name and one.how == "printed" for one in printed)
        return False

    def _rest(self) -> None:
        known = {"program", "command", "method", "metric", "parameters", "run_cap", "name"}
        if "name" in self._keys:
            self._sweep.tell("name", self._text_of("name"), f"name: {self._sweep.name}")
        for key in self._keys:
            if key not in known:
                self._sweep.refuse(key, _MADE_ELSEWHERE.get(key, "it has no counterpart"))


def _space(parameters: list[Imported]) -> list[str]:
    lines = []
    for parameter in parameters:
        name = yaml_text.text(parameter.name)
        if parameter.domain is not None:
            lines.append(f"  {name}: {yaml_text.flow(parameter.keys)}")
        else:
            lines += yaml_text.comment(f"not imported: {parameter.was}; {parameter.note}", "  ")
            if parameter.instead is not None:
                lines.append(f"  # {name}: {yaml_text.flow(yaml_text.domain(parameter.instead))}")
    return lines


def _in_words(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in keys.items())


def _scalar_text(keys: Mapping[str, Entry], key: str) -> str:
    node: Node | None = keys[key].node if key in keys else None
    return node.text if isinstance(node, ScalarNode) else ""
