"""All faults, by the requirements that they break: data, so that lists, docs and tests need no second one."""

from __future__ import annotations

from pathlib import Path

from ai_conformance.lab.accelerators.switches import Switch
from ai_conformance.lab.faults import inference, monitoring, operated_monitoring, operators, queues, scaling
from ai_conformance.lab.faults.effects.nodes import NodeSwitches
from ai_conformance.lab.faults.effects.objects import ClassSelectsNothing, StatusForbidden
from ai_conformance.lab.faults.effects.scheduler import NeverRetries, PlainScheduler, RogueBinder
from ai_conformance.lab.faults.effects.tenant import FullCluster
from ai_conformance.lab.faults.model import Fault, Scope

_DRA = "dra_support"
_ACCESS = "secure_accelerator_access"
_GANG = "gang_scheduling"
_FAIL, _BLOCKED = "FAIL", "BLOCKED"
_HOLDERS = ("accelerator_metrics", "pod_autoscaling")
"""Checks that are about something else and take pods that hold what they were granted."""
_SCHEDULER_KUBECONFIG = Path("pki") / "kube-scheduler.conf"


def _node(
    name: str, switch: Switch, summary: str, *, allocatable: bool = False, blocks: tuple[str, ...] = (), **breaks: str
) -> Fault:
    effect = NodeSwitches(switches=frozenset({switch}), changes_allocatable=allocatable)
    all_breaks = {**breaks, **dict.fromkeys(blocks, _BLOCKED)}
    return Fault(name=name, summary=summary, breaks=all_breaks, scope=Scope.NODE, effect=effect)


