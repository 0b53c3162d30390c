"""Objects of the API as YAML that is read by people before it is applied: in order, with the reasons as comments."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

WIDTH = 110
Path = tuple[str | int, ...]
"""The way to a value: keys of mappings and places in lists."""


def documents(objects: Sequence[Any]) -> str:
    """Each as a document of its own."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = WIDTH
    stream = io.StringIO()
    for one in objects:
        stream.write("---\n")
        yaml.dump(one, stream)
    return stream.getvalue()


def explained(obj: Mapping[str, Any], reasons: Mapping[Path, str]) -> CommentedMap:
    """The object with a comment above each of these values. Raises KeyError for a value that is not there."""
    made: CommentedMap = _commented(obj)
    for path, reason in reasons.items():
        place: Any = made
        column = 0
        for step in path[:-1]:
            place = place[step]
            column += 2  # a list to the right of its key, and what is in it to the right of its dash
        wrapped = textwrap.fill(reason, width=WIDTH - column)
        if path[-1] not in place:
            raise KeyError(path)
        place.yaml_set_comment_before_after_key(path[-1], before=wrapped, indent=column)
    return made


def _commented(value: Any) -> Any:
    if isinstance(value, Mapping):
        return CommentedMap({key: _commented(one) for key, one in value.items()})
    if isinstance(value, list | tuple):
        return CommentedSeq([_commented(one) for one in value])
    return value
