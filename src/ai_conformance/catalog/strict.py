"""A YAML file as frozen dataclasses, strictly: whatever is wrong is refused with file, line and column.

YAML 1.2 by ruamel.yaml, which knows where each key stands; types and unknown keys by pydantic.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pydantic
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ai_conformance.catalog.errors import CatalogError, nearest

_Entry = TypeVar("_Entry")
_FORBID = pydantic.ConfigDict(extra="forbid", strict=False)


def read(path: Path, kind: type[_Entry], *, key: str) -> tuple[_Entry, ...]:
    """The entries of a file whose one top-level key holds a list of them. Raises CatalogError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}:1:1: the file cannot be read: {error}") from None
    return parse(text, kind, key=key, source=str(path))


def parse(text: str, kind: type[_Entry], *, key: str, source: str) -> tuple[_Entry, ...]:
    """As `read`, from text."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        what = (error.problem or error.context or "it cannot be read").strip()
        raise CatalogError(f"{source}:{place}: no valid YAML: {what}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise CatalogError(f"{source}:1:1: no valid YAML: {error}") from None
    if not isinstance(document, dict) or set(document) != {key}:
        raise CatalogError(f"{source}:1:1: a mapping with the one key {key!r} is expected")
    fields: Any = {key: (tuple[_configured(kind), ...], ...)}  # type: ignore[misc] # a type known at run time
    wrapper = pydantic.create_model("File", __config__=_FORBID, **fields)
    try:
        return tuple(getattr(wrapper.model_validate(_plain(document)), key))
    except pydantic.ValidationError as error:
        raise CatalogError("\n".join(_sentence(one, document, kind, source=source) for one in error.errors())) from None


def _configured(kind: type[Any]) -> type[Any]:
    """Make pydantic refuse unknown keys in a dataclass and in those that its fields are of."""
    for nested in _dataclasses_of(kind):
        if "__pydantic_config__" not in vars(nested):
            nested.__pydantic_config__ = _FORBID
    return kind


def _dataclasses_of(kind: type[Any]) -> list[type[Any]]:
    from typing import get_args, get_type_hints  # noqa: PLC0415 - only this function reads annotations

    found, rest = [], [kind]
    while rest:
        one = rest.pop()
        if dataclasses.is_dataclass(one) and one not in found:
            found.append(one)
            rest += list(get_type_hints(one).values())
        rest += list(get_args(one))
    return found


def _plain(node: Any) -> Any:
    """Plain lists and mappings, for pydantic's strict eyes."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _sentence(error: Any, document: Any, kind: type[Any], *, source: str) -> str:
    location: Sequence[Any] = error["loc"]
    line, column = _place(document, location)
    name = str(location[-1])
    match error["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            known = {field.name for one in _dataclasses_of(kind) for field in dataclasses.fields(one)}
            what = f"there is no key {name!r}{nearest(name, known=known)}"
        case "missing" | "missing_keyword_only_argument" | "missing_argument":
            what = f"the key {name!r} is missing"
        case _:
            where = ".".join(str(part) for part in location)
            what = f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}, not {error['input']!r}"
    return f"{source}:{line}:{column}: {what}"


def _place(document: Any, location: Sequence[Any]) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of a location that is in the file."""
    node, line, column = document, 0, 0
    for part in location:
        marks = getattr(node, "lc", None)
        try:
            if isinstance(node, dict):
                line, column = marks.key(part)  # type: ignore[union-attr]
            else:
                line, column = marks.item(part)  # type: ignore[union-attr]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1, column + 1
