"""Every duration that a check waits for, by name, with its reason; the environment's profile scales them.

A time-out is how long a sound platform may take at most; a window is how long a refusal is watched. A window that is
too short passes a platform that is merely slow to do wrong, so windows shrink less than time-outs do.
"""

from __future__ import annotations

import dataclasses
import enum


class Profile(enum.StrEnum):
    """The environment that a run takes place in."""

    LAB = "lab"
    DEFAULT = "default"
    SLOW_CLOUD = "slow-cloud"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wait:
    """One named duration, in seconds for each profile."""

    name: str
    reason: str
    default_s: float
    lab_s: float
    slow_cloud_s: float

    def seconds(self, profile: Profile) -> float:
        """The duration under a profile, in seconds."""
        return {Profile.LAB: self.lab_s, Profile.DEFAULT: self.default_s, Profile.SLOW_CLOUD: self.slow_cloud_s}[
            profile
        ]


INVENTORY_SETTLED = Wait(
    name="inventory settled",
    reason="a driver that restarts has published its slices anew, and a node's status, due every ten seconds, says so",
    default_s=60,
    lab_s=10,
    slow_cloud_s=180,
)
POD_RUNNING = Wait(
    name="pod running",
    reason="a probe pod is bound, its image pulled, its devices prepared and its container started",
    default_s=180,
    lab_s=40,
    slow_cloud_s=600,
)
POD_GONE = Wait(
    name="pod gone",
    reason="a deleted probe pod has ended, its grace period of a second included, and its devices are unprepared",
    default_s=90,
    lab_s=45,
    slow_cloud_s=300,
)
CLAIM_ALLOCATED = Wait(
    name="claim allocated",
    reason="the scheduler has written the allocation and reserved the claim for its pod",
    default_s=60,
    lab_s=30,
    slow_cloud_s=180,
)
REFUSAL_SEEN = Wait(
    name="refusal seen",
    reason="the scheduler says on the pod why it cannot be placed",
    default_s=60,
    lab_s=20,
    slow_cloud_s=120,
)
REFUSAL = Wait(
    name="refusal holds",
    reason="a scheduler that would place the pod after all has had several scheduling cycles and a back-off to do so",
    default_s=10,
    lab_s=3,
    slow_cloud_s=30,
)
GANG_REFUSAL = Wait(
    name="gang refusal holds",
    reason="a scheduler that places members one by one binds the first within a cycle; a back-off is included",
    default_s=30,
    lab_s=5,
    slow_cloud_s=60,
)
GANG_PLACED = Wait(
    name="gang placed",
    reason="all members are bound and running; the queue's back-off after an earlier refusal is at most ten seconds",
    default_s=240,
    lab_s=45,
    slow_cloud_s=600,
)
COMPLETED = Wait(
    name="completed",
    reason="containers that were told to end have ended and the pods say so",
    default_s=90,
    lab_s=45,
    slow_cloud_s=300,
)
EPHEMERAL_CONTAINER = Wait(
    name="ephemeral container",
    reason="the kubelet starts an ephemeral container with the next sync of the pod",
    default_s=120,
    lab_s=45,
    slow_cloud_s=300,
)
RESERVATION = Wait(
    name="accelerators of another check",
    reason="another check of the same run has reserved the accelerators and gives them back when it is done",
    default_s=1800,
    lab_s=600,
    slow_cloud_s=3600,
)
METRIC_FOLLOWS = Wait(
    name="metric follows",
    reason="an exporter has collected anew after a load began or ended; some collect twice a minute and average",
    default_s=120,
    lab_s=15,
    slow_cloud_s=300,
)
IDLE_METRIC = Wait(
    name="idle metric stays",
    reason="an exporter has collected again, at least once, while another accelerator was loaded",
    default_s=35,
    lab_s=2,
    slow_cloud_s=70,
)
TARGET_FOUND = Wait(
    name="target found",
    reason="a monitoring system has discovered a new pod, by watch or by a look every few minutes, and has scraped it",
    default_s=300,
    lab_s=25,
    slow_cloud_s=600,
)
COLLECTED = Wait(
    name="collected",
    reason="a scrape after a change, and the pipeline behind it: twice a minute is common, managed services buffer",
    default_s=180,
    lab_s=10,
    slow_cloud_s=300,
)
COUNT_STAYS = Wait(
    name="count stays",
    reason="another scrape has been made without a request in between, and the count is what it was",
    default_s=65,
    lab_s=2.5,
    slow_cloud_s=130,
)
SERIES_ENDED = Wait(
    name="series ended",
    reason="a series without samples leaves instant queries after the look-back of five minutes at most",
    default_s=420,
    lab_s=20,
    slow_cloud_s=600,
)
SCALED = Wait(
    name="scaled",
    reason="the metric has been collected, and an autoscaler, which looks every 15 s by default, has looked twice",
    default_s=240,
    lab_s=30,
    slow_cloud_s=600,
)
SCALING_REFUSAL = Wait(
    name="scaling refusal holds",
    reason="an autoscaler, which looks every 15 s by default, has looked several times and let everything be",
    default_s=60,
    lab_s=7,
    slow_cloud_s=90,
)
OPERATOR_READY = Wait(
    name="operator ready",
    reason="an operator that stands is ready at once; one that is being rolled out gets the time for that",
    default_s=90,
    lab_s=10,
    slow_cloud_s=180,
)
OPERATOR_STABLE = Wait(
    name="operator stays",
    reason="a controller that ends soon after its start is ready for a moment, again and again",
    default_s=20,
    lab_s=2,
    slow_cloud_s=40,
)
WEBHOOK_ANSWERS = Wait(
    name="webhook answers",
    reason="a pod may be ready some time before its webhook server has its certificate",
    default_s=60,
    lab_s=8,
    slow_cloud_s=120,
)
RECONCILED = Wait(
    name="reconciled",
    reason="a controller has made, changed or removed what an object asks for; pods of it are pulled and started",
    default_s=180,
    lab_s=45,
    slow_cloud_s=600,
)
OPERATOR_RESTARTED = Wait(
    name="operator restarted",
    reason="a deleted pod has ended, its successor runs, holds the lease and its webhook answers",
    default_s=300,
    lab_s=150,
    slow_cloud_s=600,
)
GATEWAY_PROGRAMMED = Wait(
    name="gateway programmed",
    reason="a proxy is started or a load balancer of the cloud is made for a new Gateway, and has an address",
    default_s=300,
    lab_s=60,
    slow_cloud_s=900,
)
GATEWAY_REACHED = Wait(
    name="gateway reached",
    reason="the address of a new load balancer answers: names and health checks of a cloud take minutes",
    default_s=300,
    lab_s=30,
    slow_cloud_s=900,
)
ROUTE_FOLLOWS = Wait(
    name="route follows",
    reason="a new or changed HTTPRoute is what the data plane does: seconds with a proxy, a minute or more in a cloud",
    default_s=120,
    lab_s=25,
    slow_cloud_s=600,
)
GATEWAY_GONE = Wait(
    name="gateway gone",
    reason="a deleted Gateway's finalizers are done: a cloud's load balancer is taken down before",
    default_s=180,
    lab_s=45,
    slow_cloud_s=900,
)
NODE_ADDED = Wait(
    name="node added",
    reason="an autoscaler has seen the demand, a machine has started, its kubelet and its accelerators are ready",
    default_s=1200,
    lab_s=120,
    slow_cloud_s=2400,
)
NODE_REMOVED = Wait(
    name="node removed",
    reason="an autoscaler waits until a node was idle for long, ten minutes by default, then drains and deletes it",
    default_s=1800,
    lab_s=120,
    slow_cloud_s=3600,
)
NO_DEMAND = Wait(
    name="no demand",
    reason="an autoscaler, which looks every ten seconds by default, has looked several times and added nothing",
    default_s=60,
    lab_s=8,
    slow_cloud_s=120,
)
