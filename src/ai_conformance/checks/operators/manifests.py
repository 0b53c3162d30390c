"""Objects of the catalog made ready for a cluster: placeholders filled, fields changed, other operators' kinds read."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.kube import pods

if TYPE_CHECKING:
    from ai_conformance.catalog.operators import Change, Condition

Object = dict[str, Any]
_GONE = object()


def filled(manifest: Mapping[str, object], *, name: str, namespace: str, image: str) -> Object:
    """An object of the catalog for this run; the placeholders are told in `catalog.operators`."""
    made: Object = _filled(manifest, name=name, namespace=namespace, image=image)
    return made


def _filled(value: Any, *, name: str, namespace: str, image: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(one, name=name, namespace=namespace, image=image) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(one, name=name, namespace=namespace, image=image) for one in value]
    if not isinstance(value, str):
        return value
    if value in ("{service}", "{task}"):
        return _pod_spec(image, task=value == "{task}")
    return value.replace("{name}", name).replace("{namespace}", namespace)


def _pod_spec(image: str, *, task: bool) -> Object:
    """A pod that does nothing until it is deleted, under the strictest Pod Security level."""
    made = pods.probe_pod("", namespace="", containers=[pods.Container(name="main", image=image, script=pods.HOLD)])
    spec: Object = made["spec"]
    del spec["activeDeadlineSeconds"]  # what a controller keeps running must not end by itself
    if not task:
        del spec["restartPolicy"]
    return spec


def changed(obj: Mapping[str, Any], changes: Sequence[Change]) -> Object:
    """A copy with fields set or taken away; a list is appended to at the index after its last."""
    made: Object = copy.deepcopy(dict(obj))
    for change in changes:
        *way, last = _parts(change.path)
        holder: Any = made
        for part in way:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        if isinstance(holder, list):
            holder[int(last) : int(last) + 1] = [] if change.value is None else [copy.deepcopy(change.value)]
        elif change.value is None:
            holder.pop(last, None)
        else:
            holder[last] = copy.deepcopy(change.value)
    return made


def as_patch(change: Change) -> list[Object]:
    """A change as a JSON patch (RFC 6902): ``add`` to a member of an object replaces what is there."""
    if change.value is None:
        return [{"op": "remove", "path": change.path}]
    return [{"op": "add", "path": change.path, "value": change.value}]


def has(obj: Mapping[str, Any], wanted: Change) -> bool:
    """Whether a field has a value; one without a value has to be absent."""
    found = at(obj, wanted.path)
    return found is None if wanted.value is None else bool(found == wanted.value)


def at(obj: Mapping[str, Any], path: str) -> Any:
    """The value under a JSON pointer, None where there is none."""
    value: Any = obj
    for part in _parts(path):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            return None
    return value


def _parts(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def owned(objects: Mapping[Any, Mapping[str, Any]], uid: str) -> list[Mapping[str, Any]]:
    """Those that have the object of this UID as an owner and are not on their way out, by name."""
    mine = [
        one
        for one in objects.values()
        if not one["metadata"].get("deletionTimestamp")
        and any(owner.get("uid") == uid for owner in one["metadata"].get("ownerReferences") or ())
    ]
    return sorted(mine, key=lambda one: str(one["metadata"]["name"]))


def holds(obj: Mapping[str, Any], wanted: Condition) -> bool:
    """Whether an object's status has a condition."""
    found = pods.condition(obj, wanted.type)
    return found is not None and found.get("status") == wanted.status


def status_said(obj: Mapping[str, Any]) -> str:
    """What an object's status claims, and which field managers wrote it."""
    status = obj.get("status") or {}
    conditions = [
        f"{one.get('type')}={one.get('status')} ({one.get('reason') or 'no reason'})"
        for one in status.get("conditions") or ()
    ]
    writers = sorted(
        {
            str(entry.get("manager"))
            for entry in obj["metadata"].get("managedFields") or ()
            if entry.get("subresource") == "status"
        }
    )
    said = ", ".join(conditions) or ("no condition" if status else "nothing")
    return f"its status says {said}" + (f", written by {', '.join(writers)}" if writers else "")
