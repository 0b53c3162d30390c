"""The landscape's file as items with their places. By libyaml: the file has megabytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import yaml

from ai_conformance.submission.errors import SubmissionError

AI_PLATFORM = "Certified Kubernetes - AI Platform"
"""The subcategory of certified products."""
SECOND_PATH = f"Platform / {AI_PLATFORM}"
"""What an item elsewhere in the landscape says to be shown there too."""
_DEPTH = 50
"""Of mappings and lists in each other; the real file has ten."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LandscapeError(SubmissionError):
    """The file is no landscape, or it cannot be changed safely by a patch."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Item:
    """One entry."""

    path: tuple[int, int, int]
    """Its category, subcategory and place in that, from 0."""
    subcategory: str
    name: str
    homepage_url: str
    second_paths: tuple[str, ...]
    node: yaml.MappingNode = dataclasses.field(repr=False)

    @property
    def line(self) -> int:
        """Where it begins, from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def is_listed(self) -> bool:
        """Whether it is shown among the certified products."""
        return self.subcategory == AI_PLATFORM or any(AI_PLATFORM in one for one in self.second_paths)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Landscape:
    """The whole file."""

    text: str = dataclasses.field(repr=False)
    items: tuple[Item, ...]
    data: Any = dataclasses.field(repr=False)
    """Everything that the file says, without how it is written; mappings as dicts, scalars as tag and text."""
    items_node: yaml.Node = dataclasses.field(repr=False)
    """The list of the subcategory's own items."""
    items_path: tuple[int, int]


def read(text: str) -> Landscape:
    """Read a landscape. Raises LandscapeError."""
    try:
        _demand_simple(text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{mark.line + 1}:{mark.column + 1}: " if mark else ""
        raise LandscapeError(f"{place}the landscape is no valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise LandscapeError(f"the landscape is no valid YAML: {' '.join(str(error).split())}") from None
    data = _data(root)
    items: list[Item] = []
    own: tuple[tuple[int, int], yaml.Node] | None = None
    for first, category in enumerate(_list(root, "landscape")):
        for second, subcategory in enumerate(_list(category, "subcategories")):
            name = _text(subcategory, "name")
            if name == AI_PLATFORM and own is None and (node := _get(subcategory, "items")) is not None:
                own = ((first, second), node)
            for third, item in enumerate(_list(subcategory, "items")):
                if isinstance(item, yaml.MappingNode) and _get(item, "item") is not None:
                    items.append(_item(item, (first, second, third), name))
    if own is None:
        raise LandscapeError(f"the landscape has no subcategory {AI_PLATFORM!r} with a list of items")
    return Landscape(text=text, items=tuple(items), data=data, items_path=own[0], items_node=own[1])


def _demand_simple(text: str) -> None:
    # What composes recurses without a limit, in C, where too deep a file would end the process.
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise LandscapeError("the landscape is nested too deep to be one")
        if isinstance(event, yaml.AliasEvent):
            # The real file has none, and a patch in what an alias stands for would change both places.
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise LandscapeError(f"line {line} of the landscape has an alias; no patch is made for such a file")


def member(node: yaml.Node, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value of a member of a mapping; None if there is none."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((pair for pair in node.value if pair[0].value == key), None)


def _get(node: yaml.Node, key: str) -> yaml.Node | None:
    found = member(node, key)
    return found[1] if found else None


def _text(node: yaml.Node, key: str) -> str:
    found = _get(node, key)
    return found.value if isinstance(found, yaml.ScalarNode) else ""


def _list(node: yaml.Node | None, key: str) -> list[yaml.Node]:
    found = _get(node, key) if node is not None else None
    return found.value if isinstance(found, yaml.SequenceNode) else []


def _item(node: yaml.MappingNode, path: tuple[int, int, int], subcategory: str) -> Item:
    return Item(
        path=path,
        subcategory=subcategory,
        name=_text(node, "name"),
        homepage_url=_text(node, "homepage_url"),
        second_paths=tuple(_second_paths(_get(node, "second_path"))),
        node=node,
    )


def _second_paths(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.ScalarNode) and node.value:
        yield node.value
    elif isinstance(node, yaml.SequenceNode):
        yield from (one.value for one in node.value if isinstance(one, yaml.ScalarNode))


def _data(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        content = {str(key.value): _data(value) for key, value in node.value}
        if len(content) != len(node.value):
            # The later would silently win, and a patch could not say which of them it means.
            line = node.start_mark.line + 1
            raise LandscapeError(f"in the landscape a key is there twice, in the entry that begins in line {line}")
        return content
    if isinstance(node, yaml.SequenceNode):
        return [_data(one) for one in node.value]
    return (node.tag, node.value) if node is not None else None
