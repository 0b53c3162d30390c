"""Faults are found by name, recorded before they are applied, and undone by whoever comes later."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ai_conformance.lab.addons import ledger
from ai_conformance.lab.faults import operations, registry, rogue
from ai_conformance.lab.faults.effects import objects, scheduler, tenant
from ai_conformance.lab.faults.effects.nodes import NodeSwitches
from ai_conformance.lab.faults.model import Fault, FaultError, FaultyLab, Scope


@dataclasses.dataclass(frozen=True)
class Node:
    name: str


@dataclasses.dataclass
class Lab:
    state: Path
    kubeconfig: Path = Path("unused")
    nodes: Sequence[Node] = (Node("n1"), Node("n2"))
    restarted: list[tuple[str, tuple[str, ...]]] = dataclasses.field(default_factory=list)

    def restart(self, component: str, *, extra_args: Sequence[str] = ()) -> None:
        self.restarted.append((component, tuple(extra_args)))


@dataclasses.dataclass
class Recorder:
    """An effect that notes its calls and what was on record at that moment."""

    calls: list[tuple[str, tuple[str, ...], list[str]]] = dataclasses.field(default_factory=list)
    broken: bool = False

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        self.calls.append(("apply", tuple(nodes), [record.name for record in operations.active(lab.state)]))
        if self.broken:
            raise FaultError("no")

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        self.calls.append(("clear", tuple(nodes), [record.name for record in operations.active(lab.state)]))


@pytest.fixture
def effect(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    effect = Recorder()
    faults = tuple(
        Fault(name=name, summary="A fault.", breaks={"dra_support": "FAIL"}, scope=scope, effect=effect)
        for name, scope in (("of-nodes", Scope.NODE), ("of-the-lab", Scope.LAB))
    )
    monkeypatch.setattr(registry, "FAULTS", faults)
    return effect


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_a_fault_is_on_record_before_it_is_applied_and_until_it_is_cleared(lab: Lab, effect: Recorder) -> None:
    operations.apply(lab, "of-nodes", nodes=["n2"])
    operations.clear(lab, "of-nodes")
    assert effect.calls == [("apply", ("n2",), ["of-nodes"]), ("clear", ("n2",), ["of-nodes"])]
    assert operations.active(lab.state) == []


def test_a_fault_that_could_not_be_applied_can_be_cleared(lab: Lab, effect: Recorder) -> None:
    effect.broken = True
    with pytest.raises(FaultError):
        operations.apply(lab, "of-nodes")
    assert [record.name for record in operations.clear(lab)] == ["of-nodes"]
    assert effect.calls[-1][0] == "clear"


def test_a_fault_applied_to_another_node_too_is_cleared_on_both(lab: Lab, effect: Recorder) -> None:
    operations.apply(lab, "of-nodes", nodes=["n2"])
    operations.apply(lab, "of-nodes", nodes=["n1"])
    operations.clear(lab)
    assert [call[1] for call in effect.calls] == [("n2",), ("n1", "n2"), ("n1", "n2")]


def test_clearing_what_is_not_active_does_nothing(lab: Lab, effect: Recorder) -> None:
    assert operations.clear(lab, "of-nodes") == []
    assert effect.calls == []


def test_an_unknown_fault_is_refused_with_the_nearest_name(lab: Lab) -> None:
    with pytest.raises(FaultError, match="wrong-device"):
        operations.apply(lab, "wrong-devise")
    with pytest.raises(FaultError, match="lab fault list"):
        operations.clear(lab, "zzzz")


def test_an_unknown_node_is_refused_with_those_there_are(lab: Lab, effect: Recorder) -> None:
    with pytest.raises(FaultError, match="n1, n2"):
        operations.apply(lab, "of-nodes", nodes=["n3"])
    assert operations.active(lab.state) == []


def test_a_fault_of_the_whole_lab_takes_no_node(lab: Lab, effect: Recorder) -> None:
    with pytest.raises(FaultError, match="--node"):
        operations.apply(lab, "of-the-lab", nodes=["n1"])
    assert effect.calls == []


def test_names_are_unique_and_summaries_are_sentences() -> None:
    names = [fault.name for fault in registry.FAULTS]
    assert len(names) == len(set(names))
    assert all(fault.summary.endswith(".") and fault.breaks for fault in registry.FAULTS)


def test_expected_verdicts_are_never_green() -> None:
    assert {verdict for fault in registry.FAULTS for verdict in fault.breaks.values()} == {
        "FAIL",
        "BLOCKED",
        "ERROR",
    }


def test_no_two_faults_share_a_switch_so_clearing_one_leaves_the_other() -> None:
    used = [
        switch
        for fault in registry.FAULTS
        if isinstance(fault.effect, NodeSwitches)
        for switch in fault.effect.switches
    ]
    assert len(used) == len(set(used))


def test_a_plain_scheduler_also_lacks_what_depends_on_gangs() -> None:
    (now,) = scheduler.plain_arguments(37)
    (before,) = scheduler.plain_arguments(36)
    assert "GenericWorkload=false" in now
    assert "GangScheduling" not in now
    assert "GangScheduling=false" in before


def test_clearing_a_scheduler_fault_starts_it_with_its_own_arguments(lab: Lab) -> None:
    scheduler.PlainScheduler().clear(lab, nodes=[])
    assert lab.restarted == [("kube-scheduler", ())]


def test_a_scheduler_that_never_retries_has_its_configuration_on_disk(lab: Lab) -> None:
    (lab.state / "faults").mkdir()
    scheduler.NeverRetries(scheduler_kubeconfig=Path("pki/scheduler")).apply(lab, nodes=[])
    ((_, arguments),) = lab.restarted
    written = json.loads(Path(arguments[0].removeprefix("--config=")).read_text())
    assert written["podInitialBackoffSeconds"] >= 3600
    assert written["clientConnection"]["kubeconfig"] == str(lab.state / "pki/scheduler")


def test_a_rogue_that_never_ran_is_cleared(lab: Lab) -> None:
    (lab.state / "faults").mkdir()
    scheduler.RogueBinder().clear(lab, nodes=[])
    assert list((lab.state / "faults").iterdir()) == []


@pytest.mark.parametrize(("quantity", "expected"), [("2", 2000), ("500m", 500), ("1.5", 1500), ("0.0001", 1)])
def test_cpu_quantities(quantity: str, expected: int) -> None:
    assert tenant.millicpu(quantity) == expected


def test_free_cpu_is_what_running_pods_leave() -> None:
    def pod(node: str, phase: str, cpu: str) -> dict[str, object]:
        return {
            "spec": {"nodeName": node, "containers": [{"resources": {"requests": {"cpu": cpu}}}, {}]},
            "status": {"phase": phase},
        }

    node = {"metadata": {"name": "n1"}, "status": {"allocatable": {"cpu": "2"}}}
    pods = [pod("n1", "Running", "300m"), pod("n1", "Succeeded", "1"), pod("n2", "Running", "1")]
    assert tenant.free_millicpu(node, pods=pods) == 1700


def test_a_rule_loses_one_resource_only() -> None:
    rule = {"apiGroups": ["g"], "resources": ["podgroups", "podgroups/status"], "verbs": ["patch"]}
    assert objects.without(rule, resource="podgroups/status") == {**rule, "resources": ["podgroups"]}
    assert objects.without(rule, resource="pods") == rule


def waiting_pod(**spec: object) -> dict[str, object]:
    return {
        "metadata": {"name": "p", "namespace": "x"},
        "spec": spec,
        "status": {"conditions": [{"type": "PodScheduled", "status": "False"}]},
    }


def test_the_rogue_knows_a_group_in_both_versions_of_the_api() -> None:
    assert rogue.group_of(waiting_pod(schedulingGroup={"podGroupName": "g"})) == ("x", "g")
    assert rogue.group_of(waiting_pod(workloadRef={"name": "w", "podGroup": "g"})) == ("x", "w")
    assert rogue.group_of(waiting_pod()) is None


def test_the_rogue_waits_for_a_refusal() -> None:
    assert rogue.refused(waiting_pod())
    assert not rogue.refused(waiting_pod(nodeName="n1"))
    assert not rogue.refused({"metadata": {}, "spec": {}, "status": {}})


def accelerator_node(name: str) -> dict[str, object]:
    return {
        "metadata": {"name": name, "labels": {"host": name}},
        "status": {"allocatable": {"example.com/accelerator": "2"}},
    }


def accelerator_pod(**spec: object) -> dict[str, object]:
    limits = {"example.com/accelerator": "1", "cpu": "500m"}
    return waiting_pod(containers=[{"resources": {"limits": limits}}], **spec)


def test_the_rogue_respects_the_node_selector() -> None:
    nodes = [accelerator_node("n1"), accelerator_node("n2")]
    assert rogue.node_for(accelerator_pod(nodeSelector={"host": "n2"}), nodes=nodes, pods=[]) == "n2"
    assert rogue.node_for(accelerator_pod(nodeSelector={"host": "n3"}), nodes=nodes, pods=[]) is None


def test_the_rogue_takes_the_node_with_most_devices_left() -> None:
    nodes = [accelerator_node("n1"), accelerator_node("n2")]
    assert rogue.node_for(accelerator_pod(), nodes=nodes, pods=[accelerator_pod(nodeName="n1")]) == "n2"
    assert rogue.node_for(accelerator_pod(), nodes=nodes, pods=[accelerator_pod(nodeName="n2")]) == "n1"


def test_a_fault_that_another_addon_would_hide_is_refused(tmp_path: Path) -> None:
    lab = Lab(state=tmp_path)
    for name in ("prometheus-operator", "prometheus"):
        ledger.AddonLedger(state=tmp_path, name=name).finish()
    with pytest.raises(FaultError, match="does not show while prometheus does the same") as refusal:
        operations.apply(lab, "monitors-not-chosen")
    assert "lab addon remove prometheus" in str(refusal.value)
    assert operations.active(tmp_path) == []
