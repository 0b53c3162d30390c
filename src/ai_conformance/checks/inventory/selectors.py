"""Which nodes a slice reaches and which devices a DeviceClass selects."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_conformance.checks.inventory.model import Device

Object = Mapping[str, Any]


def nodes_of(place: Object, *, nodes: Mapping[str, Object]) -> frozenset[str]:
    """Names among the given nodes that nodeName, nodeSelector or allNodes reach."""
    if place.get("nodeName"):
        return frozenset({place["nodeName"]} & nodes.keys())
    if place.get("allNodes"):
        return frozenset(nodes)
    terms = place.get("nodeSelector", {}).get("nodeSelectorTerms", ())
    return frozenset(name for name, node in nodes.items() if any(_term(term, node) for term in terms))


def _term(term: Object, node: Object) -> bool:
    expressions = term.get("matchExpressions", ())
    fields = term.get("matchFields", ())
    if not expressions and not fields:
        return False  # an empty term matches nothing (core/v1 NodeSelectorTerm)
    labels = node["metadata"].get("labels", {})
    return all(_matches(rule, labels) for rule in expressions) and all(
        _matches(rule, {"metadata.name": node["metadata"]["name"]}) for rule in fields
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


@functools.cache
def _program(expression: str) -> Any:
    import cel  # noqa: PLC0415 - half a second that only clusters with DeviceClasses pay

    try:
        return cel.compile(expression)
    except ValueError:
        return None


def selected(device: Device, *, device_class: Object) -> bool | None:
    """Whether a DeviceClass selects a device; None where its CEL uses what cannot be evaluated outside the cluster.

    As in the scheduler, an expression that fails on a device (an attribute it does not have) does not select it.
    """
    answer: bool | None = True
    variables = {"device": _as_cel(device)}
    for selector in device_class.get("spec", {}).get("selectors", ()):
        expression = selector.get("cel", {}).get("expression", "")
        program = _program(expression)
        if program is None:
            answer = None
            continue
        try:
            if not program.execute(variables):
                return False
        except (KeyError, AttributeError):
            return False
        except (ValueError, RuntimeError, TypeError):
            # Kubernetes' own functions (quantity, semver): left to the scheduler to decide.
            answer = None
    return answer


def _as_cel(device: Device) -> dict[str, Any]:
    attributes: dict[str, dict[str, Any]] = {}
    capacity: dict[str, dict[str, Any]] = {}
    for target, source in ((attributes, device.attributes), (capacity, device.capacity)):
        for key, value in source.items():
            domain, _, name = key.rpartition("/")
            target.setdefault(domain, {})[name] = value
    return {"driver": device.driver, "attributes": attributes, "capacity": capacity, "allowMultipleAllocations": False}
