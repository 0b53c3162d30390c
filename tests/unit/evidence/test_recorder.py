"""Evidence is on disk as soon as it is kept: redacted, bounded, under names that are safe."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.evidence import recorder
from ai_conformance.evidence.recorder import CannotRecord, Evidence, safe_name, shorten


def test_paths_are_relative_to_the_run_and_bear_the_case(tmp_path):
    evidence = Evidence(tmp_path)
    store = evidence.case("gang_scheduling", name="PositiveGangScheduling", variant="DRA-n1")
    paths = [store.write_json("pod", {"b": 1, "a": [2]}), store.write_text("probe.log", "hello\n")]
    folder = "evidence/gang_scheduling/PositiveGangScheduling/DRA-n1"
    assert paths == [f"{folder}/pod.json", f"{folder}/probe.log"]
    assert (tmp_path / paths[0]).read_text() == '{\n  "a": [\n    2\n  ],\n  "b": 1\n}\n'
    assert (tmp_path / paths[1]).read_text() == "hello\n"


def test_everything_is_redacted_and_counted(tmp_path):
    evidence = Evidence(tmp_path)
    store = evidence.case("x", name="Y")
    store.write_json("secret", {"kind": "Secret", "data": {"key": "canary"}})
    store.write_text("log", "DB_PASSWORD=canary")
    assert not any("canary" in path.read_text() for path in tmp_path.rglob("*.*") if path.is_file())
    assert evidence.redacted.as_mapping() == {"environment": 1, "secret-data": 1}


def test_a_name_used_again_replaces_what_it_held(tmp_path):
    store = Evidence(tmp_path).case("x", name="Y")
    assert store.write_text("log", "one") == store.write_text("log", "two")
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["two"]


def test_a_large_object_is_kept_as_a_cut_log(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "JSON_LIMIT_BYTES", 1000)
    monkeypatch.setattr(recorder, "LOG_LIMIT_BYTES", 500)
    path = Evidence(tmp_path).case("x", name="Y").write_json("pods", list(range(1000)))
    assert path == "evidence/x/Y/pods.json.log"
    assert "bytes cut" in (tmp_path / path).read_text()


@given(st.text())
def test_names_are_safe(name):
    safe = safe_name(name, suffix=".json")
    assert Path(safe).name == safe
    assert safe.isascii()
    assert not safe.startswith(".")
    assert len(safe) < 130
    assert safe.endswith(".json")


@given(st.lists(st.text(alphabet="ab/ .\u2028", max_size=5), unique=True, min_size=2, max_size=2))
def test_different_names_are_different_files(names):
    first, second = (safe_name(name, suffix=".log") for name in names)
    assert (first != second) or names[0].removesuffix(".log") == names[1].removesuffix(".log")


@given(st.lists(st.text(alphabet="ab\xe9\n", max_size=30), max_size=60).map("\n".join), st.integers(40, 400))
def test_a_long_log_keeps_its_beginning_and_its_end(text, limit_bytes):
    short = shorten(text, limit_bytes=limit_bytes)
    if len(text.encode()) <= limit_bytes:
        assert short == text
        return
    head, note, tail = short.partition("[... ")
    missing, _, tail = tail.partition(" bytes cut ...]\n")
    assert note
    assert text.startswith(head.removesuffix("\n"))
    assert text.endswith(tail)
    assert len(short.encode()) <= limit_bytes + 50
    assert int(missing) + len(head.encode()) + len(tail.encode()) in {len(text.encode()), len(text.encode()) + 1}


def test_text_that_is_no_unicode_is_kept_escaped(tmp_path):
    path = Evidence(tmp_path).case("x", name="Y").write_text("log", "a\udc80")
    assert (tmp_path / path).read_text() == "a\\udc80"


def test_a_full_disk_is_said_and_leaves_no_half_file(tmp_path, monkeypatch):
    def full(_self, _content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotRecord, match=r"log\.log: no space left on device"):
        Evidence(tmp_path).case("x", name="Y").write_text("log", "text")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_json_of_any_kind_of_value_is_written(tmp_path):
    path = Evidence(tmp_path).case("x", name="Y").write_json("odd", {"path": Path("/x"), 1: (1, None, True)})
    assert json.loads((tmp_path / path).read_text()) == {"path": "/x", "1": [1, None, True]}
