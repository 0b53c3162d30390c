"""An archive of somebody who means ill is told what it is, in bounded time, and nothing of it is ever unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_conformance.evidence.bundle import envelope, layout, limits, names, verifying, walking
from ai_conformance.evidence.bundle.errors import Unreadable
from ai_conformance.model.verdicts import ExitCode

from .conftest import members, packed


@pytest.fixture(autouse=True)
def _nothing_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("something is unpacked")

    for name in ("extract", "extractall", "_extract_member"):
        monkeypatch.setattr(tarfile.TarFile, name, refused)


def findings(path: Path) -> list[str]:
    report = verifying.verify(path)
    assert report.code is not ExitCode.OK
    return [str(one) for one in report.findings]


def with_member(bundle: Path, info: tarfile.TarInfo, data: bytes = b"") -> None:
    """Add a member of any kind before the end."""
    form = tarfile.PAX_FORMAT if len(info.name) > 100 else tarfile.GNU_FORMAT
    raw = info.tobuf(form, encoding="utf-8", errors="surrogateescape")
    whole = bundle.read_bytes()[: -len(layout.END)]
    bundle.write_bytes(whole + raw + data + bytes(layout.padding(len(data))) + layout.END)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../../etc/cron.d/evil", "it leads elsewhere"),
        ("run/../../evil", "it leads elsewhere"),
        ("/etc/passwd", "it is absolute"),
        ("run//x", "it leads elsewhere"),
        ("run/./x", "it leads elsewhere"),
        ("..\\evil", "a backslash"),
        ("run/a\nremoved: run/run.json", "cannot be printed"),
        ("run/\x1b[2J", "cannot be printed"),
        ("run/\udcff", "cannot be printed"),
        ("run/" + "x" * 2000, "bytes"),
    ],
)
def test_a_name_that_leads_elsewhere_or_lies_is_told(bundle: Path, name: str, words: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = 4
    with_member(bundle, info, b"evil")
    assert any(words in one for one in findings(bundle))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a pipe"),
        (tarfile.DIRTYPE, "a folder"),
        (tarfile.XGLTYPE, "nothing that a bundle has"),
        (b"Z", "nothing that a bundle has"),
    ],
)
def test_what_is_no_file_is_told(bundle: Path, kind: bytes, word: str) -> None:
    info = tarfile.TarInfo("run/added")
    info.type, info.linkname = kind, "/etc/passwd"
    with_member(bundle, info)
    assert f"added: run/added: it cannot be in a bundle: it is {word}, not a file" in findings(bundle)


def test_a_link_in_the_place_of_a_file_is_told_of_that_file(bundle: Path) -> None:
    files = members(bundle.read_bytes())
    parts = []
    for path, data in files:
        info = tarfile.TarInfo(path)
        info.mode, info.mtime = layout.MODE, layout.TIME
        if path == "run/e2e.log":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            parts.append(info.tobuf(tarfile.USTAR_FORMAT))
        else:
            parts.append(packed([(path, data)])[: -len(layout.END)])
    bundle.write_bytes(b"".join((*parts, layout.END)))
    assert findings(bundle) == [
        "removed: run/e2e.log",
        "added: run/e2e.log: it cannot be in a bundle: it is a link, not a file",
    ]


def test_a_second_file_of_the_same_name_is_told_and_the_first_counts(bundle: Path) -> None:
    with_member(bundle, tarfile.TarInfo("run/e2e.log"))
    assert findings(bundle)[0].startswith("added: run/e2e.log: it is there again at byte ")


@pytest.mark.parametrize("size", [10**6, 2**33, 2**62])
def test_a_size_beyond_the_end_is_told_without_reading_it(bundle: Path, size: int) -> None:
    info = tarfile.TarInfo("run/huge")
    info.size = size
    with_member(bundle, info)
    assert any("run/huge" in one for one in findings(bundle))


def test_a_size_below_nothing_is_damage(bundle: Path) -> None:
    info = tarfile.TarInfo("run/less")
    info.size = -512
    with_member(bundle, info)
    assert any("belong to no file" in one for one in findings(bundle))


def test_a_long_name_that_never_ends_is_damage(bundle: Path) -> None:
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 2**40
    with_member(bundle, info)
    assert any("belong to no file" in one for one in findings(bundle))


def test_long_names_one_after_another_are_damage(bundle: Path) -> None:
    info = tarfile.TarInfo("././@PaxHeader")
    info.type = tarfile.XHDTYPE
    for _ in range(50):
        with_member(bundle, info)
    assert any("belong to no file" in one for one in findings(bundle))


@pytest.mark.parametrize(
    ("form", "word"),
    [
        (gzip.compress, "gunzip"),
        (bz2.compress, "bunzip2"),
        (lzma.compress, "unxz"),
        (lambda data: b"\x28\xb5\x2f\xfd" + data, "unzstd"),
    ],
)
def test_a_compressed_bundle_is_not_unpacked_but_named(bundle: Path, form: Callable[[bytes], bytes], word: str) -> None:
    bundle.write_bytes(form(bundle.read_bytes()))
    with pytest.raises(Unreadable, match=word):
        verifying.verify(bundle)


def test_a_zip_archive_is_named(bundle: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("run/run.json", "{}")
    bundle.write_bytes(buffer.getvalue())
    with pytest.raises(Unreadable, match="zip archive"):
        verifying.verify(bundle)


@pytest.mark.parametrize("data", [b"", b"\0" * 1024, b"\0" * 10240, b"no archive", b"ustar\x0000" * 500])
def test_what_is_no_archive_cannot_be_judged(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(Unreadable, match="is no bundle, or damaged beyond telling"):
        verifying.verify(tmp_path / "x")


def test_a_bundle_in_a_bundle_is_a_file_like_any_other(bundle: Path) -> None:
    inner = bundle.read_bytes()
    with_member(bundle, _sized("run/inner.tar", len(inner)), inner)
    told = findings(bundle)
    assert "added: run/inner.tar" in told
    # Its header, which is not in the form of ours, and its place after run.json are all that is told besides.
    assert all("run/inner.tar" in one for one in told)


def test_a_bundle_that_is_cut_off_anywhere_is_told(bundle: Path) -> None:
    whole = bundle.read_bytes()
    for size in range(0, len(whole), 509):
        bundle.write_bytes(whole[:size])
        try:
            assert findings(bundle)
        except Unreadable:
            assert size < 8192


@pytest.mark.parametrize("size", [1, 511, 512, 513, 1023, 1025, 1536, 4096])
def test_zeros_before_the_end_are_one_finding(bundle: Path, size: int) -> None:
    bundle.write_bytes(bundle.read_bytes() + bytes(size))
    assert len(findings(bundle)) == 1


def test_more_files_than_a_bundle_holds_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILES", 10)
    monkeypatch.setattr(limits, "MAX_SIGNATURES", 1)
    (tmp_path / "x").write_bytes(packed((f"run/{number}", b"") for number in range(40)))
    with pytest.raises(Unreadable, match="more than 10 files"):
        verifying.verify(tmp_path / "x")


def test_a_file_that_is_larger_than_a_bundle_is_not_looked_at(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(limits.MAX_BYTES + 1)
    with pytest.raises(Unreadable, match="no bundle has more"):
        verifying.verify(tmp_path / "x")


def test_headers_without_end_are_given_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "_MAX_CANDIDATES", 100)
    data = walking._MAGIC * 100_000
    walk = walking.Walk(io.BytesIO(data), size_bytes=len(data))
    assert list(walk.members()) == [walking.Gap(at=0, end=len(data))]
    assert walk._candidates == 101


@pytest.mark.parametrize("path", [names.MANIFEST, names.STATEMENT, "run/run.json"])
def test_a_file_that_is_read_as_a_whole_has_a_limit(bundle: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {one: data + b" " * 100_000 if one == path else data for one, data in members(bundle.read_bytes())}
    bundle.write_bytes(packed(files.items()))
    monkeypatch.setattr(limits, "MAX_RECORD_BYTES", 50_000)
    if path == "run/run.json":
        # Its digest is wrong already, so nobody reads it.
        assert findings(bundle)[0].startswith("altered: run/run.json: its SHA-256")
    else:
        with pytest.raises(Unreadable, match=f"{path} has more than 50000 bytes"):
            verifying.verify(bundle)


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b"null", b'{"_type": 1}', b"{}", b"1e999"]
)
def test_json_that_is_none_of_ours_is_told(signed: Path, data: bytes) -> None:
    for path in (names.STATEMENT, names.ENVELOPE):
        files = {one: data if one == path else kept for one, kept in members(signed.read_bytes())}
        changed = signed.with_name("changed.tar")
        changed.write_bytes(packed(files.items()))
        assert any(one.startswith(f"altered: {path}: ") for one in findings(changed))


def test_an_envelope_has_at_least_one_signature_and_each_key_once(signed: Path) -> None:
    said = json.loads(dict(members(signed.read_bytes()))[names.ENVELOPE])
    for signatures in ([], said["signatures"] * 2, [{**said["signatures"][0], "sig": "é"}]):
        with pytest.raises(envelope.MalformedEnvelope):
            envelope.read((json.dumps({**said, "signatures": signatures}, indent=2) + "\n").encode())
    with pytest.raises(envelope.MalformedEnvelope, match="something else"):
        envelope.read((json.dumps({**said, "payloadType": "text/plain"}, indent=2) + "\n").encode())


def _sized(path: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.size = size
    return info
