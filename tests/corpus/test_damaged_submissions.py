"""Damaged copies of real submissions: each gets a verdict by the official rules, soon, from its own files alone."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_conformance.submission import folders, program_copy, upstream
from ai_conformance.submission.findings import Report, Verdict
from ai_conformance.submission.upstream import RuleSet

PIECES = [
    "\t",
    ": ",
    "- ",
    "#",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!!int ",
    "!x ",
    "\n---\n",
    "\n...\n",
    "%YAML 1.1\n",
    "~",
    "1.0",
    "0011",
    "2026-02-19",
    "<<: *a",
    "? ",
    "\\",
    "\ufeff",
    "\x00",
    "\x07",
    "\x85",
    "\u2028",
    "\r\n",
    "é",
    "😀",
    "evidence: x\n",
    "status: {}\n",
    "notes: []\n",
    "metadata: 1\n",
    "spec:\n",
]
WHOLES = {
    "empty": b"",
    "binary": bytes(range(256)) * 64,
    "large": b"a: " + b"x" * 50_000_000,
    "deep in brackets": b"metadata: " + b"[" * 500_000,
    "deep in braces": b"metadata: " + b"{a: " * 100_000,
    "deep in lines": b"".join(b" " * n + b"a:\n" for n in range(1200)),
    "aliases": b"metadata:\n  a: &a [x]\n" + b"".join(b"  k%d: &k%d [%s]\n" % (n, n, b"*a, " * 99) for n in range(500)),
    "an alias in itself": b"metadata: &a {b: *a}\nspec: &c [*c]\n",
    "many keys": b"metadata:\n" + b"".join(b"  k%d: v\n" % n for n in range(20_000)),
    "UTF-16": "metadata: {platformName: é}\n".encode("utf-16"),
    "UTF-32": "metadata: {platformName: é}\n".encode("utf-32"),
    "Latin-1": "metadata: {platformName: é}\n".encode("latin-1"),
}


def damaged(source: bytes, choice: random.Random) -> bytes:
    """A file with one to three wounds."""
    text = source.decode("utf-8")
    for _ in range(choice.randint(1, 3)):
        at = choice.randrange(len(text) + 1)
        match choice.randrange(4):
            case 0:
                text = text[:at] + choice.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + choice.choice((1, 2, 8, 60)) :]
            case 2:
                text = text[: max(at, 1)]
            case _:
                lines = text.split("\n")
                lines.insert(choice.randrange(len(lines)), choice.choice(lines))
                text = "\n".join(lines)
    data = text.encode("utf-8")
    return data if choice.random() > 0.1 else data.replace(b"\n", b"\r\n")


@pytest.fixture(scope="module")
def opened() -> Iterator[set[str]]:
    """The files that were opened while it is watched."""
    names: set[str] = set()
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str | bytes):
            names.add(os.fsdecode(arguments[0]))

    # A hook cannot be taken away again; it can be told to look away.
    sys.addaudithook(hook)
    yield names
    watching = False


def judge(place: Path, checklist: upstream.Checklist) -> list[Report]:
    folder = folders.of(place)
    return [upstream.check(folder, checklist=checklist, rules=rules) for rules in RuleSet]


def test_200_damaged_files_each_get_a_verdict(program_dir: Path, tmp_path: Path, opened: set[str]) -> None:
    copy = program_copy.open_copy(str(program_dir), tell=lambda _: None)
    products = copy.products()
    checklists = {one: upstream.read_checklist(copy.checklist_file(one)) for one in copy.releases}
    choice = random.Random(20261001)
    verdicts: set[Verdict] = set()
    for number in range(200):
        original = choice.choice(products)
        assert original.release is not None
        place = tmp_path / str(number) / f"v{original.release}" / original.name
        shutil.copytree(original.path, place)
        (place / "PRODUCT.yaml").write_bytes(damaged((place / "PRODUCT.yaml").read_bytes(), choice))
        opened.clear()
        reports = judge(place, checklists[original.release])
        assert {name for name in opened if not Path(name).is_relative_to(place)} == set()
        for report in reports:
            assert report.verdict is not Verdict.CONFORMS or not report.obstacle
            assert all(one.message and one.remedy and one.line >= 1 for one in report.findings)
        verdicts.update(report.verdict for report in reports)
    assert verdicts >= {Verdict.CONFORMS, Verdict.DOES_NOT_CONFORM}


@pytest.mark.parametrize("data", WHOLES.values(), ids=WHOLES.keys())
def test_a_file_that_is_something_else_does_not_pass(program_dir: Path, tmp_path: Path, data: bytes) -> None:
    copy = program_copy.open_copy(str(program_dir), tell=lambda _: None)
    place = tmp_path / "v1.35" / "acme"
    place.mkdir(parents=True)
    (place / "PRODUCT.yaml").write_bytes(data)
    release = folders.of(place).release
    assert release is not None
    reports = judge(place, upstream.read_checklist(copy.checklist_file(release)))
    assert all(report.verdict is not Verdict.CONFORMS for report in reports)
    assert all(report.findings or report.obstacle for report in reports)
