"""Call the command as a user does: in a process and against an API server of the test's own, or right here."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_api import FakeApi

from ai_conformance.cli.main import main
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


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


def calling(group: str, *, capsys: pytest.CaptureFixture[str]) -> Call:
    """What calls `ai-conformance <group>` with arguments, without a process; a traceback or a bug fails the test."""

    def call(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([group, *(str(one) for one in arguments)])
        written = capsys.readouterr()
        said = Said(int(ended.value.code or 0), written.out, written.err)
        assert said.code != ExitCode.BUG, said.err
        assert "Traceback" not in said.err
        return said

    return call
