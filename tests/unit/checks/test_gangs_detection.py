"""Which of several gang schedulers is judged, and what is said of the others."""

from __future__ import annotations

import pytest

from ai_conformance import catalog
from ai_conformance.catalog import GangScheduler
from ai_conformance.checks import outcomes
from ai_conformance.checks.gangs import detection, kueue, native
from ai_conformance.checks.gangs.adapters import Adapter
from ai_conformance.checks.gangs.options import GangOptions
from ai_conformance.cli import gang_options
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource

OWN = ((native.GROUP, "v1beta1", "PodGroup"), (native.GROUP, "v1beta1", "Workload"))
KUEUE = ((kueue.GROUP, "v1beta2", "ClusterQueue"), (kueue.GROUP, "v1beta2", "Workload"))
VOLCANO = (("scheduling.volcano.sh", "v1beta1", "PodGroup"),)


def served(*kinds: tuple[str, str, str]) -> Discovery:
    return Discovery(
        resources=tuple(
            Resource(group=group, version=version, plural=f"{kind.lower()}s", kind=kind, namespaced=True)
            for group, version, kind in kinds
        )
    )


def detect(*kinds: tuple[str, str, str], wanted: str = "", pods: str = "") -> tuple[Adapter, list[str]]:
    def has_pods(scheduler: GangScheduler) -> bool:
        return scheduler.name == pods

    return detection.detect(
        served(*kinds),
        known=catalog.load().gang_schedulers,
        options=GangOptions(scheduler=wanted),
        has_pods=has_pods,
    )


def test_the_scheduler_itself_is_judged_before_a_queue_which_is_noted() -> None:
    adapter, others = detect(*KUEUE, *OWN)
    assert isinstance(adapter, native.Native)
    assert others == ["Kueue (kueue.x-k8s.io/v1beta2 serves ClusterQueue and Workload)"]


def test_the_one_that_the_user_names_is_judged() -> None:
    adapter, others = detect(*KUEUE, *OWN, wanted="kueue")
    assert isinstance(adapter, kueue.Kueue)
    assert others == ["the scheduler's own PodGroup (scheduling.k8s.io/v1beta1 serves Workload and PodGroup)"]


def test_one_that_was_tried_goes_before_one_that_was_not() -> None:
    adapter, others = detect(*VOLCANO, *KUEUE)
    assert adapter.name == "Kueue"
    assert others == ["Volcano (scheduling.volcano.sh/v1beta1 serves PodGroup)"]


def test_one_without_an_api_is_recognised_by_its_pods() -> None:
    adapter, _ = detect(pods="yunikorn")
    assert adapter.recognised_by == "pods with app=yunikorn are there"
    assert adapter.group_resource is None
    with pytest.raises(outcomes.Failed):
        detect()


def test_one_that_is_named_and_not_there_blocks_and_those_that_are_there_are_told() -> None:
    with pytest.raises(outcomes.Blocked, match=r"no gang scheduler volcano in this cluster; found: Kueue"):
        detect(*KUEUE, wanted="volcano")


def test_a_version_without_an_adapter_cannot_be_judged() -> None:
    with pytest.raises(outcomes.NotTested, match="v9"):
        detect((native.GROUP, "v9", "PodGroup"), (native.GROUP, "v9", "Workload"))


def test_no_scheduler_of_any_known_kind_is_a_failure_that_says_what_was_looked_for() -> None:
    with pytest.raises(outcomes.Failed, match=r"PodGroup, Workload of scheduling.k8s.io.*Volcano.*app=yunikorn"):
        detect()


def test_the_option_names_what_the_catalog_has() -> None:
    assert list(gang_options.SCHEDULERS) == [one.name for one in catalog.load().gang_schedulers]
