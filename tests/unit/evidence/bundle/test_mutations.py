"""A thousand random changes of a bundle that is signed in both ways, and all of them found, with the file's name."""

from __future__ import annotations

import hashlib
import random
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import sample_runs
from ai_conformance.evidence.bundle import layout, making, manifest, names, signing, statement, verifying
from ai_conformance.evidence.bundle.errors import Unreadable
from ai_conformance.evidence.bundle.signatures import Asked
from ai_conformance.model.verdicts import ExitCode
from little_sigstore import Deployment

from .conftest import IDENTITY, ISSUER, KEY, OTHER_KEY, a_record, added, leave, members, packed, statement_of

ASKED = (Asked(name="public.pem", key=KEY.public_key()),)
ROUNDS = 50

Change = Callable[[bytes, random.Random], tuple[bytes, str]]
"""The changed bytes, and the path that has to be named."""


def owners(data: bytes) -> list[tuple[int, str]]:
    """Where each file with its header ends, and its path."""
    ends, at = [], 0
    for path, content in members(data):
        at += len(layout.header(path, size_bytes=len(content))) + len(content) + layout.padding(len(content))
        ends.append((at, path))
    return ends


def owner(data: bytes, at: int) -> str:
    return next((path for end, path in owners(data) if at < end), "the end of the archive")


def flip(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :], owner(data, at)


