"""A product's folder gives out files from inside itself and nothing else, whatever it is asked for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_conformance.model.releases import Release
from ai_conformance.submission import folders
from ai_conformance.submission.folders import FolderError, Missing, NotAFile, Outside, TooLarge, Unreadable


@pytest.fixture
def product(tmp_path: Path) -> folders.ProductFolder:
    place = tmp_path / "v1.37" / "acme"
    (place / "logs").mkdir(parents=True)
    (place / "e2e.log").write_text("inside")
    (place / "PRODUCT.yaml").write_text("metadata:\n")
    (tmp_path / "secret").write_text("outside")
    (tmp_path / "v1.37" / "acme2").mkdir()
    (tmp_path / "v1.37" / "acme2" / "e2e.log").write_text("outside")
    return folders.folder(place)


def test_release_and_name_are_in_the_path(product: folders.ProductFolder) -> None:
    assert (product.release, product.name) == (Release(1, 37), "acme")
    assert folders.folder(product.product_file) == product
    assert folders.of(Path("some/acme")).release is None
    assert folders.of(Path("v1.37/acme/")).name == "acme"


@pytest.mark.parametrize("name", ["v01.37", "v1.037", "V1.37", "1.37", "v1.37.0", "v1.37 ", "v\uff11.37"])
def test_a_folder_that_the_program_would_find_no_checklist_for_is_of_no_release(name: str) -> None:
    assert folders.of(Path(name) / "acme").release is None


ACME = ("1.35", "v1.35/acme")


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("v1.35/acme", ACME, ACME),
        ("v1.35/group/acme", ("1.35", "v1.35/group/acme"), ("1.35", "v1.35/group/acme")),
        ("some/prefix/v1.35/group/acme", ("1.35", "some/prefix/v1.35/group/acme"), ("1.35", "v1.35/group/acme")),
        ("v1.34/old/v1.35/acme", ("1.34", "v1.34/old/v1.35/acme"), ACME),
        ("v01.35/v1.35/acme", (None, "v01.35/v1.35/acme"), ACME),
        ("v1.35/v01.35/acme", ("1.35", "v1.35/v01.35/acme"), (None, "v01.35/acme")),
        ("v1.35", ("1.35", "v1.35"), ("1.35", "v1.35")),
        ("v1.35/v2.0", ("1.35", "v1.35/v2.0"), ("1.35", "v1.35/v2.0")),
        ("v1.35.1/acme", (None, "v1.35.1/acme"), (None, "acme")),
        ("xv1.35/acme", (None, "xv1.35/acme"), (None, "acme")),
        ("acme", (None, "acme"), (None, "acme")),
    ],
)
def test_the_release_is_the_first_of_the_path_in_the_repository_or_the_nearest_where_that_is_not_known(
    tmp_path: Path, path: str, known: tuple[str | None, str], unknown: tuple[str | None, str]
) -> None:
    for root, expected in ((tmp_path, known), (None, unknown)):
        found = folders.submitted(tmp_path / path, root=root)
        assert (str(found.release) if found.release else None, found.place) == expected
        assert found.root / found.place == found.path


def test_where_the_repository_itself_lies_is_of_no_release(tmp_path: Path) -> None:
    root = tmp_path / "v1.30" / "work"
    assert folders.submitted(root / "v1.35" / "acme", root=root).release == Release(1, 35)
    assert folders.submitted(root / "v1.35" / "acme", root=None).release == Release(1, 35)
    assert folders.submitted(root / "acme", root=root).release is None


def test_a_folder_is_ordinary_where_the_program_wants_it(tmp_path: Path) -> None:
    paths = ["v1.35/acme", "v1.35", "v1.35/group/acme", "some/v1.35/acme", "acme"]
    assert [folders.submitted(tmp_path / one, root=tmp_path).ordinary for one in paths] == [True] + 4 * [False]


@pytest.mark.parametrize("path", ["e2e.log", "./e2e.log", "logs/../e2e.log", "../acme/e2e.log"])
def test_a_file_inside_is_read(product: folders.ProductFolder, path: str) -> None:
    assert product.read(path) == b"inside"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("../../secret", Outside),
        ("../acme2/e2e.log", Outside),
        ("/etc/passwd", Outside),
        ("logs/../../../secret", Outside),
        ("../../does-not-exist", Outside),
        ("nothing", Missing),
        ("e2e.log/below", Missing),
        ("logs", NotAFile),
        (".", NotAFile),
        ("", NotAFile),
        ("e2e.log\0", Unreadable),
        ("x" * 5000, Unreadable),
    ],
)
def test_anything_else_is_refused(product: folders.ProductFolder, path: str, error: type[FolderError]) -> None:
    with pytest.raises(error):
        product.read(path)


def test_links_that_leave_are_refused_and_those_that_stay_are_followed(product: folders.ProductFolder) -> None:
    (product.path / "out").symlink_to("../../secret")
    (product.path / "far").symlink_to("/")
    (product.path / "round").symlink_to("round")
    (product.path / "in").symlink_to("e2e.log")
    (product.path / "dangling").symlink_to("/does/not/exist")
    assert product.read("in") == b"inside"
    for path, error in (
        ("out", Outside),
        ("far/etc/passwd", Outside),
        ("round", Unreadable),
        ("dangling", Missing),
    ):
        with pytest.raises(error):
            product.read(path)


def test_a_pipe_a_socket_and_a_device_are_never_opened(product: folders.ProductFolder) -> None:
    os.mkfifo(product.path / "pipe")
    (product.path / "null").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(product.path / "socket"))
        for path in ("pipe", "socket"):
            with pytest.raises(NotAFile):
                product.read(path)
    with pytest.raises(Outside):
        product.read("null")


def test_a_file_that_is_too_large_is_not_read(product: folders.ProductFolder) -> None:
    with (product.path / "large").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLarge, match="1099511627776 bytes"):
        product.read("large", limit_bytes=1000)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Missing):
        folders.folder(tmp_path / "nothing")
    with pytest.raises(NotAFile):
        folders.folder(tmp_path / "file")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="./ae2.log\\~\0ü", max_size=30))
def test_no_path_reads_from_outside(product: folders.ProductFolder, path: str) -> None:
    try:
        data = product.read(path)
    except FolderError:
        return
    assert data != b"outside"
