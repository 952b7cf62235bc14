"""What a Python program prints, reports, logs and returns, read from its source.

f-strings, `%`, `.format`, commas and dicts become lines with holes; `printed` finds the names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from hpsearch.discovery.facts import Printed
from hpsearch.discovery.metric_words import goal_of
from hpsearch.discovery.printed import HOLE, metric_names
from hpsearch.discovery.python_source import PythonSource, dotted, keywords

How = Literal["printed", "returned", "reported", "stderr", "logged"]

_PRINTERS = frozenset(
    {
        "print",
        "echo",
        "secho",
        "click.echo",
        "click.secho",
        "typer.echo",
        "rich.print",
        "rprint",
        "sys.stdout.write",
        "sys.stderr.write",
    }
)
_PRINTING_METHODS = ("console.print", "tqdm.write", "pbar.write")
_LOGGERS = re.compile(r"(?:.*\.)?_?log(?:ger|ging)?\.(?:info|warning|debug|error|log)", re.I)
_TRACKERS = frozenset({"log", "log_metric", "log_metrics", "log_dict", "add_scalar", "report"})
_TRIAL_REPORTS = re.compile(r"(?:.*\.)?(?:trial|handle)\.report")
_PERCENT = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d*]*(?:\.[\d*]+)?[a-zA-Z]|%%")
_BRACED = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


def printed_by(source: PythonSource) -> list[Printed]:
    """The metrics of the file, in its order; one entry for each name and way, with its lines."""
    found: dict[tuple[str, How], Printed] = {}
    functions = _enclosing_functions(source)
    for node in source.calls:
        for name, context, how in _of_call(node, source):
            words = f"{functions.get(id(node), '')} {context}"
            _note(found, Printed(name, words, how, (node.lineno,), str(source.path)))
    return list(found.values())


def _note(found: dict[tuple[str, How], Printed], new: Printed) -> None:
    old = found.get((new.name, new.how))
    lines = () if old is None else old.lines
    context = new.context if old is None else f"{old.context} {new.context}"
    found[new.name, new.how] = Printed(
        new.name, context, new.how, tuple(dict.fromkeys(lines + new.lines)), new.file
    )


def _enclosing_functions(source: PythonSource) -> dict[int, str]:
    """The name of the innermost function around each call, where it speaks of a kind of data."""
    names: dict[int, str] = {}
    for function in source.nodes:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            # `train` often holds the whole loop, validation included; `train_epoch` does not.
            is_whole_loop = re.fullmatch(r"_?train(ing)?|main|run|fit|objective", function.name)
            for inner in ast.walk(function):
                if isinstance(inner, ast.Call):
                    names[id(inner)] = "" if is_whole_loop else function.name
    return names


def _of_call(call: ast.Call, source: PythonSource) -> Iterator[tuple[str, str, How]]:
    called = dotted(call.func)
    method = called.rpartition(".")[2]
    if _TRIAL_REPORTS.fullmatch(called):
        for name in keywords(call):
            if goal_of(name) is not None:
                yield name, name, "reported"
    elif called in _PRINTERS or called.endswith(_PRINTING_METHODS):
        is_stderr = "stderr" in called or any(
            "stderr" in dotted(word.value) or (word.arg == "err" and source.value(word.value))
            for word in call.keywords
        )
        for name, context in metric_names(_line_of(call, source)):
            yield name, context, "stderr" if is_stderr else "printed"
    elif _LOGGERS.fullmatch(called):
        how: How = "printed" if _logs_to_stdout(source) else "stderr"
        for name, context in metric_names(_line_of(call, source)):
            yield name, context, how
    elif method in _TRACKERS:
        for name in _tracked(call, source):
            yield name, name, "logged"
    elif method.endswith("Trainer") and source.imports("transformers"):
        yield "eval_loss", "eval_loss", "printed"  # by its progress bar, after each evaluation
    elif method == "fit" and source.imports("tensorflow", "keras", "tf_keras"):
        for name in _keras_names(call, source):
            yield name, name, "printed"


def _logs_to_stdout(source: PythonSource) -> bool:
    return any(
        dotted(node).endswith("stdout")
        for call in source.calls
        if dotted(call.func).endswith(("basicConfig", "StreamHandler"))
        for node in [*call.args, *keywords(call).values()]
    )


def _tracked(call: ast.Call, source: PythonSource) -> Iterator[str]:
    """Names that are sent to a tracker: `wandb.log({"val_loss": x})`, `add_scalar("Loss/val")`."""
    nodes: Sequence[ast.expr | None] = call.args[:1]
    for node in [*nodes, *keywords(call).values()]:
        keys = node.keys if isinstance(node, ast.Dict) else [node]
        for key in keys:
            name = source.value(key)
            if isinstance(name, str) and goal_of(name) is not None and " " not in name:
                yield name


def _keras_names(call: ast.Call, source: PythonSource) -> Iterator[str]:
    """What Keras itself prints in `fit`: loss, the compiled metrics, and the same with val_."""
    given = keywords(call)
    if source.value(given.get("verbose")) == 0:
        return
    is_validated = bool({"validation_data", "validation_split"} & set(given))
    names = ["loss"]
    for other in source.calls:
        if dotted(other.func).endswith(".compile"):
            metrics = source.value(keywords(other).get("metrics"))
            names += [m for m in metrics if isinstance(m, str)] if _is_tuple(metrics) else []
    for name in names:
        if is_validated:
            yield f"val_{name}"
        yield name


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)


def _line_of(call: ast.Call, source: PythonSource) -> str:
    separator = source.value(keywords(call).get("sep"))
    joined = separator if isinstance(separator, str) else " "
    arguments = call.args
    if _LOGGERS.fullmatch(dotted(call.func)) and len(arguments) > 1:
        template = source.value(arguments[0])
        if isinstance(template, str):  # logger.info("loss %.4f", loss)
            return _PERCENT.sub(_hole_of_percent, template)
    return joined.join(_text_of(argument, source) for argument in arguments)


def _text_of(node: ast.expr, source: PythonSource, depth: int = 0) -> str:
    """What an expression looks like when it is printed, with a hole for each value."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(value, source) for value in node.values)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return "{" + ", ".join(f"'{source.value(key)}': {HOLE}" for key, _ in pairs) + "}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        text = _text_of(node.left, source) + _text_of(node.right, source)
        return text if text.strip(HOLE) else HOLE  # a sum of numbers is one number
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _PERCENT.sub(_hole_of_percent, _text_of(node.left, source))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format":
            return _BRACED.sub(_hole_of_brace, _text_of(node.func.value, source))
        if node.func.attr == "dumps" and node.args:
            return _text_of(node.args[0], source, depth + 1)
    if isinstance(node, ast.Name) and depth < 2:
        assigned = _assigned_before(node, source)
        if isinstance(assigned, (ast.JoinedStr, ast.Dict, ast.BinOp, ast.Call)):
            text = _text_of(assigned, source, depth + 1)
            return text if text.strip(HOLE) else HOLE
    return HOLE


def _assigned_before(name: ast.Name, source: PythonSource) -> ast.expr | None:
    """The text or dict that the variable was given last before it is printed."""
    value = None
    for node in source.nodes:
        if node.lineno >= name.lineno:
            break
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) == name.id:
            value = node.value
    return value


def _hole_of_percent(match: re.Match[str]) -> str:
    return "%" if match[0] == "%%" else HOLE


def _hole_of_brace(match: re.Match[str]) -> str:
    return match[0][0] if match[0] in ("{{", "}}") else HOLE
