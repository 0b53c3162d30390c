"""A run in which each check lacks one verb: a proxy asks in the name of an account that may do all else.

Every check signs its requests (User-Agent), so the checks of one run can each have an account of their own, and one run
tries as many verbs as it has checks. The API server itself decides and says what is not allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import verb_uses
from ai_conformance.kube import resources
from ai_conformance.kube.session import Session
from ai_conformance.lab.lab import Lab
from api_troubles import Ask, Mischief, Trouble
from lab_trial import Said
from trouble_trial import cleaned, tool, verdicts
from unruly_api import unruly
from verb_uses import EVERY_RUN, Verb

_PREFIX = "aic-verbs"
_RBAC = "rbac.authorization.k8s.io"


def situations() -> tuple[Trouble, ...]:
    """In which verbs are needed that a sound run on this API server is not: made anew, as `api_troubles` are."""
    return (
        Trouble(
            name="as it is",
            summary="Nothing is wrong.",
            strikes=lambda _ask: None,
            named_by="$^",
        ),
        Trouble(
            name="nothing goes by the lot",
            summary="No watch begins with all that there is, as before Kubernetes 1.34; no collection is deleted.",
            strikes=_by_the_lot,
            named_by="$^",
        ),
        Trouble(
            name="answers are lost",
            summary="What is created is, and no answer tells it.",
            # What is only tried leaves nothing that could be read back.
            strikes=lambda ask: Mischief(unanswered=True) if ask.method == "POST" and not ask.is_dry_run else None,
            named_by="$^",
        ),
    )


def _by_the_lot(ask: Ask) -> Mischief | None:
    if ask.begins_with_state:
        return Mischief(status=422)
    verb = verb_uses.asked(ask.method, ask.path) if ask.method == "DELETE" else None
    return Mischief(status=405) if verb is not None and verb.verb == "deletecollection" else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lacking:
    """What came of a run."""

    said: dict[str, Said]
    """By check; where the run did not begin, its last words for each."""
    sent: dict[str, frozenset[Verb]]
    left: tuple[str, ...]
    output: str


class Accounts:
    """Roles and bindings for users that there are by name only, made when they are first asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # Those of a trial that was ended before it could remove them are in nobody's way.
        self._prefix = f"{_PREFIX}-{secrets.token_hex(3)}"
        self._made: dict[tuple[str, Verb | None], str] = {}

    async def that_may(self, name: str, *, requirements: Sequence[str], without: Verb | None = None) -> str:
        """A user who may do all that a plan of these checks needs, but for one verb."""
        key = (name, without)
        if key not in self._made:
            user = f"{self._prefix}-{name.replace('_', '-')}-{len(self._made)}"
            self._made[key] = user
            named = {"metadata": {"name": user}}
            role = {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", **named}
            await self._session.create({**role, "rules": verb_uses.rules(requirements, without=without)})
            await self._session.create(
                {
                    "apiVersion": f"{_RBAC}/v1",
                    "kind": "ClusterRoleBinding",
                    **named,
                    "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": user},
                    "subjects": [{"kind": "User", "name": user, "apiGroup": _RBAC}],
                }
            )
        return self._made[key]

    async def remove(self) -> None:
        """All of them."""
        for kind in (resources.CLUSTER_ROLE_BINDING, resources.CLUSTER_ROLE):
            await asyncio.gather(*(self._session.delete(kind, user) for user in self._made.values()))


@contextlib.asynccontextmanager
async def accounts(lab: Lab) -> AsyncIterator[Accounts]:
    """Accounts that last as long as the block."""
    async with await Session.connect(kubeconfig=lab.kubeconfig, user_agent="test") as session:
        made = Accounts(session)
        try:
            yield made
        finally:
            await made.remove()


async def lacking(
    lab: Lab,
    some: Accounts,
    *,
    without: Mapping[str, Verb | None],
    run_without: Verb | None = None,
    situation: Trouble,
    options: Sequence[str] = (),
) -> Lacking:
    """One run of the checks in ``without``, each with what a plan of it alone needs but for its verb.

    ``run_without`` is what the run itself may not do, which else may do all that a plan of these checks needs.
    """
    users = {
        f"check/{name}": await some.that_may(name, requirements=(name,), without=verb) for name, verb in without.items()
    }
    whole = await some.that_may("-".join(sorted(without))[:40], requirements=tuple(without), without=run_without)

    def account(ask: Ask) -> str:
        return users.get(ask.actor, whole)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        output = folder / "run"
        chosen = [part for name in without for part in ("--requirement", name)]
        async with unruly(lab.kubeconfig, situation, folder=folder, account=account) as (kubeconfig, _proxy):
            code, said = await tool(
                *("run", "--kubeconfig", str(kubeconfig), "--profile", "lab", "--output", str(output)),
                *chosen,
                *options,
            )
        told = verdicts(output, tuple(without))
        if not told:
            told = {name: Said(verdict=f"exit {code}", reason=said.strip().rpartition("\n")[2]) for name in without}
        return Lacking(said=told, sent=verb_uses.sent(_lines(output)), left=await cleaned(lab, output), output=said)


def rounds(verbs: Mapping[str, Sequence[Verb]]) -> Iterator[dict[str, Verb]]:
    """One verb of each check that has any left, until none has."""
    for place in range(max((len(some) for some in verbs.values()), default=0)):
        yield {name: some[place] for name, some in verbs.items() if place < len(some)}


def is_told(said: Said, verb: Verb) -> bool:
    """Whether a check says that it was kept from judging by this verb."""
    return said.verdict == "BLOCKED" and verb.is_named_in(said.reason)


def of_the_run(seen: Mapping[str, frozenset[Verb]]) -> frozenset[Verb]:
    """What the run has sent in its own name, for all of its checks."""
    return seen.get(EVERY_RUN, frozenset())


def _lines(output: Path) -> list[str]:
    file = output / "transcript.jsonl"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
