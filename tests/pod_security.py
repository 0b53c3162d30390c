"""Judges a pod's spec by the Pod Security Standards, as their documentation for Kubernetes 1.37 lists the fields.

It is our own reading and shares no code with what writes pods, so that both have to err in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Object = Mapping[str, Any]

_KINDS = ("initContainers", "containers", "ephemeralContainers")
_BASELINE_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_RESTRICTED_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})


def violations(spec: Object, *, level: str) -> list[str]:
    """What of a pod's spec a namespace that enforces the level refuses, a sentence each."""
    if level == "privileged":
        return []
    found = [*_baseline(spec)]
    return [*found, *_restricted(spec)] if level == "restricted" else found


def containers(spec: Object) -> list[Object]:
    """All of a pod."""
    return [one for kind in _KINDS for one in spec.get(kind) or ()]


def _contexts(spec: Object) -> Iterator[tuple[str, Object]]:
    yield "the pod", spec.get("securityContext") or {}
    for one in containers(spec):
        yield f"container {one['name']}", one.get("securityContext") or {}


def _baseline(spec: Object) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"{field} is set"
    for volume in spec.get("volumes") or ():
        if "hostPath" in volume:
            yield f"volume {volume['name']} is a path of the host"
    for who, context in _contexts(spec):
        yield from _baseline_of_context(who, context)
    for one in (spec.get("securityContext") or {}).get("sysctls") or ():
        yield f"the pod sets {one['name']}"
    for one in containers(spec):
        yield from _baseline_of_container(one)


def _baseline_of_context(who: str, context: Object) -> Iterator[str]:
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield f"{who} is a host process"
    if (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault") not in ("RuntimeDefault", "Localhost"):
        yield f"{who} has another AppArmor profile"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in _SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield f"{who} has SELinux options"
    if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
        yield f"{who} is not confined by seccomp"


def _baseline_of_container(one: Object) -> Iterator[str]:
    context = one.get("securityContext") or {}
    if context.get("privileged"):
        yield f"container {one['name']} is privileged"
    if context.get("procMount", "Default") != "Default":
        yield f"container {one['name']} sees all of /proc"
    more = {*(context.get("capabilities") or {}).get("add", ())} - _BASELINE_CAPABILITIES
    if more:
        yield f"container {one['name']} adds {', '.join(sorted(more))}"
    if any(port.get("hostPort") for port in one.get("ports") or ()):
        yield f"container {one['name']} has a port of the host"
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = one.get(name) or {}
        if any((probe.get(kind) or {}).get("host") for kind in ("httpGet", "tcpSocket")):
            yield f"container {one['name']} has a probe of another host"


def _restricted(spec: Object) -> Iterator[str]:
    for volume in spec.get("volumes") or ():
        if not {*volume} - {"name"} <= _RESTRICTED_VOLUMES:
            yield f"volume {volume['name']} is of a kind that is not allowed"
    pod = spec.get("securityContext") or {}
    for who, context in _contexts(spec):
        if context.get("runAsUser") == 0:
            yield f"{who} runs as user 0"
    for one in containers(spec):
        who, context = f"container {one['name']}", one.get("securityContext") or {}
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{who} allows privilege escalation"
        if context.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
            yield f"{who} may run as root"
        seccomp = context.get("seccompProfile") or pod.get("seccompProfile") or {}
        if seccomp.get("type") not in ("RuntimeDefault", "Localhost"):
            yield f"{who} has no seccomp profile"
        capabilities = context.get("capabilities") or {}
        if "ALL" not in capabilities.get("drop", ()):
            yield f"{who} does not drop all capabilities"
        if {*capabilities.get("add", ())} - {"NET_BIND_SERVICE"}:
            yield f"{who} adds capabilities"


def uncounted(spec: Object) -> list[str]:
    """Containers that a ResourceQuota of CPU and memory refuses, because they do not say what they ask for and take."""
    return [
        f"container {one['name']} has no {kind} of {what}"
        for one in containers({**spec, "ephemeralContainers": ()})  # they share the pod's and can have none
        for kind in ("requests", "limits")
        for what in ("cpu", "memory")
        if what not in ((one.get("resources") or {}).get(kind) or {})
    ]
