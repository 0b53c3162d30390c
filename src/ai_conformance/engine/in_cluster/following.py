"""Waits outside until the run in a Job's pod has ended, tells what is seen meanwhile, and shows the pod's log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from ai_conformance.engine.in_cluster import standing
from ai_conformance.engine.in_cluster.objects import CONTAINER
from ai_conformance.engine.in_cluster.standing import Stage
from ai_conformance.kube import clock, errors, pods, poll, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.pods import Object
from ai_conformance.kube.session import Session

Say = Callable[[str], None]
_LABEL = "batch.kubernetes.io/job-name"
_POD_S = 60.0
"""The Job controller makes a pod within a second; where it may not, it tries again later and later."""
_AGAIN_S = 1.0
_PATIENCE_S = 20.0
"""An image of some 60 MB is pulled in less on most lines; then it is worth asking why there is no container yet."""


class NoResults(Exception):  # noqa: N818 - it says what there is
    """There are no results, or not yet; the message says what was seen and what to do."""


class NoJob(NoResults):
    """There is no such Job."""


async def job(session: Session, name: str, *, namespace: str) -> Object:
    """The Job. Raises `NoJob`."""
    try:
        return await session.get(resources.JOB, name, namespace)
    except errors.NotFound as error:
        raise NoJob(
            f"there is no Job {namespace}/{name} on {session.server}. `ai-conformance manifest` prints one; name "
            "another with --namespace and --name."
        ) from error


async def done(session: Session, of: Object, *, timeout_s: float, say: Say, show: Say) -> Object:
    """The pod in which the results of this Job wait. ``say`` hears what is seen, ``show`` the lines of the log.

    Raises `NoResults` where there will be none or the time is over, and `errors.KubeError`.
    """
    namespace, name = str(of["metadata"]["namespace"]), str(of["metadata"]["name"])
    deadline = clock.monotonic() + timeout_s
    selector = f"{_LABEL}={name}"
    async with Mirror.open(session, resources.POD, namespace=namespace, label_selector=selector) as view:

        def pod() -> Object | None:
            return standing.pod_of(of, view.objects.values())

        await _made(session, of, view=view, timeout_s=min(_POD_S, timeout_s))
        seen, before = None, "nothing was seen"
        async with _log(session, namespace=namespace, show=show) as follow:
            while True:
                limit_s = deadline - clock.monotonic()
                if seen is not None and seen.stage is Stage.COMING:
                    await _explain_delay(session, view, pod, before=seen, patience_s=min(_PATIENCE_S, limit_s), say=say)
                seen = await _change(view, pod, before=seen, timeout_s=deadline - clock.monotonic())
                current = pod()
                if seen is None or current is None:
                    raise await _gone(session, of, before=before)
                before = seen.seen
                say(before)
                if seen.stage in (Stage.RUNNING, Stage.DONE):
                    follow(str(current["metadata"]["name"]))
                if seen.stage is Stage.DONE:
                    return current
                if seen.stage is Stage.STUCK:
                    raise NoResults(f"the run cannot begin: {seen.seen}. {_REMEDY}")
                if seen.stage is Stage.ENDED:
                    raise NoResults(f"the run's pod has ended, and its results with it: {seen.seen}. {_AFTER}")


_REMEDY = "Delete the Job, mend that, and apply it again."
_AFTER = (
    "Its log may still be there: kubectl logs. What a run has left in the cluster, `ai-conformance clean --all-runs` "
    "finds. Results wait as long as --hold of `ai-conformance manifest` says."
)


async def _made(session: Session, of: Object, *, view: Mirror, timeout_s: float) -> None:
    """Wait for the pod; a Job that has ended makes none any more."""
    over = any((pods.condition(of, word) or {}).get("status") == "True" for word in ("Failed", "Complete"))

    def look(view: Mirror) -> bool | None:
        return True if standing.pod_of(of, view.objects.values()) is not None else None

    try:
        await view.until(look, timeout_s=0.0 if over else timeout_s, waiting_for="a pod of the Job")
    except errors.TimedOut as late:
        name = f"Job {of['metadata']['namespace']}/{of['metadata']['name']}"
        raise NoResults(f"{name} has no pod: {await _of_job(session, of)}. {_REMEDY}") from late


async def _gone(session: Session, of: Object, *, before: str) -> NoResults:
    return NoResults(
        f"the run's pod was deleted, and its results with it. Before that: {before}. The Job: "
        f"{await _of_job(session, of)}. {_AFTER}"
    )


async def _of_job(session: Session, of: Object) -> str:
    namespace, name = str(of["metadata"]["namespace"]), str(of["metadata"]["name"])
    try:
        now: Object = await session.get(resources.JOB, name, namespace)
    except errors.NotFound:
        return "it was deleted too"
    return standing.of_job(now, events=await _events(session, of))


async def _events(session: Session, of: Object) -> Sequence[Object]:
    """Events of an object; none where they may not be read, for they only say more of it."""
    namespace, name = str(of["metadata"]["namespace"]), str(of["metadata"]["name"])
    selector = f"involvedObject.kind={of['kind']},involvedObject.name={name}"
    try:
        return (await session.list(resources.EVENT, namespace, field_selector=selector)).items
    except errors.Forbidden:
        return ()


async def _change(
    view: Mirror, pod: Callable[[], Object | None], *, before: standing.Standing | None, timeout_s: float
) -> standing.Standing | None:
    """Another standing than before, or None where the pod has gone. Raises `NoResults` where none comes."""
    try:
        (now,) = await _next(view, pod, before=before, timeout_s=max(timeout_s, 0.0))
    except errors.TimedOut as late:
        raise NoResults(f"the run has not ended in the time of --timeout: {late.last}. Fetch again later.") from late
    return now


async def _explain_delay(
    session: Session,
    view: Mirror,
    pod: Callable[[], Object | None],
    *,
    before: standing.Standing,
    patience_s: float,
    say: Say,
) -> None:
    """Where the container does not come soon, say what the pod's events tell: of volumes its status says nothing."""
    try:
        await _next(view, pod, before=before, timeout_s=max(patience_s, 0.0))
    except errors.TimedOut:
        current = pod()
        if current is not None:
            for told in standing.warnings(await _events(session, current)):
                say(told)


