"""What is true of every pod that any check makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

import pod_security
import pods_made
from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.checks.metadata import CheckMetadata
from ai_conformance.kube import pods
from pods_made import IMAGE, ROOM, Made

MADE = pods_made.made()


def check_of(one: Made) -> CheckMetadata:
    found = registry.get(one.requirement)
    assert found is not None
    return found


def level_of(one: Made) -> str:
    levels = {relaxed.suffix: relaxed.level.value for relaxed in check_of(one).relaxed}
    return levels.get(one.suffix, "restricted")


@pytest.mark.parametrize("one", MADE, ids=lambda one: f"{one.requirement}-{one.what}")
def test_a_pod_meets_the_level_of_its_namespace(one: Made) -> None:
    assert pod_security.violations(one.spec, level=level_of(one)) == []


@pytest.mark.parametrize("one", MADE, ids=lambda one: f"{one.requirement}-{one.what}")
def test_a_quota_can_count_a_pod(one: Made) -> None:
    assert pod_security.uncounted(one.spec) == []


def test_every_maker_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = pods_made.Reached(monkeypatch)
    pods_made.made()
    assert reached.misses() == [], "add the new maker to pods_made.py"
    assert pods_made.other_writers() == [], "pods are written by pods.probe_pod alone"


def test_only_where_it_is_declared_and_needed_a_pod_is_less_than_restricted() -> None:
    less = {(one.requirement, one.suffix) for one in MADE if pod_security.violations(one.spec, level="restricted")}
    assert less == {("secure_accelerator_access", ""), ("secure_accelerator_access", "elsewhere")}
    declared = {
        (check.requirement, one.suffix)
        for entry in catalog.load().all_requirements
        if (check := registry.get(entry.id))
        for one in check.relaxed
    }
    # The pods of a gateway's implementation may be made beside the Gateway, and are not ours.
    assert declared == less | {("ai_inference", "")}
    hosts = [one for one in MADE if pod_security.violations(one.spec, level="baseline")]
    assert {(one.requirement, one.suffix) for one in hosts} == {("secure_accelerator_access", "elsewhere")}


def test_every_image_is_the_one_that_the_options_name() -> None:
    assert {one["image"] for made in MADE for one in pod_security.containers(made.spec)} == {IMAGE}
    literal = re.compile(r"""["'][a-z0-9.-]+\.[a-z]{2,}/[\w./-]+:[\w.-]+["']""")
    assert [str(file) for file in ROOM.rglob("*.py") if literal.search(file.read_text(encoding="utf-8"))] == []


def test_every_image_that_a_check_names_is_in_its_declaration() -> None:
    named = re.compile(r"""\.image\(["']([\w-]+)["']\)""")
    for file in ROOM.rglob("*.py"):
        assert set(named.findall(file.read_text(encoding="utf-8"))) <= {"probe"}, file
    for entry in catalog.load().all_requirements:
        check = registry.get(entry.id)
        if check is not None:
            assert "probe" in check.images or not any(one.requirement == entry.id for one in MADE)


GOOD = pods.probe_pod("p", namespace="n", containers=[pods.Container(name="c", image="i", script="true")])["spec"]
BAD: list[tuple[Mapping[str, Any], Mapping[str, Any], str]] = [
    ({"hostNetwork": True}, {}, "hostNetwork"),
    ({"hostPID": True}, {}, "hostPID"),
    ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, {}, "path of the host"),
    ({"volumes": [{"name": "v", "nfs": {}}]}, {}, "not allowed"),
    ({"securityContext": {"sysctls": [{"name": "kernel.shm_rmid_forced"}]}}, {}, "sets kernel"),
    ({}, {"privileged": True}, "is privileged"),
    ({}, {"procMount": "Unmasked"}, "/proc"),
    ({}, {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, "adds SYS_ADMIN"),
    ({}, {"capabilities": {"drop": ["ALL"], "add": ["MKNOD"]}}, "adds capabilities"),
    ({}, {"capabilities": {}}, "does not drop"),
    ({}, {"allowPrivilegeEscalation": None}, "escalation"),
    ({}, {"runAsNonRoot": False}, "may run as root"),
    ({}, {"runAsUser": 0}, "user 0"),
    ({}, {"seccompProfile": {"type": "Unconfined"}}, "not confined"),
    ({}, {"seccompProfile": None}, "no seccomp"),
    ({}, {"seLinuxOptions": {"type": "spc_t"}}, "SELinux"),
    ({}, {"appArmorProfile": {"type": "Unconfined"}}, "AppArmor"),
]


@pytest.mark.parametrize(("of_pod", "of_container", "said"), BAD, ids=[one[2] for one in BAD])
def test_the_judge_sees_what_is_not_restricted(
    of_pod: Mapping[str, Any], of_container: Mapping[str, Any], said: str
) -> None:
    (container,) = GOOD["containers"]
    context = {**container["securityContext"], **of_container}
    spec = {**GOOD, **of_pod, "containers": [{**container, "securityContext": context}]}
    assert pod_security.violations(GOOD, level="restricted") == []
    assert any(said in one for one in pod_security.violations(spec, level="restricted"))
    assert pod_security.violations(spec, level="privileged") == []
