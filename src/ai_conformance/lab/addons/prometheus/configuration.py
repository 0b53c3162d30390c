"""Prometheus' configuration: pods that ask for it by annotation are scraped, and ways in which that can be wrong."""

from __future__ import annotations

import enum
from typing import Any

INTERVAL = "1s"
"""A user's platform scrapes twice a minute; nobody wants to wait that long in a lab."""
_META = "__meta_kubernetes_pod_"
_ANNOTATION = f"{_META}annotation_prometheus_io_"


class Variant(enum.StrEnum):
    """The sound configuration, and broken ones."""

    SOUND = "sound"
    SCRAPES_NOTHING = "scrapes-nothing"
    DROPS_RUN_LABEL = "drops-run-label"
    DROPS_POD_LABELS = "drops-pod-labels"
    SCRAPES_EVERYTHING = "scrapes-everything"
    REFUSES_HISTOGRAMS = "refuses-histograms"


RUN_LABELS = "run|nonce|.*_run|.*_nonce"
"""What an eager relabelling takes for labels with too many values."""


def configuration(variant: Variant) -> dict[str, Any]:
    """The file's content; JSON is YAML."""
    jobs = [] if variant is Variant.SCRAPES_NOTHING else [_pods(variant)]
    return {"global": {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL}, "scrape_configs": jobs}


def _pods(variant: Variant) -> dict[str, Any]:
    """The job of annotated pods, as it is found in many clusters."""
    declared = {"source_labels": [f"{_ANNOTATION}scrape"], "action": "keep", "regex": "true"}
    rules: list[dict[str, Any]] = [] if variant is Variant.SCRAPES_EVERYTHING else [declared]
    rules += [
        {"source_labels": [f"{_META}phase"], "action": "drop", "regex": "Pending|Succeeded|Failed|Completed"},
        {
            "source_labels": [f"{_ANNOTATION}path"],
            "action": "replace",
            "target_label": "__metrics_path__",
            "regex": "(.+)",
        },
        {
            "source_labels": ["__address__", f"{_ANNOTATION}port"],
            "action": "replace",
            "regex": r"([^:]+)(?::\d+)?;(\d+)",
            "replacement": "$1:$2",
            "target_label": "__address__",
        },
    ]
    if variant is not Variant.DROPS_POD_LABELS:
        rules += [
            {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
            {"source_labels": [f"{_META}name"], "target_label": "pod"},
        ]
    after: list[dict[str, Any]] = []
    if variant is Variant.DROPS_RUN_LABEL:
        after.append({"action": "labeldrop", "regex": RUN_LABELS})
    if variant is Variant.REFUSES_HISTOGRAMS:
        after.append({"source_labels": ["__name__"], "action": "drop", "regex": ".+_(bucket|sum|count)"})
    return {
        "job_name": "kubernetes-pods",
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": rules,
        "metric_relabel_configs": after,
    }
