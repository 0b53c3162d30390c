"""A copy of the program is a folder, an archive or a URL; an archive gives out nothing but what is wanted."""

from __future__ import annotations

import asyncio
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

import sample_program
from ai_conformance.model.releases import Release
from ai_conformance.submission import program_copy
from ai_conformance.submission.downloads import archives, fetching
from ai_conformance.submission.errors import SubmissionError, Unavailable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = sample_program.make(tmp_path_factory.mktemp("copy") / "ai-conformance-main")
    for name in ("v1.37/acme", "v1.36/acme", "v1.37/empty", "kars/v1"):
        (made / name).mkdir(parents=True)
    for name in ("v1.37/acme", "v1.36/acme"):
        (made / name / "PRODUCT.yaml").write_text("metadata:\n")
    (made / "docs" / "AIConformance-template.yaml").write_text("x: y\n")
    (made / "unwanted.txt").write_text("x")
    return made


def tar_of(folder: Path, *more: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, arcname=folder.name)
        for info, data in more:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zip_of(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent))
    return buffer.getvalue()


def names(copy: program_copy.ProgramCopy) -> list[tuple[str, str]]:
    return [(str(one.release), one.name) for one in copy.products()]


def test_a_folder_is_used_as_it_is(folder: Path) -> None:
    copy = program_copy.open_copy(str(folder), tell=str)
    assert copy.releases == tuple(Release(1, minor) for minor in range(33, 38))
    assert names(copy) == [("1.36", "acme"), ("1.37", "acme")]
    assert len(copy.products(release=Release(1, 37))) == 1
    assert copy.checklist(Release(1, 37)).requirements


def test_a_release_without_a_checklist_is_refused_with_those_that_have_one(folder: Path) -> None:
    with pytest.raises(SubmissionError, match=r"no checklist of release 1\.38; it has: 1\.33, .*1\.37"):
        program_copy.open_copy(str(folder), tell=str).checklist(Release(1, 38))


def test_a_newer_text_than_ours_is_named_and_no_wall(folder: Path) -> None:
    copy = program_copy.open_copy(str(folder), tell=str)
    differences = program_copy.differences(copy.checklist(Release(1, 37)))
    assert any("the description of gang_scheduling in 1.37 is not the one" in one for one in differences)


@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_an_archive_is_unpacked_once_and_only_what_is_wanted(folder: Path, tmp_path: Path, pack: object) -> None:
    archive = tmp_path / "program.archive"
    archive.write_bytes(pack(folder))  # type: ignore[operator]
    copy = program_copy.open_copy(str(archive), tell=str, cache=tmp_path / "cache")
    again = program_copy.open_copy(str(archive), tell=str, cache=tmp_path / "cache")
    assert copy == again
    assert names(copy) == [("1.36", "acme"), ("1.37", "acme")]
    assert not (copy.root / "unwanted.txt").exists()
    assert [one.name[0] for one in (tmp_path / "cache" / "program").iterdir()] != ["."]


def test_nothing_in_an_archive_leaves_its_folder(folder: Path, tmp_path: Path) -> None:
    link = tarfile.TarInfo("x/docs/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    evil = [
        tarfile.TarInfo(name) for name in ("../docs/evil", "/tmp/docs/evil", "x/docs/../../../evil", "a\\..\\docs/evil")
    ]
    data = tar_of(folder, (link, b""), *((one, b"evil") for one in evil))
    target = tmp_path / "a" / "b" / "c"
    target.mkdir(parents=True)
    archives.unpack(data, into=target, wanted=lambda path: True, source="x")
    found = [path for path in tmp_path.rglob("*") if path.name in ("evil", "link") or path.is_symlink()]
    assert found == []


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08\0garbage", b"PK\x03\x04" + b"x" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(SubmissionError, match="archive"):
        program_copy.open_copy(str(tmp_path / "x"), tell=str, cache=tmp_path / "cache")


