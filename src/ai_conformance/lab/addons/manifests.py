"""What is changed in a project's own manifests so that they work on a small machine without an image registry."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

Object = dict[str, Any]
CPU_REQUEST = "20m"
"""Managers ask for half a core and more; the lab's nodes share two."""
_WITH_PODS = ("Deployment", "StatefulSet", "DaemonSet")


def adapted(objects: Iterable[Object], *, image: str, containers: Sequence[str] = ("manager",)) -> list[Object]:
    """The objects with ``image``, which is on the nodes already, in the named containers, and small CPU requests."""
    made = [copy.deepcopy(obj) for obj in objects]
    for obj in made:
        if obj["kind"] not in _WITH_PODS:
            continue
        for container in obj["spec"]["template"]["spec"]["containers"]:
            if container["name"] in containers:
                container["image"] = image
            container["imagePullPolicy"] = "IfNotPresent"
            requests = container.get("resources", {}).get("requests", {})
            if "cpu" in requests:
                requests["cpu"] = CPU_REQUEST
    return made
