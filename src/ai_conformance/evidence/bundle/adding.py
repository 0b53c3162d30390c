"""Adds files to a bundle, without changing what is in it, and only to one of which nothing was altered."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
from collections.abc import Iterator
from pathlib import Path

from ai_conformance.evidence.bundle import archive, names, verifying, writing
from ai_conformance.evidence.bundle.archive import Archive
from ai_conformance.evidence.bundle.contents import Contents
from ai_conformance.evidence.bundle.errors import Altered, BundleError, Unreadable
from ai_conformance.evidence.bundle.verifying import Report
from ai_conformance.evidence.bundle.writing import Part
from ai_conformance.model.verdicts import ExitCode


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sound:
    """A bundle in its file that is what was packed."""

    path: Path
    archive: Archive
    contents: Contents
    report: Report

    @property
    def statement(self) -> bytes:
        """What a signer signs."""
        return self.contents.read(names.STATEMENT)

    def put(self, *added: Part) -> None:
        """Write the bundle anew with more files, each in place of the one of its path if there is one."""
        replaced = {one.path for one in added}
        kept = [
            Part(
                path=path,
                size_bytes=self.contents.sizes[path],
                sha256=digest,
                content=functools.partial(self.archive.chunks, path),
            )
            for path, digest in self.contents.digests.items()
            if path not in replaced
        ]
        # A link to the bundle stays one.
        writing.write(Path(os.path.realpath(self.path)), (*kept, *added), replace=True)


@contextlib.contextmanager
def opened(bundle: Path) -> Iterator[Sound]:
    """A bundle that somebody can vouch for.

    Raises BundleError where it is no bundle in a file, Altered where it is not what was packed, Unreadable where that
    cannot be told.
    """
    if bundle.is_dir():
        raise BundleError(f"{bundle} is a folder; sign the bundle that it was unpacked from")
    with archive.opened(bundle) as found:
        contents = found.contents()
        report = verifying.examine(contents, source=bundle)
        if report.code is ExitCode.NOT_CONFORMANT:
            raise Altered(f"{bundle} is not what was packed ({report.findings[0]}); nobody should vouch for it")
        if report.code is not ExitCode.OK:
            raise Unreadable(f"{bundle} cannot be judged ({report.findings[0]}); nobody should vouch for it")
        yield Sound(path=bundle, archive=found, contents=contents, report=report)
