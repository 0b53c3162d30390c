"""What reads a bundle takes any bytes: they are what they should be, or they are said not to be, and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
from typing import Any

import hypothesis
from hypothesis import strategies

import sample_runs
from ai_conformance.evidence.bundle import agreement, layout, manifest, statement, walking
from ai_conformance.reports import run_json

BLOCKS = strategies.one_of(
    strategies.binary(max_size=700),
    strategies.just(bytes(512)),
    strategies.just(layout.END),
    strategies.builds(
        lambda name, size, kind: tarfile.TarInfo.tobuf(_typed(name, size, kind), tarfile.PAX_FORMAT),
        strategies.text(max_size=120).filter(lambda one: "\0" not in one and one.isprintable()),
        strategies.integers(min_value=0, max_value=2000),
        strategies.sampled_from([b"0", b"\0", b"5", b"x", b"g", b"L", b"S"]),
    ),
)


def _typed(path: str, size: int, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.size = size
    info.type = kind
    return info


@hypothesis.given(strategies.lists(BLOCKS, max_size=6))
def test_every_byte_of_anything_belongs_to_something_and_nothing_to_two(blocks: list[bytes]) -> None:
    data = b"".join(blocks)
    at = 0
    for one in walking.Walk(io.BytesIO(data), size_bytes=len(data)).members():
        assert one.end > one.at
        assert one.at == at if isinstance(one, walking.Gap) else one.at >= at - layout.BLOCK
        at = one.end if isinstance(one, walking.Gap) else one.end + layout.padding(one.size_bytes)
    assert at <= len(data) + layout.BLOCK


@hypothesis.given(
    strategies.dictionaries(strategies.from_regex(r"run/[!-~é ]{1,20}", fullmatch=True), strategies.just("a" * 64))
)
def test_a_manifest_is_read_as_it_was_written(digests: dict[str, str]) -> None:
    assert manifest.read(manifest.text(digests).encode()) == digests


@hypothesis.given(strategies.binary(max_size=200))
def test_what_is_no_manifest_is_only_ever_malformed(data: bytes) -> None:
    with contextlib.suppress(manifest.MalformedManifest):
        assert manifest.text(manifest.read(data)).encode() == data


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner, max_size=3),
    max_leaves=8,
)


def put(place: Any, way: list[int], value: object) -> None:
    """Put a value in the place of something that is somewhere in data."""
    key: Any = None
    for step in way:
        following = place if key is None else place[key]
        if not isinstance(following, dict | list) or not following:
            break
        place = following
        key = list(place)[step % len(place)] if isinstance(place, dict) else step % len(place)
    place[key] = value


@hypothesis.given(strategies.lists(strategies.integers(min_value=0, max_value=30), max_size=5), JSON)
def test_a_statement_with_anything_anywhere_in_it_is_only_ever_malformed(way: list[int], value: object) -> None:
    raw = json.loads(SAID)
    if way:
        put(raw, way, value)
    else:
        raw = value
    data = (json.dumps(raw, indent=2) + "\n").encode()
    with contextlib.suppress(statement.MalformedStatement):
        assert statement.text(statement.read(data)).encode() == data


SAID = """{
  "_type": "https://in-toto.io/Statement/v1",
  "subject": [{"name": "run/run.json", "digest": {"sha256": "00"}}],
  "predicateType": "urn:ai-conformance:run-verdicts:v1",
  "predicate": {
    "run": {"run_id": "a", "release": "1.37", "tool_version": "1", "catalog_version": "sha256:0", "profile": "lab",
      "command": [], "plan": [{"requirement": "a", "action": "run", "reason": ""}], "started_at": "a",
      "ended_at": "b", "interrupted": false,
      "cluster": {"uid": "a", "server_version": "b", "nodes": 1, "accelerators": []}},
    "verdicts": [{"requirement": "a", "level": "MUST", "automated": true, "verdict": "PASS", "reason": "", "cases": {}}]
  }
}
"""


RECORD = run_json.run_text(sample_runs.a_run(sample_runs.a_check(cases=(sample_runs.a_case(),))))


@hypothesis.given(strategies.lists(strategies.integers(min_value=0, max_value=30), min_size=1, max_size=6), JSON)
def test_of_any_record_that_can_be_read_everything_can_be_made(way: list[int], value: object) -> None:
    raw = json.loads(RECORD)
    put(raw, way, value)
    with contextlib.suppress(agreement.NoRecord):
        record = agreement.record(json.dumps(raw).encode())
        assert list(agreement.differences(record, files=(), read=lambda _: b""))
        statement.text(statement.of(record, digests={}))


def test_that_statement_is_one() -> None:
    said = json.dumps(json.loads(SAID), indent=2) + "\n"
    assert statement.text(statement.read(said.encode())) == said
