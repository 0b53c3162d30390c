"""What follows from what containers see: each fault of a platform read from the sights that it gives."""

from __future__ import annotations

import pytest

from ai_conformance.checks import outcomes
from ai_conformance.checks.access import judgements
from ai_conformance.checks.access.sights import Sight
from ai_conformance.checks.device_probe import Attempt, Opened, Seen, SeenDevice
from ai_conformance.kube import errors


def device(
    number: str = "7:1",
    *,
    path: str = "/dev/acc0",
    kind: str = "block special file",
    opened: Opened = Opened.OK,
    says: str = "",
) -> SeenDevice:
    return SeenDevice(path=path, kind=kind, number=number, opened=opened, identity=says)


def seen(*devices: SeenDevice, nodes: frozenset[tuple[str, str]] = frozenset()) -> Seen:
    return Seen(devices=devices, nodes=nodes, raw="")


def sight(what: Seen) -> Sight:
    return Sight(pod="p", container="c", seen=what)


def attempt(result: Opened, *, made: bool = True) -> Attempt:
    return Attempt(physical=("block", "7:2"), made=made, result=result, words=result.value)


def test_one_device_that_opens_is_the_granted_one() -> None:
    assert judgements.granted_device(seen(device()), who="c") == device()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (seen(), "sees none"),
        (seen(device(), device("7:2", path="/dev/acc1")), "sees 2"),
        (seen(device(kind="regular file", number="0:0")), "no device node"),
        (seen(device(opened=Opened.EPERM)), "cannot open it: EPERM"),
        (seen(device(opened=Opened.ENXIO)), "cannot open it: ENXIO"),
    ],
)
def test_any_other_sight_of_a_granted_container_fails(what: Seen, words: str) -> None:
    with pytest.raises(outcomes.Failed, match=words):
        judgements.granted_device(what, who="c")


def test_a_container_without_a_request_sees_nothing() -> None:
    said = judgements.sees_none(sight(seen()), granted=[("holder", device())], without="bare")
    assert "sees no accelerator" in said


def test_a_device_at_its_path_is_seen() -> None:
    with pytest.raises(outcomes.Failed, match="sees 1 accelerator: /dev/acc0"):
        judgements.sees_none(sight(seen(device())), granted=[], without="bare")


def test_a_granted_device_under_another_path_is_seen() -> None:
    with pytest.raises(outcomes.Failed, match="block device 7:1 in /dev, which holder was granted"):
        judgements.sees_none(
            sight(seen(nodes=frozenset({("block", "7:1")}))), granted=[("holder", device())], without="bare"
        )


def test_trouble_on_the_way_is_neither_seeing_nor_not_seeing() -> None:
    lost = Sight(pod="p", container="c", trouble=errors.TimedOut("a pod", after_s=1))
    with pytest.raises(errors.TimedOut):
        judgements.sees_none(lost, granted=[], without="bare")


def test_the_device_cgroups_refusal_counts() -> None:
    said = judgements.cannot_open(attempt(Opened.EPERM), who="c", whose="d", control=None)
    assert "EPERM" in said


def test_a_node_that_may_not_be_made_cannot_be_opened() -> None:
    said = judgements.cannot_open(attempt(Opened.EPERM, made=False), who="c", whose="d", control=None)
    assert "may not even make a node" in said


@pytest.mark.parametrize("result", [Opened.OK, Opened.ENXIO, Opened.ENOENT, Opened.OTHER])
def test_whatever_the_device_cgroup_lets_through_fails(result: Opened) -> None:
    with pytest.raises(outcomes.Failed, match="lets it through"):
        judgements.cannot_open(attempt(result), who="c", whose="d", control=attempt(Opened.OK))


def test_a_mount_option_proves_nothing_unless_the_own_device_opens_there() -> None:
    with pytest.raises(outcomes.Blocked):
        judgements.cannot_open(attempt(Opened.EACCES), who="c", whose="d", control=attempt(Opened.EACCES))
    assert judgements.cannot_open(attempt(Opened.EACCES), who="c", whose="d", control=attempt(Opened.OK))


def test_the_control_says_whether_a_refusal_means_anything() -> None:
    assert "opens its own" in judgements.control_opens(attempt(Opened.OK), who="c")
    with pytest.raises(outcomes.Blocked):
        judgements.control_opens(attempt(Opened.EPERM), who="c")
    with pytest.raises(outcomes.NotApplicable):
        judgements.control_opens(attempt(Opened.EPERM, made=False), who="c")
    with pytest.raises(outcomes.Blocked):
        judgements.control_opens(None, who="c")


@pytest.mark.parametrize(
    ("other", "words"),
    [(device("7:1", path="/dev/acc1"), "block 7:1"), (device("7:2", says="U-1"), "identity U-1")],
)
def test_the_same_device_twice_is_found_by_numbers_or_by_identity(other: SeenDevice, words: str) -> None:
    with pytest.raises(outcomes.Failed, match=words):
        judgements.are_disjoint([("a", device(says="U-1")), ("b", other)], others=[])


def test_a_device_of_the_other_mechanism_is_another_device_too() -> None:
    with pytest.raises(outcomes.Failed, match="a and c"):
        judgements.are_disjoint([("a", device()), ("b", device("7:2"))], others=[("c", device())])
    assert judgements.are_disjoint([("a", device()), ("b", device("7:2"))], others=[("c", device("7:3"))])
