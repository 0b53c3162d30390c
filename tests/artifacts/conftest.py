"""The real consumers of the artifacts: Go's own test2json, and gotestsum built from its module into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

GOTESTSUM_VERSION = "v1.13.0"


def cache_root() -> Path:
    """Where built tools are kept between test runs."""
    named = os.environ.get("AI_CONFORMANCE_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ai-conformance"


@pytest.fixture(scope="session")
def go() -> str:
    """The go command."""
    found = shutil.which("go")
    if found is None:
        pytest.skip("Go is not installed: its test2json and gotestsum cannot read the artifacts here")
    return found


@pytest.fixture(scope="session")
def gotestsum(go: str) -> Path:
    """The gotestsum of the pinned version; built once, atomically."""
    folder = cache_root() / "tools" / f"gotestsum-{GOTESTSUM_VERSION}"
    program = folder / "gotestsum"
    if not program.exists():
        building = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
        environment = {**os.environ, "GOBIN": str(building), "GOFLAGS": "-p=2", "CGO_ENABLED": "0"}
        built = subprocess.run(
            [go, "install", f"gotest.tools/gotestsum@{GOTESTSUM_VERSION}"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if built.returncode != 0:
            shutil.rmtree(building, ignore_errors=True)
            pytest.fail(f"gotestsum could not be built:\n{built.stderr[-2000:]}")
        folder.mkdir(parents=True, exist_ok=True)
        (building / "gotestsum").replace(program)
        building.rmdir()
    return program
