"""A check that lacks a verb says so by name, whichever verb it is; docs/verb-table.md has those of all checks.

Here are some of each kind of use: what is made, looked at, streamed, written and read, three checks in a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

import verb_trial as trial
from ai_conformance.lab.lab import Lab
from verb_uses import Verb

pytestmark = pytest.mark.lab

DRA = "resource.k8s.io"


def core(verb: str, resource: str) -> Verb:
    return Verb(group="", resource=resource, verb=verb)


SAMPLE: Mapping[str, tuple[Verb, ...]] = {
    "dra_support": (
        Verb(group=DRA, resource="deviceclasses", verb="create"),
        core("watch", "pods"),
        core("create", "pods/exec"),
        Verb(group=DRA, resource="resourceslices", verb="create"),
    ),
    "secure_accelerator_access": (
        core("patch", "pods/ephemeralcontainers"),
        Verb(group=DRA, resource="resourceclaims", verb="watch"),
        core("get", "pods/exec"),
        core("create", "pods"),
    ),
    "gang_scheduling": (
        Verb(group="scheduling.k8s.io", resource="podgroups", verb="create"),
        Verb(group="scheduling.k8s.io", resource="podgroups", verb="watch"),
        core("list", "pods"),
        Verb(group="scheduling.k8s.io", resource="workloads", verb="create"),
    ),
}
ROUNDS = list(trial.rounds(SAMPLE))
OPTIONS = ("--nodes-per-class", "1")


@pytest.mark.parametrize("place", range(len(ROUNDS)), ids=lambda place: "+".join(map(str, ROUNDS[place].values())))
def test_a_check_that_lacks_a_verb_is_blocked_and_names_it(lab: Lab, place: int) -> None:
    async def asked() -> trial.Lacking:
        as_it_is = trial.situations()[0]
        async with trial.accounts(lab) as some:
            return await trial.lacking(lab, some, without=ROUNDS[place], situation=as_it_is, options=OPTIONS)

    seen = asyncio.run(asked())
    for name, verb in ROUNDS[place].items():
        assert trial.is_told(seen.said[name], verb), seen.said[name]
