"""An operator's pods: they are there, ready, stay so, and nothing that is asked of them starts one anew.

A platform may be rolling an operator out while it is looked at: for a while there is no pod, or a new one that is not
ready yet beside one that is. That gets `OPERATOR_READY`, once. What was ready and is no more, or was started anew, does
not stand.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.operators import controllers, patience
from ai_conformance.kube import clock, errors, resources
from ai_conformance.kube.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_conformance.checks.context import Case
    from ai_conformance.checks.operators.story import Story


async def stands(story: Story, case: Case) -> None:
    """Its pods are ready and stay so for a window. Raises Failed with what keeps them."""
    wait_s, window_s = story.ctx.seconds(waits.OPERATOR_READY), story.ctx.seconds(waits.OPERATOR_STABLE)
    patient_until = clock.monotonic() + wait_s
    story.home = await _home(story, wait_s=wait_s)
    async with Mirror.open(story.ctx.session, resources.POD, namespace=story.home) as view:
        while True:
            pods = await _ready(story, view, left_s=max(0.0, patient_until - clock.monotonic()), wait_s=wait_s)
            # Counts of the first look are kept: a restart while another pod was waited for is one, too.
            story.restarts = {name: story.restarts.get(name, n) for name, n in controllers.restarts(pods).items()}
            trouble = await _trouble(story, view, stood=pods, window_s=window_s)
            if trouble is None:
                break
            if trouble.is_final or clock.monotonic() >= patient_until:
                raise outcomes.Failed(f"the pods of {story.title} do not stay ready for {window_s:g} s: {trouble.said}")
    names = ", ".join(f"{story.home}/{pod['metadata']['name']}" for pod in pods)
    case.observe(f"ready, and for {window_s:g} s without a restart: pod {names}")


async def _home(story: Story, *, wait_s: float) -> str:
    """The namespace of its pods."""

    async def look() -> Sequence[controllers.Object]:
        return (await story.ctx.session.list(resources.POD)).items

    if not controllers.standing(story.sight.pods, operator=story.operator):
        everywhere = await patience.newest(
            look,
            until=lambda seen: bool(controllers.standing(seen, operator=story.operator)),
            timeout_s=wait_s,
            waiting_for=f"a pod of {story.title}'s controller",
            interval_s=patience.SELDOM_S,
        )
        story.sight = dataclasses.replace(story.sight, pods=everywhere)
    found = controllers.standing(story.sight.pods, operator=story.operator)
    if not found:
        raise outcomes.Failed(
            f"the CRD {story.operator.crd} is there, and no pod of {story.title}'s controller in any namespace "
            f"after {wait_s:g} s"
        )
    return min(str(pod["metadata"]["namespace"]) for pod in found)


async def _ready(story: Story, view: Mirror, *, left_s: float, wait_s: float) -> list[controllers.Object]:
    """All its pods, once all of them are ready; ``wait_s`` is the whole time that they had, for messages."""

    def ready(_: Mirror) -> bool | None:
        pods = _standing(story, view)
        return True if pods and not controllers.unready(pods) else None

    try:
        await view.until(ready, timeout_s=left_s, waiting_for=f"the pods of {story.title}")
    except errors.TimedOut as late:
        said = "; ".join(controllers.unready(_standing(story, view))) or "there is none any more"
        raise outcomes.Failed(f"the pods of {story.title} do not run after {wait_s:g} s: {said}") from late
    return _standing(story, view)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Trouble:
    """What was seen in the window."""

    said: str
    is_final: bool
    """Whether no rollout explains it."""


async def _trouble(
    story: Story, view: Mirror, *, stood: Sequence[controllers.Object], window_s: float
) -> _Trouble | None:
    """What goes wrong in a window with pods that stood at its beginning; None where all is well to its end."""
    known = {pod["metadata"]["uid"] for pod in stood}

    def wrong(_: Mirror) -> _Trouble | None:
        now = _standing(story, view)
        lost = controllers.restarted(story.restarts, controllers.restarts(now))
        lost = lost or controllers.unready(pod for pod in now if pod["metadata"]["uid"] in known)
        if lost:
            return _Trouble(said="; ".join(lost), is_final=True)
        coming = controllers.unready(now) if now else ["there is none any more"]
        return _Trouble(said="; ".join(coming), is_final=False) if coming else None

    return await view.throughout(wrong, seconds=window_s, watching_for=f"trouble of {story.title}'s pods")


def _standing(story: Story, view: Mirror) -> list[controllers.Object]:
    return controllers.standing(view.objects.values(), operator=story.operator)


async def stayed(story: Story, case: Case) -> None:
    """Through all that was asked of it no container was started anew."""

    async def look() -> list[controllers.Object]:
        listed = (await story.ctx.session.list(resources.POD, story.home)).items
        return controllers.standing(listed, operator=story.operator)

    def ended(pods: Sequence[controllers.Object]) -> list[str]:
        return controllers.restarted(story.restarts, controllers.restarts(pods))

    pods = await patience.newest(
        look,
        until=lambda seen: bool(ended(seen)) or (bool(seen) and not controllers.unready(seen)),
        timeout_s=story.ctx.seconds(waits.OPERATOR_READY),
        waiting_for=f"the pods of {story.title}",
    )
    if ended(pods) or controllers.unready(pods) or not pods:
        said = "; ".join([*ended(pods), *controllers.unready(pods)]) or "no pod is there any more"
        raise outcomes.Failed(f"while it was tried, {story.title} did not stay up: {said}")
    case.observe(f"restarts of {story.title}'s containers are as in the beginning: {sum(story.restarts.values())}")
