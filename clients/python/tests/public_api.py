"""Writes the public surface of the package, public-api.txt: what a version may add to and never take from.

    PYTHONPATH=src python3 -m tests.public_api > public-api.txt

It is read from the sources, so it is the same with each Python, and whichever of the other packages are installed.
"""
from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "voice_worker_client"
FILE = Path(__file__).resolve().parents[1] / "public-api.txt"

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def public_api() -> str:
    """Each public module with its public names; methods sorted, fields in their order."""
    modules = _modules()
    hidden = {
        one.name: one for name, module in modules.items() if not _is_public(name)
        for one in module.body if isinstance(one, ast.ClassDef)}
    return "\n".join(
        "\n    ".join([name, *(line for one in _names(module) for line in _lines(one, hidden))]) + "\n"
        for name, module in sorted(modules.items()) if _is_public(name))


def _modules() -> dict[str, ast.Module]:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None and spec.submodule_search_locations is not None
    root = Path(spec.submodule_search_locations[0])
    files = {".".join([PACKAGE, *file.relative_to(root).with_suffix("").parts]): file for file in root.rglob("*.py")}
    return {name.removesuffix(".__init__"): ast.parse(file.read_text("utf-8")) for name, file in files.items()}


def _is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def _names(module: ast.Module) -> Iterator[ast.stmt]:
    # A module without __all__ has no names but its own, and imports are none of them.
    everything = {name: one for one in module.body for name in _defined(one)}
    listed = everything.get("__all__")
    if isinstance(listed, ast.Assign):
        names = [str(name) for name in ast.literal_eval(listed.value)]
    else:
        names = [name for name, one in everything.items() if _is_public(name) and not isinstance(one, ast.ImportFrom)]
    for name in sorted(names):
        one = everything[name]
        yield ast.ImportFrom(one.module, [ast.alias(name)], one.level) if isinstance(one, ast.ImportFrom) else one


def _defined(one: ast.stmt) -> list[str]:
    if isinstance(one, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return [one.name]
    if isinstance(one, ast.ImportFrom):
        return [alias.asname or alias.name for alias in one.names]
    targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _lines(one: ast.stmt, hidden: dict[str, ast.ClassDef]) -> list[str]:
    if not isinstance(one, ast.ClassDef):
        return [_line(one)]
    # What a class has from one that is not public is its own.
    own = [base for base in one.bases if _name_of(base) not in hidden]
    head = ast.ClassDef(one.name, own, one.keywords, [], one.decorator_list)
    fields, methods = _members(one, hidden)
    lines = [*fields, *sorted(methods.values())]
    return [*ast.unparse(head).rstrip(":").split("\n"), *(f"    {line}" for line in lines)]


def _members(one: ast.ClassDef, hidden: dict[str, ast.ClassDef]) -> tuple[list[str], dict[str, str]]:
    fields: list[str] = []
    methods: dict[str, str] = {}
    for base in one.bases:
        if _name_of(base) in hidden:
            fields, methods = _members(hidden[_name_of(base)], hidden)
    for member in one.body:
        if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if member.name == "__init__":
                fields += _attributes(member)
            if _is_public(member.name) or member.name.endswith("__"):
                methods[member.name] = _line(member)
        elif any(_is_public(name) for name in _defined(member)):
            fields.append(_line(member))
    return fields, methods


def _attributes(constructor: Definition) -> list[str]:
    targets = [target for one in constructor.body if isinstance(one, ast.Assign) for target in one.targets]
    names = [target.attr for target in targets if isinstance(target, ast.Attribute)]
    return [f"self.{name}" for name in names if _is_public(name)]


def _line(one: ast.stmt) -> str:
    if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ast.unparse(one)
    decorators = "".join(f"@{ast.unparse(decorator)} " for decorator in one.decorator_list)
    returns = f" -> {ast.unparse(one.returns)}" if one.returns else ""
    word = "async def" if isinstance(one, ast.AsyncFunctionDef) else "def"
    return f"{decorators}{word} {one.name}({ast.unparse(one.args)}){returns}"


def _name_of(base: ast.expr) -> str:
    return base.id if isinstance(base, ast.Name) else ""


if __name__ == "__main__":
    print(public_api(), end="")