def overwrite(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    at = rng.randrange(len(data) - 8)
    new = rng.randbytes(rng.randrange(1, 9))
    return data[:at] + new + data[at + len(new) :], owner(data, at)


def insert(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    at = rng.randrange(len(data) + 1)
    # Between two files it could be either's; the message says where.
    return data[:at] + rng.randbytes(rng.randrange(1, 600)) + data[at:], ""


def delete(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    at = rng.randrange(len(data) - 1)
    return data[:at] + data[at + rng.randrange(1, 600) :], ""


def truncate(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    return data[: rng.randrange(len(data))], ""


def append(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    return data + bytes(rng.randrange(1, 2000)), ""


def content(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    number = rng.randrange(len(files))
    path, old = files[number]
    at = rng.randrange(len(old) + 1)
    files[number] = (path, old[:at] + rng.randbytes(rng.randrange(1, 9)) + old[at:])
    return packed(files), path


def shorter(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    number = rng.choice([number for number, (_, old) in enumerate(files) if old])
    path, old = files[number]
    files[number] = (path, old[: rng.randrange(len(old))])
    return packed(files), path


def rename(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    number = rng.randrange(len(files))
    path, old = files[number]
    files[number] = (f"{path}{rng.randrange(10)}", old)
    return packed(sorted(files, key=lambda one: names.order(one[0]))), path


def swap_names(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    one, other = rng.sample(range(len(files)), 2)
    (first, left), (second, right) = files[one], files[other]
    files[one], files[other] = (first, right), (second, left)
    return packed(files), first


def reorder(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    number = rng.randrange(len(files) - 1)
    files[number], files[number + 1] = files[number + 1], files[number]
    return packed(files), files[number + 1][0]


def add(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    folder = rng.choice(["", "run/", "keys/", "sigstore/", "run/evidence/"])
    path = f"{folder}added-{rng.randrange(1000)}"
    files = [*members(data), (path, rng.randbytes(rng.randrange(9)))]
    return packed(sorted(files, key=lambda one: names.order(one[0]))), path


def remove(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    path, _ = files.pop(rng.randrange(len(files)))
    return packed(files), path


def duplicate(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = members(data)
    number = rng.randrange(len(files))
    path, old = files[number]
    files.insert(number + rng.randrange(2), (path, rng.choice([old, rng.randbytes(5)])))
    return packed(files), path


def header(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """A header that is sound but says something else: mode, owner, time, kind."""
    number = rng.randrange(len(members(data)))
    parts, path = [], ""
    for index, (name, content) in enumerate(members(data)):
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(content), layout.MODE, layout.TIME
        if index == number:
            path = name
            field, value = rng.choice(
                [("mode", 0o755), ("mode", 0o4755), ("uid", 1000), ("gid", 5), ("uname", "root"), ("gname", "x"),
                 ("mtime", rng.randrange(2**31)), ("type", rng.choice([b"7", b"\0", b"1", b"2", b"5", b"3"]))]
            )  # fmt: skip
            setattr(info, field, value)
        parts.append(info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(layout.padding(len(content))))
    return b"".join((*parts, layout.END)), path


def manifest_line(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    files = dict(members(data))
    listed = manifest.read(files[names.MANIFEST])
    listed[rng.choice(sorted(listed))] = rng.randbytes(32).hex()
    files[names.MANIFEST] = manifest.text(listed).encode()
    return packed(files.items()), names.MANIFEST


def verdict(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Another verdict in the statement, which stays a sound one."""
    files = dict(members(data))
    said = files[names.STATEMENT]
    places = [match.start(1) for match in re.finditer(rb'"verdict": "(PASS|NOT_TESTED)"', said)]
    at = rng.choice(places)
    new = said[:at] + b"FAIL" + said[said.index(b'"', at) :]
    assert statement.read(new)
    files[names.STATEMENT] = new
    return packed(files.items()), names.STATEMENT


def signature(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """A letter of a signature."""
    files = dict(members(data))
    said = files[names.ENVELOPE]
    at = rng.choice([match.start(1) for match in re.finditer(rb'"sig": "([^"]+)"', said)]) + rng.randrange(86)
    letter = rng.choice([one for one in b"ABCDwxyz0189+/" if one != said[at]])
    files[names.ENVELOPE] = said[:at] + bytes([letter]) + said[at + 1 :]
    return packed(files.items()), names.ENVELOPE


def proof(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """A letter of a Sigstore signature: of the certificate, of the log's proof, of the statement in it, of anything."""
    files = dict(members(data))
    path = next(one for one in files if one.startswith(names.SIGSTORE) and one.endswith(".json"))
    at = rng.randrange(len(files[path]))
    letter = rng.choice([one for one in b"ABCDwxyz0189+/" if one != files[path][at]])
    files[path] = files[path][:at] + bytes([letter]) + files[path][at + 1 :]
    return packed(files.items()), path


def consistent(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """A file, with the manifest and the statement made to fit it: all but the signature agree."""
    files = dict(members(data))
    path = rng.choice([one for one in files if one.startswith("run/evidence/")])
    files[path] += b"x"
    digests = {one: hashlib.sha256(files[one]).hexdigest() for one in files if one.startswith(names.RUN)}
    files[names.MANIFEST] = manifest.text(digests).encode()
    old = manifest.read(dict(members(data))[names.MANIFEST])[path]
    files[names.STATEMENT] = files[names.STATEMENT].replace(old.encode(), digests[path].encode())
    return packed(files.items()), names.STATEMENT


CHANGES: tuple[Change, ...] = (
    *(flip, flip, overwrite, insert, delete, truncate, append),
    *(content, shorter, rename, swap_names, reorder, add, remove, duplicate, header),
    *(manifest_line, verdict, signature, proof, consistent),
)


@pytest.fixture
def signed_thrice(tmp_path: Path) -> Path:
    """A small run, as each of the changes is looked for in all of it, signed by two keys and an identity."""
    record = sample_runs.a_run(sample_runs.a_check(cases=(sample_runs.a_case(),)))
    making.create(leave(tmp_path / "run", a_record(record)), tmp_path / "x.tar", replace=False)
    for key in (KEY, OTHER_KEY):
        signing.sign(tmp_path / "x.tar", key)
    said = statement_of(tmp_path / "x.tar")
    added(tmp_path / "x.tar", Deployment().signature(said, identity=IDENTITY, issuer=ISSUER))
    return tmp_path / "x.tar"


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=lambda number: f"{number}-{CHANGES[number].__name__}")
def test_every_change_is_found_and_the_file_named(signed_thrice: Path, number: int) -> None:
    data = signed_thrice.read_bytes()
    assert verifying.verify(signed_thrice, asked=ASKED).findings == ()
    rng = random.Random(number)
    tried = 0
    while tried < ROUNDS:
        changed, path = CHANGES[number](data, rng)
        if changed == data:
            continue
        tried += 1
        signed_thrice.write_bytes(changed)
        told = findings(signed_thrice)
        assert told
        assert any(path in one for one in told), f"{path}: {told}"


def test_there_are_a_thousand_of_them_and_more() -> None:
    assert len(CHANGES) * ROUNDS >= 1000


def findings(path: Path) -> list[str]:
    try:
        report = verifying.verify(path, asked=ASKED)
    except Unreadable as error:
        # So little was left that it could not be said what it had been.
        return [str(error)]
    assert (report.code is ExitCode.OK) == (not report.findings)
    return [str(one) for one in report.findings]
