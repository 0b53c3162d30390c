"""Runs that are killed at random moments leave nothing that `clean` or `run --resume` does not take away.

The hundred kills of docs/kills.md are those of scripts/kill-runs; here are as many as fit into a test.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bystanders
from ai_conformance.kube.session import Session
from ai_conformance.lab.lab import Lab
from kill_trial import Kill, Killing, lanes

pytestmark = pytest.mark.lab

COUNT = int(os.environ.get("AI_CONFORMANCE_TEST_KILLS", "9"))
LIFE_S = 14.0


@pytest.fixture
async def session(lab: Lab) -> AsyncIterator[Session]:
    async with await Session.connect(kubeconfig=lab.kubeconfig, user_agent="test") as connected:
        yield connected


async def test_a_run_that_is_killed_at_any_moment_leaves_nothing_and_touches_nothing(
    lab: Lab, session: Session, tmp_path: Path
) -> None:
    seed = int(os.environ.get("AI_CONFORMANCE_TEST_SEED", random.randrange(10**6)))
    kills: list[Kill] = []
    async with bystanders.planted(session):
        killing = Killing(lab.kubeconfig, session, folder=tmp_path, seed=seed, count=COUNT, tell=kills.append)
        await killing.all(lanes(many=False, life_s=LIFE_S))
    told = "\n".join(map(str, kills))
    assert len(kills) == COUNT
    assert all(kill.good for kill in kills), f"seed {seed}:\n{told}"
    assert any(kill.there for kill in kills), f"seed {seed}: none was killed with anything in the cluster\n{told}"
