"""Whatever a file holds, a command that reads it ends with a message: no traceback, no hang, nothing written."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_conformance.model.verdicts import ExitCode
from ai_conformance.submission import documents
from ai_conformance.submission.making import diff, fill, runs
from ai_conformance.submission.product import view
from samples import RUN

from .conftest import Call


def mutations(text: str) -> Iterator[bytes]:
    """More than 200 files that somebody or something has damaged; the same ones every time."""
    data, chance = text.encode(), random.Random(37)
    for _ in range(17):
        yield data[: chance.randrange(len(data))]
        at = chance.randrange(len(data))
        yield data[:at] + chance.randbytes(20) + data[at:]
        lines = text.splitlines()
        chance.shuffle(lines)
        yield "\n".join(lines).encode()
        line = chance.randrange(len(text.splitlines()))
        for wrong in ("[]", "{}", "12", "!!binary x", "*nothing", "&a [*a]", "|", "'", "\t- x"):
            changed = text.splitlines()
            changed[line] = changed[line].split(":")[0] + f": {wrong}"
            yield "\n".join(changed).encode()


def extremes(text: str) -> Iterator[tuple[str, bytes]]:
    for encoding in ("utf-16", "utf-32", "utf-8-sig", "cp1252"):
        yield encoding, ("# ü\n" + text).encode(encoding)
    yield "tabs", text.replace("  ", "\t").encode()
    yield "twice", text.encode() + b"---\n" + text.encode()
    yield "deep", b"metadata: " + b"[" * 100_000
    yield "bomb", b"\n".join([b"a: &b0 [x]", *(b"b%d: &b%d [*b%d, *b%d]" % (n, n, n - 1, n - 1) for n in range(1, 90))])
    yield "50 MB", b"x: y\n" * 10_000_000
    yield "empty", b""
    yield "zeros", bytes(1000)


def test_a_damaged_file_is_filled_and_compared_or_refused_with_its_place(acme: Path) -> None:
    text, record, filled = (acme / "PRODUCT.yaml").read_text(), runs.read(RUN).record, 0
    refusals: list[str] = []
    whole = view(documents.read(text.encode(), source="PRODUCT.yaml"))
    for data in mutations(text):
        try:
            found = documents.read(data, source="PRODUCT.yaml")
            assert isinstance(diff.compare(whole, view(found)), tuple)
            result = fill.fill(found, record, release=None).document
        except documents.DocumentError as error:
            refusals += str(error).splitlines()[:1]
        else:
            filled += 1
            assert documents.read(result.encode(), source="x").text == result.text
    assert len(refusals) + filled > 200
    assert min(len(refusals), filled) > 20
    assert all(re.match(r"PRODUCT\.yaml:\d+:\d+: \S", one) for one in refusals)


def test_no_extreme_ends_in_a_traceback(acme: Path, call: Call) -> None:
    file = acme / "PRODUCT.yaml"
    for name, data in extremes(file.read_text()):
        file.write_bytes(data)
        said = call("fill", acme, "--run", RUN)
        assert (said.code, "PRODUCT.yaml" in said.err) == (ExitCode.USAGE, True), name
        assert file.read_bytes() == data, name


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_line_ends_of_other_systems_stay(acme: Path, call: Call, end: bytes) -> None:
    file = acme / "PRODUCT.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", end))
    assert call("fill", acme, "--run", RUN).code == ExitCode.OK
    assert b"\n" not in file.read_bytes().replace(end, b"")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_opened(acme: Path, call: Call, make: object) -> None:
    (acme / "PRODUCT.yaml").unlink()
    make(acme / "PRODUCT.yaml")  # type: ignore[operator]
    for command in (("fill", acme, "--run", RUN), ("diff", acme, acme), ("pack", acme, "--run", RUN)):
        said = call(*command)
        assert said.code == ExitCode.USAGE, command
        assert "PRODUCT.yaml" in said.err


def test_a_log_that_leads_away_is_not_written_through(acme: Path, tmp_path: Path, call: Call) -> None:
    (tmp_path / "mine").write_text("precious")
    (acme / "e2e.log").symlink_to(tmp_path / "mine")
    (acme / "README.md").symlink_to(tmp_path / "mine")
    for force in ([], ["--force"]):
        assert call("pack", acme, "--run", RUN, *force).code == ExitCode.USAGE
    assert (tmp_path / "mine").read_text() == "precious"
    assert sorted(one.name for one in acme.iterdir()) == ["PRODUCT.yaml", "README.md", "e2e.log"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"schema_version": 2}', b'{"schema_version": 1}'])
def test_a_run_that_cannot_be_read_is_said_to_be(acme: Path, tmp_path: Path, call: Call, content: bytes) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_bytes(content)
    for command in ("fill", "pack"):
        said = call(command, acme, "--run", tmp_path / "run")
        assert (said.code, "run.json" in said.err) == (ExitCode.USAGE, True)