def test_an_archive_cut_short_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    data = tar_of(folder)
    (tmp_path / "x").write_bytes(data[: len(data) // 2])
    with pytest.raises(Unavailable):
        program_copy.open_copy(str(tmp_path / "x"), tell=str, cache=tmp_path / "cache")
    assert list((tmp_path / "cache" / "program").iterdir()) == []


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 1000)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docs/AIConformance-1.37.yaml", b"\0" * 1_000_000)
    with pytest.raises(Unavailable, match="too large"):
        archives.unpack(data.getvalue(), into=tmp_path, wanted=lambda path: True, source="x")


@pytest.mark.parametrize("names", [("docs/a", "docs/a/b"), ("docs/" + "x" * 300,), ("docs/a/b", "docs/a")])
def test_names_that_no_folder_can_have_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    with pytest.raises(Unavailable, match="cannot be unpacked"):
        archives.unpack(data.getvalue(), into=tmp_path, wanted=lambda path: True, source="x")


@pytest.mark.parametrize("mode", ["gz", "bz2", "xz"])
def test_every_compression_is_read_and_its_damage_told(folder: Path, tmp_path: Path, mode: str) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{mode}") as tar:
        tar.add(folder, "x")
    whole = data.getvalue()
    assert archives.unpack(whole, into=tmp_path / "whole", wanted=lambda path: True, source="x") > 0
    for damaged in (whole[: len(whole) // 2], whole[:60] + b"\xff" * 30 + whole[90:]):
        with pytest.raises(Unavailable):
            archives.unpack(damaged, into=tmp_path / "damaged", wanted=lambda path: True, source="x")


@pytest.mark.parametrize("where", ["/does/not/exist", "."])
def test_what_is_no_copy_is_refused(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SubmissionError):
        program_copy.open_copy(where, tell=str)


class Server:
    """An archive at a URL, with an entity tag; it counts what it was asked."""

    def __init__(self, data: bytes) -> None:
        self.data, self.answers, self.url, self.broken = data, [], "", False  # type: ignore[var-annotated]

    async def elsewhere(self, request: web.Request) -> web.Response:
        places = {"moved": "/archive.tar.gz", "round": "/round", "gone": "/nothing", "file": "file:///etc/passwd"}
        return web.Response(status=302, headers={"Location": places[request.match_info["name"]]})

    async def handle(self, request: web.Request) -> web.Response:
        if self.broken:
            return web.Response(status=503)
        known = request.headers.get("If-None-Match") == '"1"'
        self.answers.append(304 if known else 200)
        return web.Response(status=304) if known else web.Response(body=self.data, headers={"ETag": '"1"'})


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """In a thread: what is tested has an event loop of its own."""
    found, loop, started, runner = Server(tar_of(folder)), asyncio.new_event_loop(), threading.Event(), None

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/archive.tar.gz", found.handle)
        app.router.add_get("/{name:moved|round|gone|file}", found.elsewhere)
        made = web.AppRunner(app)
        await made.setup()
        site = web.TCPSite(made, "127.0.0.1", 0)
        await site.start()
        found.url = f"http://127.0.0.1:{made.addresses[0][1]}/archive.tar.gz"
        return made

    def serve() -> None:
        nonlocal runner
        runner = loop.run_until_complete(start())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=serve)
    thread.start()
    assert started.wait(10)
    yield found
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_url_is_fetched_once_and_again_only_if_it_changed(server: Server, tmp_path: Path) -> None:
    first = program_copy.open_copy(server.url, tell=str, cache=tmp_path)
    second = program_copy.open_copy(server.url, tell=str, cache=tmp_path)
    assert first == second
    assert server.answers == [200, 304]
    assert len(names(first)) == 2


def test_without_an_answer_the_earlier_copy_is_used_and_said_to_be(server: Server, tmp_path: Path) -> None:
    first = program_copy.open_copy(server.url, tell=str, cache=tmp_path)
    server.broken = True
    told: list[str] = []
    assert program_copy.open_copy(server.url, tell=told.append, cache=tmp_path) == first
    assert "answered 503" in told[-1]
    assert "fetched before is used" in told[-1]


def test_a_redirect_is_followed(server: Server, tmp_path: Path) -> None:
    moved = server.url.replace("archive.tar.gz", "moved")
    assert len(names(program_copy.open_copy(moved, tell=str, cache=tmp_path))) == 2


@pytest.mark.parametrize("name", ["round", "gone", "file", "nothing"])
def test_a_redirect_that_leads_nowhere_is_told(server: Server, tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable, match=r"cannot be fetched|answered 404"):
        program_copy.open_copy(server.url.replace("archive.tar.gz", name), tell=str, cache=tmp_path)


def test_a_download_without_an_end_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 100)
    with pytest.raises(Unavailable, match="more than 100 bytes"):
        program_copy.open_copy(server.url, tell=str, cache=tmp_path)


def test_a_cache_that_cannot_be_written_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="AI_CONFORMANCE_CACHE"):
        program_copy.open_copy(server.url, tell=str, cache=tmp_path / "file")


def test_without_an_answer_and_without_a_copy_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be fetched"):
        program_copy.open_copy("http://127.0.0.1:1/x.tar.gz", tell=str, cache=tmp_path)