FAULTS: tuple[Fault, ...] = (
    _node(
        "class-without-slices",
        Switch.PUBLISH_NOTHING,
        "The DeviceClass is there, and its driver publishes no device.",
        dra_support=_FAIL,
    ),
    Fault(
        name="class-selects-nothing",
        summary="The DeviceClass selects a driver that does not exist, beside a driver with devices.",
        breaks={_DRA: _FAIL},
        scope=Scope.LAB,
        effect=ClassSelectsNothing(),
    ),
    _node(
        "stale-generation",
        Switch.STALE_GENERATION,
        "An old, complete generation of a pool is left beside a newer, incomplete one.",
        dra_support=_FAIL,
    ),
    _node(
        "incomplete-pool",
        Switch.INCOMPLETE_POOL,
        "The driver published one slice of a pool that says it has two.",
        dra_support=_FAIL,
    ),
    _node(
        "driver-not-ready",
        Switch.NOT_READY,
        "Every device has a taint that keeps pods away.",
        dra_support=_FAIL,
    ),
    _node(
        "prepare-fails",
        Switch.PREPARE_FAILS,
        "Devices are allocated, but the driver cannot prepare any.",
        dra_support=_FAIL,
        secure_accelerator_access=_BLOCKED,
        blocks=(_GANG, *_HOLDERS),
    ),
    _node(
        "wrong-device",
        Switch.WRONG_DEVICE,
        "The driver hands out the device after the allocated one, whoever may hold that.",
        dra_support=_FAIL,
        secure_accelerator_access=_FAIL,
        blocks=("accelerator_metrics",),
    ),
    _node(
        "shared-device",
        Switch.SHARED_DEVICE,
        "Different devices are allocated, and the same physical one is behind each.",
        # dra_support looks at one device at a time, and the first device is the right one for its own claim.
        secure_accelerator_access=_FAIL,
        blocks=_HOLDERS,
    ),
    _node(
        "all-devices-mounted",
        Switch.ALL_DEVICES,
        "Whoever is granted one device gets all of the node.",
        dra_support=_FAIL,
        secure_accelerator_access=_FAIL,
        blocks=_HOLDERS,
    ),
    _node(
        "device-is-plain-file",
        Switch.PLAIN_FILE,
        "At the device's path is a regular file with a plausible identity.",
        dra_support=_FAIL,
        secure_accelerator_access=_FAIL,
        blocks=_HOLDERS,
    ),
    _node(
        "device-not-openable",
        Switch.NOT_OPENABLE,
        "The device node is there, and whoever was granted it may not open it.",
        dra_support=_FAIL,
        secure_accelerator_access=_FAIL,
        blocks=_HOLDERS,
    ),
    _node(
        "devices-unhealthy",
        Switch.UNHEALTHY,
        "The device plugin reports every device as unhealthy.",
        allocatable=True,
        secure_accelerator_access=_BLOCKED,
        blocks=("accelerator_metrics",),
    ),
    _node(
        "device-cgroup-open",
        Switch.RUNTIME_CGROUP_OPEN,
        "The device cgroup of every container allows every device; only the paths are missing.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "isolation-by-path-only",
        Switch.RUNTIME_PATH_ONLY,
        "A container that holds a device may open every other of its kind, once it makes a path for it.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "every-container-gets-devices",
        Switch.RUNTIME_EVERY_CONTAINER,
        "Every container gets all devices, asked for or not.",
        dra_support=_FAIL,
        secure_accelerator_access=_FAIL,
        blocks=_HOLDERS,
    ),
    _node(
        "sibling-sees-device",
        Switch.RUNTIME_SIBLING,
        "A container gets what another container of its pod was granted.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "init-container-sees-device",
        Switch.RUNTIME_INIT_CONTAINER,
        "An init container that asks for nothing gets a device because its pod was granted one.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "ephemeral-container-sees-device",
        Switch.RUNTIME_EPHEMERAL_CONTAINER,
        "An ephemeral container gets the devices of the pod that it is added to.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "env-bypass",
        Switch.RUNTIME_ENVIRONMENT,
        "An environment variable in a pod that requests nothing gives it devices.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "volume-bypass",
        Switch.RUNTIME_VOLUME,
        "A volume mounted into the folder of the device list gives a pod that requests nothing devices.",
        secure_accelerator_access=_FAIL,
    ),
    _node(
        "annotation-bypass",
        Switch.RUNTIME_ANNOTATION,
        "A CDI annotation on a pod that requests nothing gives it devices.",
        secure_accelerator_access=_FAIL,
    ),
    Fault(
        name="gang-plain-scheduler",
        summary="The API accepts groups of pods; the scheduler places their members one by one.",
        breaks={_GANG: _FAIL},
        scope=Scope.LAB,
        effect=PlainScheduler(),
    ),
    Fault(
        name="gang-full-cluster",
        summary="Another tenant holds every accelerator and nearly all CPU.",
        breaks=dict.fromkeys((_GANG, _DRA, _ACCESS, *_HOLDERS, "ai_inference"), _BLOCKED),
        scope=Scope.LAB,
        effect=FullCluster(),
        # Whose pods still fit into what CPU is left is chance.
        disturbs=True,
    ),
    Fault(
        name="gang-never-starts",
        summary="What was refused once, group or pod, is not tried again when there is room; what is new is.",
        # Whoever waits for a device or for a node waits for good, which is for the checks of these to say.
        breaks={_GANG: _FAIL, _DRA: _FAIL, "cluster_autoscaling": _FAIL},
        scope=Scope.LAB,
        effect=NeverRetries(scheduler_kubeconfig=_SCHEDULER_KUBECONFIG),
    ),
    Fault(
        name="gang-one-member-let-through",
        summary="Something beside the scheduler binds one member of a group that has to wait.",
        breaks={_GANG: _FAIL},
        scope=Scope.LAB,
        effect=RogueBinder(),
    ),
    Fault(
        name="gang-no-group-status",
        summary="The scheduler may not write a group's status, so a waiting group does not say why it waits.",
        breaks={_GANG: _FAIL},
        scope=Scope.LAB,
        effect=StatusForbidden(),
    ),
    *monitoring.FAULTS,
    *inference.FAULTS,
    *operated_monitoring.FAULTS,
    *operators.FAULTS,
    *queues.FAULTS,
    *scaling.FAULTS,
)
