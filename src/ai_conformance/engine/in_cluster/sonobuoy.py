"""The same container as a plugin of Sonobuoy, which makes the pod, waits for the file ``done``, and takes the results.

Source: the type Manifest of Sonobuoy's package manifest (0.57), and its documentation of plugins. Sonobuoy adds a
container of its own and the volume ``results`` to the pod, and gives it its own account.
"""

from __future__ import annotations

from typing import Any, Final

from ai_conformance.engine.in_cluster import layout
from ai_conformance.engine.in_cluster.objects import Wanted, container, volumes

JUNIT: Final = "junit.xml"
"""The report that Sonobuoy reads: a run's own, or the one that tells of a run that left no record."""


def plugin(wanted: Wanted) -> dict[str, Any]:
    """The definition for ``sonobuoy run --plugin FILE``."""
    mounts = [
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own volume
        {"name": "results", "mountPath": str(layout.RESULTS)},
    ]
    return {
        "sonobuoy-config": {
            "driver": "Job",
            "plugin-name": wanted.name,
            "result-format": "junit",
            "result-files": [JUNIT],
            "description": "Kubernetes AI Conformance by behaviour; not affiliated with the CNCF",
        },
        "spec": container(wanted, mounts=mounts),
        "extra-volumes": volumes(wanted),
    }
