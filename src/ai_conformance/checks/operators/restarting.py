"""A controller that is restarted, with the user's consent: it has to come back and go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.operators import controllers, reconciling
from ai_conformance.checks.operators.story import new_name
from ai_conformance.kube import errors, resources
from ai_conformance.kube.mirror import Mirror

if TYPE_CHECKING:
    from ai_conformance.checks.context import Case
    from ai_conformance.checks.operators.story import Story


async def after_restart(story: Story, case: Case) -> None:
    """The controller's pods are deleted; once they are back it makes of a new object what it has to."""
    session, wait_s = story.ctx.session, story.ctx.seconds(waits.OPERATOR_RESTARTED)
    async with Mirror.open(session, resources.POD, namespace=story.home) as view:
        before = controllers.standing(view.objects.values(), operator=story.operator)
        old = {pod["metadata"]["uid"] for pod in before}
        for pod in before:
            metadata = pod["metadata"]
            await session.delete(resources.POD, metadata["name"], metadata["namespace"], uid=metadata["uid"])

        def back(_: Mirror) -> bool | None:
            now = controllers.standing(view.objects.values(), operator=story.operator)
            fresh = [pod for pod in now if pod["metadata"]["uid"] not in old]
            return True if len(fresh) == len(now) >= len(old) and not controllers.unready(now) else None

        try:
            await view.until(back, timeout_s=wait_s, waiting_for=f"{story.title} to be back")
        except errors.TimedOut as late:
            raise outcomes.Failed(f"{story.title}'s pods were deleted and are not back: {late.last}") from late
    case.observe(f"{len(old)} pod(s) of {story.title} were deleted, and others are ready in their place")
    await story.answers_again(wait_s=wait_s)
    name = new_name(story.ctx, operator=story.operator)
    for one in story.companions(name):
        await story.ctx.workspace.create(one)
    async with reconciling.subject(story, name) as again:
        await again.reconciled(case)
        await again.goes(case)
