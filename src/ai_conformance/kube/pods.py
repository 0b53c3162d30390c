"""Probe pods: how they are written, what their status says, and what they print.

Manifests satisfy the ``restricted`` Pod Security level, say how much CPU and memory they ask for and may take (where a
ResourceQuota counts these, a pod that does not is refused), end by themselves, take no token of a service account, and
go within a second when they are deleted.

Source of the states: Kubernetes API reference, Pod; kubelet's waiting reasons.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ai_conformance.kube import clock
from ai_conformance.kube.errors import MalformedResult

Object = Mapping[str, Any]
NOBODY = 65534
"""The user that owns nothing, in every image that has users at all."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a probe pod."""

    name: str
    image: str
    script: str | None = None
    """A program for ``/bin/sh``. It is ended by TERM at once, whatever it waits for."""
    command: Sequence[str] = ()
    """Instead of a script."""
    args: Sequence[str] = ()
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    claims: Sequence[str] = ()
    """Names of the pod's resource claims that this container uses; ``claim/request`` for one request of it."""
    cpu_millis: int = 10
    """CPU that is requested, in thousandths of a core."""
    memory_mib: int = 16
    """Memory that is requested."""
    most_cpu_millis: int = 500
    """CPU that it may take, and never less than it requests. As little as it requests would slow it down to a crawl."""
    most_memory_mib: int = 64
    """Memory that it may take."""
    resources: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Beside CPU and memory; requests and limits alike, which extended resources have to be."""
    restricted: bool = True
    """False leaves out the security context, for what cannot be restricted."""
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of the container that are put on top: ports, readinessProbe, volumeMounts."""

    def manifest(self) -> dict[str, Any]:
        """As the API takes it."""
        made: dict[str, Any] = {"name": self.name, "image": self.image, "imagePullPolicy": "IfNotPresent"}
        if self.script is not None:
            made["command"] = ["/bin/sh", "-c", f"trap 'exit 0' TERM INT\n{self.script}"]
        elif self.command:
            made["command"] = list(self.command)
        if self.args:
            made["args"] = list(self.args)
        if self.env:
            made["env"] = [{"name": name, "value": value} for name, value in self.env.items()]
        most_cpu = max(self.cpu_millis, self.most_cpu_millis)
        wanted: dict[str, Any] = {
            "requests": {"cpu": f"{self.cpu_millis}m", "memory": f"{self.memory_mib}Mi", **self.resources},
            "limits": {"cpu": f"{most_cpu}m", "memory": f"{self.most_memory_mib}Mi", **self.resources},
        }
        if self.claims:
            parts = [claim.partition("/") for claim in self.claims]
            wanted["claims"] = [
                {"name": name, **({"request": request} if request else {})} for name, _, request in parts
            ]
        made["resources"] = wanted
        if self.restricted:
            made["securityContext"] = {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "runAsUser": NOBODY,
                "seccompProfile": {"type": "RuntimeDefault"},
            }
        return {**made, **self.extra}


HOLD = "while :; do sleep 3600 & wait $!; done"
"""The end of a script that keeps its container running until TERM."""


