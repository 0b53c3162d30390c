"""Takes the results of a run out of its pod by exec: the image needs no ``tar`` for it, and no port is opened.

What comes is checked twice: as a whole by the digest that the pod tells, so that a torn connection is noticed and the
transfer repeated, and file by file by the bundle's own digests when it is unpacked.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ai_conformance.engine.in_cluster import layout
from ai_conformance.engine.in_cluster.following import NoResults
from ai_conformance.engine.in_cluster.layout import Outcome
from ai_conformance.engine.in_cluster.objects import CONTAINER, TOOL
from ai_conformance.kube import errors, poll, resources
from ai_conformance.kube.pods import Object
from ai_conformance.kube.session import Propagation, Session

Say = Callable[[str], None]
_WORD_S = 60.0
"""For the interpreter to start in a pod that may have a tenth of a processor."""
_TRANSFER_S = 900.0
"""For 1 GiB, more than which no bundle has, over a slow line."""
_TRIES = 3
_DELETED_S = 180.0
"""A pod that still runs may take its whole grace period."""


class Unwritable(NoResults):
    """This side has no room for them, which no repetition mends."""


class Pod:
    """The pod in which results wait."""

    def __init__(self, session: Session, pod: Object) -> None:
        self._session = session
        self._namespace = str(pod["metadata"]["namespace"])
        self._name = str(pod["metadata"]["name"])

    async def outcome(self) -> Outcome:
        """How the run ended. Raises `NoResults`, `errors.KubeError`."""
        try:
            return Outcome.read(await self._asked("outcome"))
        except layout.Unreadable as error:
            raise NoResults(str(error)) from error

    async def bring(self, outcome: Outcome, target: Path, *, say: Say) -> None:
        """Put the bundle into a file. Raises `NoResults` where it does not come whole, `errors.KubeError`."""
        for left in reversed(range(_TRIES)):
            try:
                await self._transfer(outcome, target)
            except Unwritable:
                raise
            except (NoResults, errors.Unreachable, errors.ExecFailed, errors.TimedOut) as error:
                if not left:
                    raise
                say(f"Once more, for the results did not come whole: {error}")
            else:
                return

    async def release(self, *, say: Say) -> None:
        """Tell the pod that it may end; what keeps it from hearing is said, and takes nothing from the results."""
        try:
            await self._asked("release")
        except (NoResults, errors.KubeError) as error:
            say(f"The pod was not told that it may end, and ends by itself after the time of --hold: {error}")

    async def _transfer(self, outcome: Outcome, target: Path) -> None:
        digest, size = hashlib.sha256(), 0

        def take(chunk: bytes) -> None:
            nonlocal size
            size += len(chunk)
            if size > outcome.size_bytes:
                raise NoResults(f"more came than the {outcome.size_bytes} bytes that the pod has told of")
            digest.update(chunk)
            with _writing(target):  # here, before it is taken for trouble of the connection
                file.write(chunk)

        with _writing(target), target.open("wb") as file:
            await self._exec(["send"], stdout_to=take, timeout_s=_TRANSFER_S)
        if digest.hexdigest() != outcome.sha256:
            raise NoResults(f"{size} of {outcome.size_bytes} bytes came, or not those that were sent")

    async def _asked(self, what: str) -> str:
        return await self._exec([what], stdout_to=None, timeout_s=_WORD_S)

    async def _exec(
        self, words: Sequence[str], *, stdout_to: Callable[[bytes], object] | None, timeout_s: float
    ) -> str:
        command = [TOOL, "in-cluster", *words]
        ran = await self._session.exec(
            self._namespace, self._name, CONTAINER, command, timeout_s=timeout_s, stdout_to=stdout_to
        )
        if ran.exit_code != 0:
            shown = " ".join(command)
            raise NoResults(f"`{shown}` in pod {self._namespace}/{self._name} failed: {ran.stderr.strip()[-300:]}")
        return ran.stdout


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{target} cannot be written: {error.strerror}") from error


async def delete(session: Session, job: Object) -> None:
    """Remove the Job and its pod, and see them gone. Raises `errors.KubeError`."""
    namespace, name = str(job["metadata"]["namespace"]), str(job["metadata"]["name"])
    uid = str(job["metadata"]["uid"])
    await session.delete(resources.JOB, name, namespace, uid=uid, propagation=Propagation.FOREGROUND)

    async def there() -> bool:
        try:
            return str((await session.get(resources.JOB, name, namespace))["metadata"]["uid"]) == uid
        except errors.NotFound:
            return False

    await poll.eventually(
        there, until=lambda seen: not seen, timeout_s=_DELETED_S, waiting_for=f"Job {namespace}/{name} to be gone"
    )
