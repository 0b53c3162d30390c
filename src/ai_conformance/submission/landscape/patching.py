"""Edits of the landscape's text, each made so that it touches no line of another entry.

A new key goes behind a line that holds a whole key and value, never behind a block of text or a list, whose end is
easily taken for something else.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Sequence

import yaml

from ai_conformance.submission.landscape import reading
from ai_conformance.submission.landscape.reading import SECOND_PATH, Item, Landscape, LandscapeError

_PLAIN = re.compile(r"\w")
"""How a text begins that may do without quotes; whether it may is then tried."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewItem:
    """An entry to be made."""

    name: str
    description: str
    homepage_url: str
    logo: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edit:
    """Lines `begin` to `end` (from 0, the end excluded) become others."""

    begin: int
    end: int
    lines: tuple[str, ...]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits, which must not overlap. New lines end as the file's do."""
    lines = text.split("\n")
    end = "\r" if "\r\n" in text else ""
    for edit in sorted(edits, key=lambda one: (one.begin, one.end), reverse=True):
        lines[edit.begin : edit.end] = [f"{one}{end}" for one in edit.lines]
    return "\n".join(lines)


def add_second_path(item: Item) -> Edit:
    """An item of another subcategory is shown in the one of certified products too."""
    found = reading.member(item.node, "second_path")
    path = json.dumps(SECOND_PATH)
    if found is None:
        key, line = _whole_line(item)
        indent = " " * key.start_mark.column
        return Edit(begin=line + 1, end=line + 1, lines=(f"{indent}second_path:", f"{indent}  - {path}"))
    key, value = found
    indent = " " * key.start_mark.column
    if isinstance(value, yaml.SequenceNode) and value.value and not value.flow_style:
        last = value.value[-1]
        if last.start_mark.line != last.end_mark.line:
            raise LandscapeError(
                f"the last second_path of {item.name!r} is no text on one line; add the new one by hand"
            )
        line = int(last.end_mark.line)
        return Edit(begin=line + 1, end=line + 1, lines=(f"{' ' * value.start_mark.column}- {path}",))
    begin, end = int(key.start_mark.line), int(value.end_mark.line)
    if begin != end:
        raise LandscapeError(f"the second_path of {item.name!r} is no list of lines; write it as one")
    paths = [json.dumps(one, ensure_ascii=False) for one in item.second_paths] + [path]
    return Edit(begin=begin, end=end + 1, lines=(f"{indent}second_path:", *(f"{indent}  - {one}" for one in paths)))


def remove_second_path(item: Item) -> Edit:
    """An item of another subcategory is shown there only."""
    found = reading.member(item.node, "second_path")
    if found is None:
        raise LandscapeError(f"{item.name!r} has no second_path")
    key, value = found
    kept = [json.dumps(one, ensure_ascii=False) for one in item.second_paths if reading.AI_PLATFORM not in one]
    begin = int(key.start_mark.line)
    last = value.value[-1] if isinstance(value, yaml.SequenceNode) and not value.flow_style else value
    indent = " " * key.start_mark.column
    lines = (f"{indent}second_path:", *(f"{indent}  - {one}" for one in kept)) if kept else ()
    return Edit(begin=begin, end=int(last.end_mark.line) + 1, lines=lines)


def change_items(landscape: Landscape, *, removed: Sequence[Item], new: Sequence[NewItem]) -> list[Edit]:
    """Items of the subcategory of certified products go away, and new ones come to its end."""
    if not removed and not new:
        return []
    node = landscape.items_node
    old = node.value if isinstance(node, yaml.SequenceNode) else []
    if not old:
        return [_fill(landscape, node, new)]
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        raise LandscapeError("the items of certified products are no list of lines; write it as one")
    gone = {id(one.node) for one in removed}
    edits = [Edit(begin=int(one.start_mark.line), end=_end(landscape, one), lines=()) for one in old if id(one) in gone]
    if new:
        end = _end(landscape, old[-1])
        edits.append(Edit(begin=end, end=end, lines=tuple(_lines(new, indent=int(node.start_mark.column)))))
    elif len(gone) == len(old):
        # A list without an item would be nothing at all, which is not the same.
        line = int(old[0].start_mark.line) - 1
        head = landscape.text.split("\n")[line].rstrip()
        if head.strip() != "items:":
            raise LandscapeError(f"line {line + 1} of the landscape: 'items:' is expected above the first item")
        edits.append(Edit(begin=line, end=line + 1, lines=(f"{head} []",)))
    return edits


def _fill(landscape: Landscape, node: yaml.Node, new: Sequence[NewItem]) -> Edit:
    """The first items of a list that has none."""
    line = int(node.start_mark.line)
    written = landscape.text.split("\n")[line]
    if written.strip() not in ("items: []", "items:", "items: null", "items: ~"):
        raise LandscapeError(f"line {line + 1} of the landscape: write the empty list of items as 'items: []'")
    indent = len(written) - len(written.lstrip())
    return Edit(begin=line, end=line + 1, lines=(f"{' ' * indent}items:", *_lines(new, indent=indent + 2)))


def _whole_line(item: Item) -> tuple[yaml.Node, int]:
    """The last key of an item that stands with its value on one line."""
    for key, value in reversed(item.node.value):
        plain = isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">") and value.value
        if plain and key.start_mark.line == value.end_mark.line:
            return key, int(value.end_mark.line)
    raise LandscapeError(f"{item.name!r} has no key with its value on one line; add the second_path by hand")


def _end(landscape: Landscape, node: yaml.Node) -> int:
    """The line behind a node, without the empty lines and comments that stand between it and what follows."""
    lines = landscape.text.split("\n")
    end = min(int(node.end_mark.line) + (1 if node.end_mark.column else 0), len(lines))
    while end > node.start_mark.line + 1:
        line = lines[end - 1]
        indent = len(line) - len(line.lstrip())
        outside = indent < node.start_mark.column
        if line.strip() and not (outside and (line.lstrip().startswith("#") or end - 1 >= node.end_mark.line)):
            break
        end -= 1
    return end


def _lines(items: Iterable[NewItem], *, indent: int) -> Iterable[str]:
    dash, inside = " " * indent, " " * (indent + 2)
    for one in items:
        yield f"{dash}- item:"
        for key in ("name", "description", "homepage_url", "logo"):
            yield f"{inside}{key}: {_scalar(getattr(one, key))}"


def _scalar(text: str) -> str:
    """A text as YAML on one line: plain where that says the same, else in double quotes."""
    try:
        node = yaml.compose(f"key: {text}", Loader=yaml.SafeLoader) if _PLAIN.match(text) else None
    except yaml.YAMLError:
        node = None
    value = node.value[0][1] if isinstance(node, yaml.MappingNode) and len(node.value) == 1 else None
    if isinstance(value, yaml.ScalarNode) and value.value == text and value.tag.endswith(":str") and not value.style:
        return text
    return json.dumps(text, ensure_ascii=False)
