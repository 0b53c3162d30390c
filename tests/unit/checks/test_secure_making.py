"""Where a cluster admits less than the check would like, it is tried with what is admitted, and that is told."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import pytest

import pod_security
from ai_conformance import catalog
from ai_conformance.checks import outcomes
from ai_conformance.checks.access import granting, judgements, making, stage
from ai_conformance.checks.access.sights import Sight
from ai_conformance.checks.device_probe import Opened, Seen, SeenDevice
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.kube import errors

VENDOR = next(one for one in catalog.load().vendors if one.name == "nvidia")


def supply(node: str) -> Supply:
    return Supply(mechanism=Mechanism.DEVICE_PLUGIN, node=node, name="nvidia.com/gpu", vendor=VENDOR, total=2, free=2)


@dataclasses.dataclass
class Strict:
    """Admits pods of a level alone, as a cluster that overrides the label of a namespace."""

    level: str
    quota: bool = False
    created: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    async def create(self, pod: dict[str, Any]) -> None:
        name = pod["metadata"]["name"]
        if self.quota:
            raise errors.from_status(403, message=f'pods "{name}" is forbidden: exceeded quota: q, requested: pods=1')
        found = pod_security.violations(pod["spec"], level=self.level)
        if found:
            said = f'pods "{name}" is forbidden: violates PodSecurity "{self.level}:latest": {found}'
            raise errors.from_status(403, message=said)
        self.created[name] = pod


def staged() -> stage.Stage:
    sites, neighbours = stage.planned([supply("n1")])
    return stage.Stage(namespace="n", elsewhere="e", sites=sites, neighbours=neighbours)


def context(workspace: Strict) -> Any:
    return SimpleNamespace(workspace=workspace, image=lambda _name: "i", note=lambda _text: None)


@pytest.mark.parametrize(
    ("level", "without_nodes", "without_host"),
    [
        ("privileged", set(), set()),
        ("baseline", set(), {"plain-0-nvidia"}),
        ("restricted", {"first-0", "second-0", "plain-0-nvidia"}, {"plain-0-nvidia"}),
    ],
)
async def test_pods_are_made_as_far_as_they_are_admitted(
    level: str, without_nodes: set[str], without_host: set[str]
) -> None:
    workspace, made = Strict(level), staged()
    await making.make(context(workspace), made)
    assert set(workspace.created) == {"first-0", "second-0", "plain-0-nvidia", "annotated-0-nvidia"}
    assert set(made.refused_nodes) == without_nodes
    assert set(made.refused_mounts) == without_host
    for name, pod in workspace.created.items():
        assert ("MKNOD" in str(pod)) == (name not in {*without_nodes, "annotated-0-nvidia"})


async def test_what_is_refused_for_another_reason_is_blocked_in_its_words() -> None:
    with pytest.raises(errors.Denied, match="exceeded quota: q"):
        await making.make(context(Strict("privileged", quota=True)), staged())


def seen(opened: Opened) -> Seen:
    device = SeenDevice(path="/dev/acc0", kind="block special file", number="7:1", opened=opened, identity="")
    return Seen(devices=(device,), nodes=frozenset(), raw="")


def test_a_device_that_only_some_users_may_open_is_no_failure_where_no_such_user_is_admitted() -> None:
    with pytest.raises(outcomes.Blocked, match="admission admits no other"):
        judgements.granted_device(seen(Opened.EACCES), who="c", is_root=False)
    with pytest.raises(outcomes.Failed, match="cannot open it"):
        judgements.granted_device(seen(Opened.EACCES), who="c")
    with pytest.raises(outcomes.Failed, match="EPERM"):
        judgements.granted_device(seen(Opened.EPERM), who="c", is_root=False)


async def test_without_device_nodes_the_control_does_not_apply_and_says_why() -> None:
    made = staged()
    made.refused_nodes["first-0"] = "no capabilities here"

    async def first(_site: object) -> Sight:
        return Sight(pod="first-0", container="holder", seen=seen(Opened.OK))

    scene = cast(Any, SimpleNamespace(stage=made, first=first))
    case = cast(Any, SimpleNamespace(keep=lambda *_: None, observe=lambda _: None))
    with pytest.raises(outcomes.NotApplicable, match="no capabilities here"):
        await granting.control(scene, made.sites[0], case)
