"""The rooms of the package: imports go down, never sideways, and never in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import hpsearch

PACKAGE = Path(hpsearch.__file__).parent

FLOORS = (
    {"errors", "files", "version", "one_thread", "signals"},
    {"scales", "trial", "lock", "run_folder", "environment", "budget", "checkpoints"},
    {"domains", "seeds"},
    {"number_columns", "objectives"},
    {"space"},
    {"history"},
    {"samplers", "zoom", "store", "config", "runners"},
    {"incumbents", "stored_config"},
    {"strategies", "analysis", "discovery", "announcer", "segments", "learning"},
    {"search", "views", "orders", "nursing", "resuming"},
    {"launch", "stopping"},
    {"running"},
    {"cli", "api", "asking"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
APART = {"examples"}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            # `from package import file` takes the file; anything else comes from the module itself.
            found |= {name if name in SOURCES else node.module for name in names}
    return {name for name in found if name.split(".")[0] == "hpsearch"}


IMPORTS = {
    name: {other for other in imports_of(path) if other in SOURCES and other != name}
    for name, path in SOURCES.items()
}


def test_every_room_has_its_floor() -> None:
    assert {room_of(name) for name in SOURCES} - {"", "__main__"} - APART <= set(FLOOR_OF)


def test_a_room_imports_only_from_floors_below_its_own() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if (room := room_of(name)) in FLOOR_OF
        and (other_room := room_of(other)) in {*FLOOR_OF, *APART}
        and other_room != room
        and FLOOR_OF.get(other_room, len(FLOORS)) >= FLOOR_OF[room]
    ]
    assert not wrong


def test_examples_import_nothing_else_of_hpsearch() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if room_of(name) in APART and room_of(other) not in APART
    ]
    assert not wrong


def test_no_file_imports_in_a_circle() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        for other in sorted(IMPORTS[name]):
            visit(other, (*path, name))
        done.add(name)

    for name in SOURCES:
        visit(name, ())