async def _next(
    view: Mirror, pod: Callable[[], Object | None], *, before: standing.Standing | None, timeout_s: float
) -> tuple[standing.Standing | None]:
    def look(_: Any) -> tuple[standing.Standing | None] | None:
        current = pod()
        now = None if current is None else standing.of_pod(current)
        return None if now is not None and now == before else (now,)

    return await view.until(
        look, timeout_s=timeout_s, waiting_for="the run to end", last=lambda _: before.seen if before else "nothing"
    )


@contextlib.asynccontextmanager
async def _log(session: Session, *, namespace: str, show: Say) -> AsyncIterator[Callable[[str], None]]:
    """Show a pod's log from when it is named until the block ends, and at the end what has come since."""
    tails: list[_Tail] = []
    tasks: list[asyncio.Task[None]] = []

    def follow(pod: str) -> None:
        if not tails:
            tails.append(_Tail(session, namespace=namespace, pod=pod, show=show))
            tasks.append(asyncio.create_task(tails[0].follow(), name="log of the run"))

    try:
        yield follow
    finally:
        for tail, task in zip(tails, tasks, strict=True):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await tail.rest()


class _Tail:
    """The log of one pod, each line once."""

    def __init__(self, session: Session, *, namespace: str, pod: str, show: Say) -> None:
        self._session = session
        self._namespace = namespace
        self._pod = pod
        self._show = show
        self._since = ""

    async def follow(self) -> None:
        """Show lines as they come; a connection that ends is taken up again. It ends by cancellation."""
        while True:
            await self._read(follow=True)
            await poll.pause(_AGAIN_S)

    async def rest(self) -> None:
        """Show what has come since."""
        await self._read(follow=False)

    async def _read(self, *, follow: bool) -> None:
        # A log is for people who wait: without it, or without the permission for it, results are fetched all the same.
        with contextlib.suppress(errors.ApiError):
            lines = self._session.log_lines(
                self._namespace, self._pod, CONTAINER, since=self._since or None, follow=follow
            )
            async with contextlib.aclosing(lines):
                async for line in lines:
                    self._since = line.at
                    self._show(line.text)
