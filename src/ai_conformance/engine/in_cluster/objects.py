"""The Job that runs the suite in the cluster; pure. Its account and role are those of `engine.permissions`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from ai_conformance.engine.execution import CLEANUP_RESERVE_S
from ai_conformance.model import durations

CONTAINER = "run"
TOOL = "ai-conformance"
"""The command in the image, found through its PATH; fetching calls it too."""
NAME_LABEL = "app.kubernetes.io/name"

_START_S = 600
"""For the node to be found and the image to be pulled, which counts as well."""
_STOP_S = CLEANUP_RESERVE_S + 30
"""A run that is told to end cleans up first, and packs what there is."""
_DISK = "1Gi"
"""Far more than a run of all checks and its two bundles take; nothing may fill a node's disk."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the Job is made of."""

    name: str
    """Of the Job, its ServiceAccount and all that belongs to it."""
    namespace: str
    image: str
    pull_policy: str
    options: tuple[str, ...]
    """Of `run`, as they are typed."""
    timeout_s: float
    """Of the run."""
    hold_s: float
    """How long the results wait in the pod for somebody who fetches them; 0 where nobody does."""
    secrets: tuple[tuple[str, str], ...] = ()
    """(name, folder): Secrets whose keys are files in a folder of the pod."""
    pull_secret: str = ""
    """Of the type kubernetes.io/dockerconfigjson, for ``image``; empty where there is none."""


def arguments(wanted: Wanted) -> list[str]:
    """What the container executes. Kubernetes puts variables in the place of ``$(NAME)``, and ``$$`` is a plain one."""
    hold = [f"--hold={durations.render(wanted.hold_s)}"] if wanted.hold_s else []
    return [TOOL, "in-cluster", "run", *hold, "--", *(one.replace("$", "$$") for one in wanted.options)]


def deadline_s(wanted: Wanted) -> int:
    """After what time the Job is ended whatever it does: all that it may take by its own limits, and the start."""
    return math.ceil(_START_S + wanted.timeout_s + _STOP_S + wanted.hold_s)


def container(wanted: Wanted, *, mounts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The container, in a Job of ours as in a plugin. It satisfies the Pod Security level ``restricted``.

    No user is named: the image brings one, and OpenShift chooses one of the namespace's own.
    """
    return {
        "name": CONTAINER,
        "image": wanted.image,
        "imagePullPolicy": wanted.pull_policy,
        "command": arguments(wanted),
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 - the pod's own volume
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "64Mi"},
            "limits": {"memory": "1Gi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            *(dict(mount) for mount in mounts),
            *(
                {"name": f"secret-{number}", "mountPath": folder, "readOnly": True}
                for number, (_, folder) in enumerate(wanted.secrets, 1)
            ),
        ],
    }


def volumes(wanted: Wanted, *, size: str = "") -> list[dict[str, Any]]:
    """The volumes that the container mounts."""
    return [
        {"name": "tmp", "emptyDir": {"sizeLimit": size} if size else {}},
        *(
            {"name": f"secret-{number}", "secret": {"secretName": name}}
            for number, (name, _) in enumerate(wanted.secrets, 1)
        ),
    ]


def job(wanted: Wanted) -> dict[str, Any]:
    """The Job."""
    main = container(wanted, mounts=[{"name": "tmp", "mountPath": "/tmp"}])  # noqa: S108 - the pod's own volume
    main["readinessProbe"] = {
        "exec": {"command": [TOOL, "in-cluster", "outcome"]},
        "initialDelaySeconds": 10,
        "periodSeconds": 5,
        "timeoutSeconds": 10,
    }
    labels = {NAME_LABEL: TOOL}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": wanted.name, "namespace": wanted.namespace, "labels": dict(labels)},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": deadline_s(wanted),
            "template": {
                "metadata": {
                    "labels": dict(labels),
                    "annotations": {
                        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
                        "karpenter.sh/do-not-disrupt": "true",
                    },
                },
                "spec": {
                    **({"imagePullSecrets": [{"name": wanted.pull_secret}]} if wanted.pull_secret else {}),
                    "restartPolicy": "Never",
                    "serviceAccountName": wanted.name,
                    "automountServiceAccountToken": True,
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": math.ceil(_STOP_S),
                    "containers": [main],
                    "volumes": volumes(wanted, size=_DISK),
                },
            },
        },
    }
