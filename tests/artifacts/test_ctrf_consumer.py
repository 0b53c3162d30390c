"""The schema that the makers of CTRF publish, from their own package, reads our reports; so it does our description."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from ai_conformance.reports import ctrf, run_folder
from formats_read import CTRF
from generated_runs import RUNS
from sample_runs import hostile_run, sound_run
from samples import RUN

from .conftest import cache_root

PACKAGE = "ctrf@0.3.0"
FILE = "package/dist/ctrf-schema-0.0.json"
SHA512 = "2luVgKCF/A/pgMKY54AUdicCNbU+Hy3Bl+xwcp98inASt/0fnoNC/A4Bwh/GO47cIuD5c7SS3MY/DY42dPf4zQ=="


@pytest.fixture(scope="session")
def official() -> jsonschema.Draft7Validator:
    """The published schema of the pinned version; downloaded once."""
    kept = cache_root() / "tools" / f"{PACKAGE.replace('@', '-')}.tgz"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _download(kept)
    assert base64.b64encode(hashlib.sha512(kept.read_bytes()).digest()).decode() == SHA512
    with tarfile.open(kept) as archive:
        member = archive.extractfile(FILE)
        assert member is not None
        schema = json.loads(member.read())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())


def _download(target: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: the schema that CTRF's makers publish cannot be had here")
    folder = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    folder.mkdir()
    try:
        command = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder)
        assert done.returncode == 0, done.stderr[-2000:]
        (packed,) = folder.iterdir()
        packed.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def problems(validator: Any, report: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(report)]


@pytest.mark.parametrize("run", [sound_run(), hostile_run(), run_folder.read(RUN)], ids=["sound", "hostile", "real"])
def test_the_published_schema_takes_our_reports(run, official):
    assert problems(official, json.loads(ctrf.ctrf_text(run))) == []


@given(run=RUNS)
@settings(max_examples=30, deadline=None)
def test_the_published_schema_takes_a_report_of_any_run(run, official):
    assert problems(official, json.loads(ctrf.ctrf_text(run))) == []


def broken_reports() -> dict[str, Any]:
    """One fault each."""
    made = {}
    for name, (way, key, value) in {
        "an unknown state": (("results", "tests", 0), "status", "green"),
        "a state in capitals": (("results", "tests", 0), "status", "PASSED"),
        "a fraction of a millisecond": (("results", "tests", 0), "duration", 1.5),
        "no name": (("results", "tests", 0), "name", ""),
        "a suite that is no list": (("results", "tests", 0), "suite", "x"),
        "an unknown key of a test": (("results", "tests", 0), "verdict", "PASS"),
        "an unknown key of the summary": (("results", "summary"), "errors", 1),
        "a count that is text": (("results", "summary"), "failed", "1"),
        "another format": ((), "reportFormat", "JUnit"),
        "a version that is none": ((), "specVersion", "v1"),
        "an id that is no UUID": ((), "reportId", "abc"),
    }.items():
        report = json.loads(ctrf.ctrf_text(sound_run()))
        place = report
        for step in way:
            place = place[step]
        place[key] = value
        made[name] = report
    return made


@pytest.mark.parametrize("name", broken_reports())
def test_our_description_refuses_what_the_published_schema_refuses(name, official):
    report = broken_reports()[name]
    assert problems(official, report)
    assert problems(CTRF, report)
