"""Call the command as a user does, against an API server of the test's own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fake_api import FakeApi

from ai_conformance.model.verdicts import ExitCode

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
DISCOVERY = {"kind": "APIGroupDiscoveryList", "items": []}


async def told(api: FakeApi, *arguments: str | Path, code: ExitCode) -> str:
    """What the command said, its standard error before its standard output."""
    command = [*map(str, arguments), "--kubeconfig", str(api.kubeconfig())]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ai_conformance", *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = (part.decode() for part in await process.communicate())
    assert "Traceback" not in complained
    assert process.returncode == code, complained
    return complained + said
