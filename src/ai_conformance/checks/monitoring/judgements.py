"""What a monitoring system has to have collected of a workload whose counts are known; pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from ai_conformance.checks.monitoring.queries import Series


@dataclasses.dataclass(kw_only=True)
class Count:
    """What a counter was seen to be, one look after the other, held against what was really sent."""

    metric: str
    seen: list[float] = dataclasses.field(default_factory=list)

    def wrong(self, value: float, *, sent: int) -> str:
        """Take in a value; a sentence if it cannot be. Less than was sent may still come."""
        before = self.seen[-1] if self.seen else None
        self.seen.append(value)
        if before is not None and value < before:
            return (
                f"{self.metric} went back from {before:g} to {value:g}, though the workload ran on and counted up: "
                "its counter has restarted in the monitoring system"
            )
        if value > sent:
            return f"{self.metric} is {value:g}, and only {sent} requests were sent"
        return ""


def one_value(series: Sequence[Series]) -> float | None:
    """The value of a series that may be collected by several jobs; None where there is none.

    Jobs scrape at different moments: the highest is the newest of a counter.
    """
    return max((one.value for one in series), default=None)


def naming(series: Sequence[Series], *, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Which label has each value (namespace, pod), whatever it is called; and what no label of a series says."""
    found: dict[str, str] = {}
    missing: list[str] = []
    for what, value in values.items():
        names = [label for one in series for label, said in one.labels.items() if said == value]
        if names:
            found[what] = names[0]
        else:
            missing.append(f"no label says that the {what} is {value}")
    return found, missing


def perhaps_of(series: Sequence[Series], *, namespace: str, address: str) -> list[Series]:
    """What may be of a workload in this namespace or at this address: what names another namespace alone is not."""
    return [
        one
        for one in series
        if namespace in one.labels.values()
        or "namespace" not in one.labels
        or (address and one.labels.get("instance", "").rpartition(":")[0] == address)
    ]


def histogram(buckets: Sequence[Series], *, count: float | None, total_s: float | None, sent: int) -> list[str]:
    """What is wrong with a histogram of ``sent`` observations."""
    if not buckets or count is None or total_s is None:
        parts = {"_bucket": bool(buckets), "_count": count is not None, "_sum": total_s is not None}
        return [f"its series {', '.join(name for name, there in parts.items() if not there)} are not there"]
    wrong = []
    by_bound: dict[float, float] = {}
    for one in buckets:
        by_bound[float(one.labels.get("le", "nan"))] = one.value
    ordered = [by_bound[bound] for bound in sorted(by_bound)]
    if float("inf") not in by_bound:
        wrong.append("it has no bucket le=+Inf")
    elif by_bound[float("inf")] != sent:
        wrong.append(f"its bucket le=+Inf has {by_bound[float('inf')]:g} of {sent} observations")
    if ordered != sorted(ordered):
        wrong.append(f"its buckets are not cumulative: {ordered}")
    if count != sent:
        wrong.append(f"its _count is {count:g} of {sent} observations")
    return wrong
