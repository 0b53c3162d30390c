"""What admission said to those who make pods and claims for us: controllers of a Deployment, a Job, a claim's template.

Nobody else hears it: the object that we made is there, and what it should bring does not come. So where a check has
waited in vain it looks for such an answer, before it says anything about the platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.kube import admission, errors, resources
from ai_conformance.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ai_conformance.checks.context import Context

_SHOWN = 2
"""Refusals in a reason; what denies one pod of a controller denies all of them."""


async def explained(ctx: Context, verdict: Verdict, reason: str, *, error: BaseException | None) -> tuple[Verdict, str]:
    """The verdict of what was waited for in vain: BLOCKED, in the denier's words, where admission kept it from coming.

    What was seen to be wrong stays what it is.
    """
    if verdict not in (Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED) or not _waited_in_vain(error):
        return verdict, reason
    said = await _said(ctx)
    if not said:
        return verdict, reason
    return Verdict.BLOCKED, f"admission refuses what should have come: {'; '.join(said)} (so: {reason})"


def _waited_in_vain(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, BaseExceptionGroup):
            return any(_waited_in_vain(one) for one in error.exceptions)
        if isinstance(error, errors.TimedOut):
            return True
        error = error.__cause__
    return False


async def _said(ctx: Context) -> list[str]:
    events: list[Mapping[str, Any]] = []
    for namespace in ctx.workspace.namespaces:
        try:
            events += (await ctx.session.list(resources.EVENT, namespace)).items
        except errors.KubeError as trouble:
            ctx.note(f"what admission said in {namespace} is not known: {trouble}")
    return denials(events, judged=ctx.judged_webhooks)[:_SHOWN]


def denials(events: Iterable[Mapping[str, Any]], *, judged: Iterable[str] = ()) -> list[str]:
    """A sentence for each denial that events tell of, the newest first; by ``judged`` webhooks none.

    Whose webhooks are judged is to answer for what they refuse.
    """
    found: dict[str, str] = {}
    for event in sorted(events, key=_when, reverse=True):
        denial = admission.within(str(event.get("message") or ""))
        mine = denial is not None and denial.refuser is admission.Refuser.WEBHOOK and denial.name in set(judged)
        if denial is None or mine or admission.passes_soon(denial.text):
            continue
        involved = event.get("involvedObject") or {}
        about = f"{involved.get('kind', 'object')} {involved.get('namespace', '')}/{involved.get('name', '')}"
        found.setdefault(about, f"{about}: {denial.text}")
    return list(found.values())


def _when(event: Mapping[str, Any]) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")
