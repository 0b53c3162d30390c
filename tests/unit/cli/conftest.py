"""A cluster that is not there, for commands that ask one."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "kube"))

from called import DISCOVERY, REVIEWS
from fake_api import FakeApi, listed, serving


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[FakeApi]:
    """A cluster of two nodes without accelerators, on which everything is allowed."""
    folder = tmp_path / "api"
    folder.mkdir()
    async with serving(folder) as fake:
        fake.on("GET", "/version", {"gitVersion": "v1.37.2", "major": "1", "minor": "37"})
        fake.on("GET", "/api", DISCOVERY)
        fake.on("GET", "/apis", DISCOVERY)
        fake.on("GET", "/api/v1/nodes", listed(version=1))
        fake.on("GET", "/api/v1/pods", listed(version=1))
        fake.on("GET", "/api/v1/namespaces/kube-system", {"metadata": {"uid": "uid-of-the-cluster"}})
        fake.on("POST", REVIEWS, {"kind": "SelfSubjectAccessReview", "status": {"allowed": True}})
        yield fake
