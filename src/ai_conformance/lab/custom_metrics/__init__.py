"""A custom-metrics adapter: the API custom.metrics.k8s.io, answered from Prometheus; for autoscaling in the lab.

Only pods and only instant values: enough for a HorizontalPodAutoscaler of the type Pods. Its faults are ways in which
adapters are wrong.
"""

from __future__ import annotations

import enum

GROUP = "custom.metrics.k8s.io"
VERSION = "v1beta2"
PORT = 6443


class Way(enum.StrEnum):
    """How it answers."""

    SOUND = "sound"
    OTHER_PODS_VALUE = "other-pods-value"
    """Every pod has the value of the first pod of any namespace that has the metric."""
    CONSTANT = "constant"
    """Every metric of every pod is the same, whatever was measured, and whether there is such a metric or not."""
    NEVER_FALLS = "never-falls"
    """A value that was high once stays so."""
