"""A pod's token is replaced while it runs; whoever goes on with the first one is locked out after an hour."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from fake_api import FakeApi, pod, status

from ai_conformance.kube import credentials, resources
from ai_conformance.kube.credentials import Credentials
from ai_conformance.kube.errors import ConfigurationError
from ai_conformance.kube.kubeconfig import Connection

POD = "/api/v1/namespaces/n/pods/a"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """A file with a token."""
    file = tmp_path / "token"
    file.write_text("first\n")
    return file


def rotate(file: Path) -> None:
    """As the kubelet does it."""
    file.write_text("second")


def of(token: Path) -> Credentials:
    return Credentials(Connection(server="http://127.0.0.1", context="(service account)", token_file=token))


async def test_a_token_is_read_anew_once_a_minute(token: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(credentials.clock, "monotonic", lambda: now)
    held = of(token)
    assert await held.header() == {"Authorization": "Bearer first"}
    rotate(token)
    assert await held.header() == {"Authorization": "Bearer first"}
    now += 61.0
    assert await held.header() == {"Authorization": "Bearer second"}


async def test_a_token_that_the_server_knows_no_more_is_read_anew_at_once(api: FakeApi, token: Path) -> None:
    seen: list[str] = []

    async def expired(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["Authorization"])
        if seen[-1] == "Bearer first":
            rotate(token)
            return status(401)
        return web.json_response(pod("a", version=1))

    api.on("GET", POD, expired)
    async with await api.session(user=f'{{tokenFile: "{token}"}}') as session:
        await session.get(resources.POD, "a", "n")
    assert seen == ["Bearer first", "Bearer second"]


async def test_a_token_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere cannot be read"):
        await of(tmp_path / "nowhere").header()
