"""An operator's pods and CRDs: which pods are its controller's, whether they stand, and whether its API is served."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.kube import pods as pod_states

if TYPE_CHECKING:
    from ai_conformance.catalog import Operator

Object = Mapping[str, Any]
_ENDED = ("Succeeded", "Failed")


def runs(pod: Object, *, operator: Operator) -> bool:
    """Whether a pod is one of the operator's controller, by its labels or by its images."""
    labels = {f"{key}={value}" for key, value in (pod["metadata"].get("labels") or {}).items()}
    if labels & {*operator.pod_labels}:
        return True
    images = [_bare(str(one.get("image", ""))) for one in (pod.get("spec") or {}).get("containers") or ()]
    return any(image == part or image.endswith(f"/{part}") for image in images for part in operator.images)


def _bare(image: str) -> str:
    """An image's name without tag and digest."""
    return re.sub(r":[^/:]+$", "", image.partition("@")[0])


def standing(pods: Iterable[Object], *, operator: Operator) -> list[Object]:
    """The operator's pods that are meant to be there: not ended, not on their way out."""
    return [
        pod
        for pod in pods
        if runs(pod, operator=operator)
        and not pod["metadata"].get("deletionTimestamp")
        and (pod.get("status") or {}).get("phase") not in _ENDED
    ]


def restarts(pods: Iterable[Object]) -> dict[str, int]:
    """How often the containers were started anew, by pod and container."""
    return {
        f"{pod['metadata']['name']}/{one['name']}": int(one.get("restartCount", 0))
        for pod in pods
        for one in (pod.get("status") or {}).get("containerStatuses") or ()
    }


def restarted(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """What was started anew in between, a phrase each."""
    return [
        f"container {name} was started anew ({before[name]} restarts before, {count} now)"
        for name, count in sorted(after.items())
        if name in before and count > before[name]
    ]


def unready(pods: Iterable[Object]) -> list[str]:
    """What keeps pods from being ready, a phrase each."""
    return [
        pod_states.stuck_reason(pod)
        or pod_states.unschedulable_reason(pod)
        or f"pod {pod['metadata'].get('namespace')}/{pod['metadata']['name']} is not ready"
        for pod in pods
        if not pod_states.is_ready(pod)
    ]


def unserved(definition: Object) -> list[str]:
    """What is wrong with a CRD, a phrase each: not established, or its stored version not served."""
    name = definition["metadata"]["name"]
    wrong = []
    for wanted in ("Established", "NamesAccepted"):
        found = pod_states.condition(definition, wanted)
        if found is None or found.get("status") != "True":
            said = f": {found.get('message')}" if found else ""
            wrong.append(f"CRD {name} is not {wanted}{said}")
    versions = (definition.get("spec") or {}).get("versions") or ()
    stored = [one["name"] for one in versions if one.get("storage")]
    unserved_versions = [one["name"] for one in versions if one.get("storage") and not one.get("served")]
    if unserved_versions:
        wrong.append(f"CRD {name} stores {', '.join(unserved_versions)} and does not serve it")
    known = {one["name"] for one in versions}
    lost = [one for one in (definition.get("status") or {}).get("storedVersions") or stored if one not in known]
    if lost:
        wrong.append(f"CRD {name} has objects stored as {', '.join(lost)}, a version that it no longer has")
    return wrong


def stored_version(definition: Object) -> str:
    """The version in which objects are stored."""
    versions: Sequence[Object] = (definition.get("spec") or {}).get("versions") or ()
    return next((str(one["name"]) for one in versions if one.get("storage")), "")
