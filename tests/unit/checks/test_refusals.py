"""What was waited for in vain is BLOCKED where admission kept it from coming; what was seen to be wrong stays FAIL."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes, refusals, registry
from ai_conformance.checks.context import Context
from ai_conformance.checks.options import Options
from ai_conformance.checks.reservations import Reservations
from ai_conformance.kube import errors
from ai_conformance.model.verdicts import Verdict

QUOTA = 'pods "w-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0'
WEBHOOK = 'admission webhook "vpod.kb.io" denied the request: not like that'
NAME = "PositiveGangScheduling"


def event(message: str, *, name: str = "w", at: str = "2026-01-01T00:00:01Z") -> dict[str, Any]:
    involved = {"kind": "ReplicaSet", "namespace": "ns", "name": name}
    return {"metadata": {}, "lastTimestamp": at, "involvedObject": involved, "message": message}


@dataclasses.dataclass
class Cluster:
    """Has events, or does not tell them."""

    events: list[dict[str, Any]]
    trouble: errors.KubeError | None = None
    asked: list[str] = dataclasses.field(default_factory=list)

    def silence_s(self, *, since: float) -> float:
        del since
        return 0.0

    async def list(self, _resource: object, namespace: str) -> Any:
        self.asked.append(namespace)
        if self.trouble is not None:
            raise self.trouble
        return SimpleNamespace(items=self.events)


def context(cluster: Cluster) -> Context:
    check = registry.get("gang_scheduling")
    assert check is not None
    return Context(
        metadata=check,
        session=cast(Any, cluster),
        workspace=cast(Any, SimpleNamespace(namespaces=["ns"])),
        catalog=catalog.load(),
        options=Options(),
        reservations=Reservations(),
        inventory=lambda: None,
        store=cast(Any, lambda _name, _variant: SimpleNamespace(requests=lambda: None)),
    )


def late() -> errors.TimedOut:
    return errors.TimedOut("pods", after_s=1)


def failed_late() -> Exception:
    made = outcomes.Failed("there is no pod")
    made.__cause__ = late()
    return made


def blocked_late() -> Exception:
    made = outcomes.Blocked("no pod became ready")
    made.__cause__ = late()
    return made


async def told(cluster: Cluster, error: Exception, *, judged: set[str] | None = None) -> tuple[Verdict, str]:
    ctx = context(cluster)
    ctx.judged_webhooks |= judged or set()
    async with ctx.case(NAME, expected="all is well"):
        raise error
    (record,) = ctx.cases
    return record.verdict, record.reason


@pytest.mark.parametrize("error", [late, failed_late, blocked_late])
async def test_what_did_not_come_is_blocked_in_the_words_of_who_refused_it(error: Callable[[], Exception]) -> None:
    verdict, reason = await told(Cluster([event(f"Error creating: {QUOTA}")]), error())
    assert verdict is Verdict.BLOCKED
    assert QUOTA in reason
    assert "ReplicaSet ns/w" in reason
    assert str(getattr(error(), "reason", "") or error()) in reason


async def test_what_was_seen_to_be_wrong_stays_a_failure_whatever_was_refused_besides() -> None:
    cluster = Cluster([event(f"Error creating: {QUOTA}")])
    assert await told(cluster, outcomes.Failed("two pods hold one device")) == (
        Verdict.FAIL,
        "two pods hold one device",
    )
    assert cluster.asked == []


async def test_without_a_refusal_the_verdict_stays() -> None:
    quiet = Cluster([event("Created pod: w-1"), event('Error creating: pods is forbidden: User "c" cannot create')])
    assert (await told(quiet, failed_late()))[0] is Verdict.FAIL
    assert (await told(quiet, late()))[0] is Verdict.ERROR


async def test_where_events_cannot_be_read_the_verdict_stays() -> None:
    deaf = Cluster([], trouble=errors.from_status(403, message='events is forbidden: User "u" cannot list'))
    assert (await told(deaf, failed_late()))[0] is Verdict.FAIL


async def test_a_webhook_that_is_judged_answers_for_what_it_refuses() -> None:
    cluster = Cluster([event(f"Error creating: {WEBHOOK}")])
    assert (await told(cluster, failed_late(), judged={"vpod.kb.io"}))[0] is Verdict.FAIL
    assert (await told(cluster, failed_late()))[0] is Verdict.BLOCKED


async def test_a_denied_object_of_our_own_is_blocked_at_once() -> None:
    cluster = Cluster([])
    denied = errors.from_status(422, message=WEBHOOK, method="POST", path="/api/v1/namespaces/ns/pods")
    verdict, reason = await told(cluster, denied)
    assert verdict is Verdict.BLOCKED
    assert "not like that" in reason
    assert cluster.asked == []


def test_each_object_is_told_of_once_and_the_newest_first() -> None:
    again = f"Error creating: {QUOTA}"
    events = [event(again, at="2026-01-01T00:00:01Z"), event(again, at="2026-01-01T00:00:05Z")]
    events.append(event(f"Error creating: {WEBHOOK}", name="x", at="2026-01-01T00:00:09Z"))
    assert [one.partition(":")[0] for one in refusals.denials(events)] == ["ReplicaSet ns/x", "ReplicaSet ns/w"]


def test_a_quota_that_was_not_counted_yet_has_refused_nothing_for_good() -> None:
    unsure = 'Error creating: pods "a" is forbidden: status unknown for quota: q, resources: pods'
    assert refusals.denials([event(unsure)]) == []


async def test_members_of_a_group_are_looked_at_too() -> None:
    several = ExceptionGroup("several", [ValueError("a bug"), failed_late()])
    cluster = Cluster([event(f"Error creating: {QUOTA}")])
    verdict, _ = await refusals.explained(context(cluster), Verdict.ERROR, "several", error=several)
    assert verdict is Verdict.BLOCKED
