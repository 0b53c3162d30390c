"""Which nodes a slice reaches and which devices a DeviceClass selects."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_conformance.checks.inventory.model import Device

Object = Mapping[str, Any]
Labels = Mapping[str, str]


class Reach:
    """Which of some nodes a slice or a device reaches; the same answer is the same object, and is looked for once."""

    def __init__(self, nodes: Mapping[str, Labels]) -> None:
        self._nodes = nodes
        self._all = frozenset(nodes)
        self._known: dict[str, frozenset[str]] = {}
        self._by_value: dict[str, Mapping[str, set[str]]] = {}

    def of(self, place: Object) -> frozenset[str]:
        """Names of the nodes that nodeName, nodeSelector or allNodes reach."""
        name = place.get("nodeName")
        if place.get("allNodes") and not name:
            return self._all
        key = f"name {name}" if name else json.dumps(place.get("nodeSelector"), sort_keys=True)
        if key not in self._known:
            self._known[key] = frozenset({name} & self._nodes.keys()) if name else self._selected(place)
        return self._known[key]

    def _selected(self, place: Object) -> frozenset[str]:
        terms = place.get("nodeSelector", {}).get("nodeSelectorTerms", ())
        return frozenset(
            name for term in terms for name in self._candidates(term) if _term(term, self._nodes[name], name=name)
        )

    def _candidates(self, term: Object) -> Iterable[str]:
        """All that may match; where a label has to have one of some values, the nodes that have it so."""
        for rule in term.get("matchFields", ()):
            if rule["operator"] == "In":
                return self._nodes.keys() & set(rule["values"])
        for rule in term.get("matchExpressions", ()):
            if rule["operator"] == "In":
                having = self._having(rule["key"])
                return set().union(*(having.get(value, ()) for value in rule["values"]))
        return self._nodes

    def _having(self, key: str) -> Mapping[str, set[str]]:
        if key not in self._by_value:
            found: dict[str, set[str]] = {}
            for name, labels in self._nodes.items():
                if key in labels:
                    found.setdefault(labels[key], set()).add(name)
            self._by_value[key] = found
        return self._by_value[key]


def _term(term: Object, labels: Labels, *, name: str) -> bool:
    expressions = term.get("matchExpressions", ())
    fields = term.get("matchFields", ())
    if not expressions and not fields:
        return False  # an empty term matches nothing (core/v1 NodeSelectorTerm)
    return all(_matches(rule, labels) for rule in expressions) and all(
        _matches(rule, {"metadata.name": name}) for rule in fields
    )


def _matches(rule: Object, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(rule["key"]), rule.get("values", ())
    match rule["operator"]:
        case "In" | "NotIn" as operator:
            return bool((value in values) == (operator == "In"))
        case "Exists" | "DoesNotExist" as operator:
            return bool((value is not None) == (operator == "Exists"))
        case "Gt":
            return value is not None and int(value) > int(values[0])
        case "Lt":
            return value is not None and int(value) < int(values[0])
    return False


# An expression that uses `device` by whole paths alone, `device.attributes["domain"].name`, can tell two devices apart
# by what is at these paths and by nothing else. A method or macro of a map (`.exists(`) looks at all of its keys.
_LITERAL = r"(?:\"[^\"\n]*\"|'[^'\n]*')"
_USE = re.compile(
    rf"(?P<sought>{_LITERAL})\s+in\s+device\.(?P<kind_in>attributes|capacity)"
    rf"(?:\[(?P<domain_in>{_LITERAL})\])?(?!\s*[.\[\w])"
    rf"|device\.(?P<kind>attributes|capacity)\[(?P<domain>{_LITERAL})\]"
    rf"(?:\.(?P<name>[A-Za-z_]\w*)|\[(?P<quoted>{_LITERAL})\])(?!\w|\s*\()"
    r"|device\.driver\b"
    rf"|{_LITERAL}"
    r"|(?P<other>\bdevice\b)"
)
_NOT_READ = re.compile(r"\\|//|\"\"\"|'''")
"""Escapes, comments and long strings: these patterns would take for text what is none."""


class _Expression:
    """One CEL expression, compiled once, that remembers what it said of devices which it cannot tell apart."""

    def __init__(self, text: str) -> None:
        import cel  # noqa: PLC0415 - half a second that only clusters with DeviceClasses pay

        try:
            self._program: Any = cel.compile(text)
        except ValueError:
            self._program = None
        self._paths = paths_of(text)
        self._said: dict[tuple[str, ...], bool | None] = {}

    def of(self, device: Device) -> bool | None:
        """As `selected`."""
        if self._program is None:
            return None
        if self._paths is None:
            return self._execute(device)
        seen = (device.driver, *(_at(device, path) for path in self._paths))
        if seen not in self._said:
            self._said[seen] = self._execute(device)
        return self._said[seen]

    def _execute(self, device: Device) -> bool | None:
        try:
            return bool(self._program.execute({"device": _as_cel(device)}))
        except (KeyError, AttributeError):
            return False
        except (ValueError, RuntimeError, TypeError):
            # Kubernetes' own functions (quantity, semver): left to the scheduler to decide.
            return None


def paths_of(text: str) -> tuple[tuple[str, str, str], ...] | None:
    """(kind, domain, name) of all of `device` that an expression can depend on, None where that cannot be told."""
    found: dict[tuple[str, str, str], None] = {}
    if _NOT_READ.search(text):
        return None
    for use in _USE.finditer(text):
        if use["other"]:
            return None
        if use["kind"]:
            found[use["kind"], use["domain"][1:-1], use["name"] or use["quoted"][1:-1]] = None
        if use["kind_in"]:
            sought, domain = use["sought"][1:-1], use["domain_in"]
            found[(use["kind_in"], domain[1:-1], sought) if domain else (use["kind_in"], sought, "")] = None
    return tuple(found)


def _at(device: Device, path: tuple[str, str, str]) -> str:
    kind, domain, name = path
    values: Mapping[str, object] = device.attributes if kind == "attributes" else device.capacity
    if f"{domain}/{name}" in values:
        return repr(values[f"{domain}/{name}"])
    return f"absent {any(key.rpartition('/')[0] == domain for key in values)}"


_expression = functools.cache(_Expression)


def selected(device: Device, *, device_class: Object) -> bool | None:
    """Whether a DeviceClass selects a device; None where its CEL uses what cannot be evaluated outside the cluster.

    As in the scheduler, an expression that fails on a device (an attribute it does not have) does not select it.
    """
    answer: bool | None = True
    for selector in device_class.get("spec", {}).get("selectors", ()):
        said = _expression(selector.get("cel", {}).get("expression", "")).of(device)
        if said is False:
            return False
        answer = None if said is None else answer
    return answer


def _as_cel(device: Device) -> dict[str, Any]:
    attributes: dict[str, dict[str, Any]] = {}
    capacity: dict[str, dict[str, Any]] = {}
    for target, source in ((attributes, device.attributes), (capacity, device.capacity)):
        for key, value in source.items():
            domain, _, name = key.rpartition("/")
            target.setdefault(domain, {})[name] = value
    return {"driver": device.driver, "attributes": attributes, "capacity": capacity, "allowMultipleAllocations": False}
