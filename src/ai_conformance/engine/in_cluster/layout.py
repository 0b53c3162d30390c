"""The folder of results in a pod, which is that of a Sonobuoy plugin, and what is told of a run that has ended there.

    run/                    the run's folder (its --output)
    run.bundle.tar          the same packed, with the digests of all files
    run.bundle.tar.gz       the same for Sonobuoy, which takes single files or compressed archives
    junit.xml               only of a run that left no record: what to tell Sonobuoy of it
    done                    the path of the file for Sonobuoy; written when that is there
    outcome.json            `Outcome`; written last, so the pod is ready once it is there
    release                 a pipe: whoever has fetched the results writes to it, and the pod may end

Source of the contract: Sonobuoy's documentation of plugins, and its worker, which reads the path without blanks and
takes an archive for one by its ending ``.gz``.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path

from ai_conformance.evidence.bundle import names

RESULTS = Path("/tmp/sonobuoy/results")  # noqa: S108 - Sonobuoy's own place, a volume of the pod
ENVIRONMENT = "SONOBUOY_RESULTS_DIR"
"""Where Sonobuoy says so, it is there instead."""


class Unreadable(Exception):  # noqa: N818 - it says what the file is
    """What is told of a run is not what this version tells."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run in a pod ended."""

    exit_code: int
    trouble: str
    """Why there is no bundle; empty where there is one."""
    size_bytes: int
    """Of the bundle."""
    sha256: str
    """Of the bundle."""

    def text(self) -> str:
        """As the file has it."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def read(cls, text: str) -> Outcome:
        """The inverse. Raises `Unreadable`."""
        try:
            raw = json.loads(text)
            return cls(
                exit_code=int(raw["exit_code"]),
                trouble=str(raw["trouble"]),
                size_bytes=int(raw["size_bytes"]),
                sha256=str(raw["sha256"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{text[:200]!r} tells nothing of a run's end; is the image of this version?") from error


@dataclasses.dataclass(frozen=True)
class Results:
    """The folder by its path."""

    root: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Results:
        """Where they are in this pod."""
        return cls(Path(environment.get(ENVIRONMENT) or RESULTS))

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def bundle(self) -> Path:
        return names.beside(self.run)

    @property
    def compressed(self) -> Path:
        return self.bundle.with_name(f"{self.bundle.name}.gz")

    @property
    def junit(self) -> Path:
        return self.root / "junit.xml"

    @property
    def outcome(self) -> Path:
        return self.root / "outcome.json"

    @property
    def done(self) -> Path:
        return self.root / "done"

    @property
    def release(self) -> Path:
        return self.root / "release"


def write(path: Path, content: bytes) -> None:
    """Write a file that is whole as soon as it is there: somebody waits for it."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)  # noqa: PTH105 - atomically, as the name says