def probe_pod(
    name: str,
    *,
    namespace: str,
    containers: Sequence[Container],
    init_containers: Sequence[Container] = (),
    node: str | None = None,
    claims: Mapping[str, Mapping[str, str]] | None = None,
    tolerations: Sequence[Object] = (),
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    lifetime_s: int = 900,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A pod's manifest.

    ``node`` pins it by affinity on the node's name, so that the scheduler still decides and says why it cannot.
    ``claims`` are its resource claims by name: ``{"device": {"resourceClaimTemplateName": "one"}}``.
    ``lifetime_s`` is activeDeadlineSeconds: the pod ends by itself when we are killed. ``extra`` is put on top of spec.
    """
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": lifetime_s,
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "containers": [container.manifest() for container in containers],
    }
    if init_containers:
        spec["initContainers"] = [container.manifest() for container in init_containers]
    if node is not None:
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        spec["affinity"] = {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}
            }
        }
    if claims:
        spec["resourceClaims"] = [{"name": claim, **source} for claim, source in claims.items()]
    if tolerations:
        spec["tolerations"] = [dict(one) for one in tolerations]
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**spec, **(extra or {})}}


class Phase(enum.StrEnum):
    """Where a pod is in its life."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"


def phase(pod: Object) -> Phase:
    """The pod's phase; a pod without a status is pending."""
    return Phase((pod.get("status") or {}).get("phase") or "Pending")


def condition(obj: Object, name: str) -> Object | None:
    """One condition of any object's status, None where it is not there."""
    found = (obj.get("status") or {}).get("conditions") or ()
    return next((one for one in found if one.get("type") == name), None)


def is_ready(pod: Object) -> bool:
    """Whether all containers are ready and the pod is not on its way out."""
    ready = condition(pod, "Ready")
    return ready is not None and ready.get("status") == "True" and not pod["metadata"].get("deletionTimestamp")


def node_name(pod: Object) -> str | None:
    """The node that the pod was bound to."""
    found = (pod.get("spec") or {}).get("nodeName")
    return None if not found else str(found)


def unschedulable_reason(pod: Object) -> str | None:
    """What the scheduler says of a pod that it cannot place; None where it has placed it or has not said anything."""
    scheduled = condition(pod, "PodScheduled")
    if scheduled is None or scheduled.get("status") != "False" or scheduled.get("reason") != "Unschedulable":
        return None
    return str(scheduled.get("message") or "Unschedulable")


_STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
"""Waiting reasons of a container that does not come up by itself in the time that a probe has."""


_TRIED_AGAIN = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "ErrImagePull", "ImageInspectError", "ImagePullBackOff"}
)
"""Those of them that the kubelet shows after one try; the next comes about ten seconds later."""
TRIED_S = 30.0
"""How long a pod has been with its kubelet when that has had time to try such a thing more than once."""


def stuck_reason(pod: Object) -> str | None:
    """What keeps the pod now from what it should be: an image, a configuration, a refusal by the kubelet; else None."""
    return next((said for _, said in _stuck(pod)), None)


def hopeless_reason(pod: Object) -> str | None:
    """The same where it is not worth waiting any longer: what the kubelet tries again has had some time for that.

    Who waits for a pod looks at each event, and there may be none when that time is over: when the wait itself is over
    `stuck_reason` tells.
    """
    fresh = _is_fresh(pod)
    return next((said for reason, said in _stuck(pod) if not (fresh and reason in _TRIED_AGAIN)), None)


def _is_fresh(pod: Object) -> bool:
    """By the kubelet's clock and ours: where they differ, a reason counts at once, or when the wait is over."""
    since = (pod.get("status") or {}).get("startTime")
    return since is not None and (clock.now() - datetime.fromisoformat(since)).total_seconds() < TRIED_S


def _stuck(pod: Object) -> Iterator[tuple[str, str]]:
    """Reasons, each with a sentence."""
    status = pod.get("status") or {}
    where = f"pod {pod['metadata'].get('namespace', '')}/{pod['metadata'].get('name', '')}"
    if status.get("phase") == "Failed" and status.get("reason"):
        yield status["reason"], f"{where}: {status['reason']}: {status.get('message') or 'no message'}"
    for kind in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for container in status.get(kind) or ():
            waiting = (container.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") in _STUCK:
                said = waiting.get("message") or "no message"
                which = f"container {container['name']} ({container.get('image', '')})"
                yield waiting["reason"], f"{where}, {which}: {waiting['reason']}: {said}"


_RESULT = re.compile(r"RESULT: (?P<key>[A-Z][A-Z0-9_]*)=(?P<value>[^\r\n]*)")
_MARK = "RESULT:"


def results(log_text: str) -> dict[str, str]:
    """The lines ``RESULT: KEY=VALUE`` of a log; other lines are the container's own and do not matter.

    Raises `errors.MalformedResult` for a line that begins like a result and is none, and for a key that comes twice:
    what a probe says has to be beyond doubt.
    """
    found: dict[str, str] = {}
    for line in log_text.split("\n"):
        if not line.startswith(_MARK):
            continue
        match = _RESULT.fullmatch(line)
        if match is None:
            raise MalformedResult(f"A probe printed {line[:200]!r}, which is not RESULT: KEY=VALUE.")
        if match["key"] in found:
            raise MalformedResult(f"A probe printed {match['key']} more than once; its log proves nothing.")
        found[match["key"]] = match["value"]
    return found
