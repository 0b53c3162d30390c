"""``statement.json``: an in-toto statement that says of the run's files whose run it was and what came of it.

The subjects are the files with their digests, and the predicate is the run's identity and its verdicts, all of it from
``run.json``. The form is https://in-toto.io/Statement/v1. The Python package of that framework had its last release in
2023 and asks for a protocol buffer runtime; the statement is four keys of JSON, which pydantic holds to their types.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import pydantic

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import run_json

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:ai-conformance:run-verdicts:v1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""What the envelope says that it holds."""

_STRICT: Final = pydantic.ConfigDict(extra="forbid", strict=True)


class MalformedStatement(Exception):  # noqa: N818 - it says what the file is
    """The file is no statement about a run; the message names the place."""


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Digest:
    """The digest of a file."""

    sha256: str


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Subject:
    """A file that the statement is about."""

    name: str
    digest: Digest


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Cluster:
    """The cluster that was judged; see `ClusterRecord`."""

    uid: str
    server_version: str
    nodes: int
    accelerators: list[str]


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Planned:
    """What the run set out to do about one requirement; see `PlannedRecord`."""

    requirement: str
    action: str
    reason: str


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Run:
    """The run's identity; see `RunRecord`."""

    run_id: str
    release: str
    tool_version: str
    catalog_version: str
    profile: str
    command: list[str]
    plan: list[Planned]
    started_at: str
    ended_at: str
    interrupted: bool
    cluster: Cluster


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Judged:
    """What came of one requirement; see `CheckRecord`."""

    requirement: str
    level: str
    automated: bool
    verdict: Literal["PASS", "FAIL", "NOT_APPLICABLE", "NOT_TESTED", "SKIPPED", "BLOCKED", "ERROR"]
    reason: str
    cases: dict[str, int]
    """How many cases had which verdict."""


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Predicate:
    """What is said about the files."""

    run: Run
    verdicts: list[Judged]


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class Statement:
    """The whole. The first key is `_type` in the file, which no field of Python may be named."""

    type: Literal["https://in-toto.io/Statement/v1"]
    subject: list[Subject]
    predicateType: Literal["urn:ai-conformance:run-verdicts:v1"]  # noqa: N815 - the name that in-toto gave it
    predicate: Predicate

    @property
    def digests(self) -> dict[str, str]:
        """The digests of the files by their paths."""
        return {one.name: one.digest.sha256 for one in self.subject}


def of(record: RunRecord, *, digests: Mapping[str, str]) -> Statement:
    """The statement about a run and its files; the same of both gives the same."""
    # As run.json has it, so that the two can be compared by anybody.
    plain = json.loads(run_json.run_text(record))
    taken = {"catalog_version": "", "plan": [], **plain}
    taken = {field.name: taken[field.name] for field in dataclasses.fields(Run) if field.name != "cluster"}
    taken["plan"] = [Planned(**one) for one in taken["plan"]]
    return Statement(
        type=STATEMENT_TYPE,
        subject=[Subject(name=path, digest=Digest(sha256=digests[path])) for path in sorted(digests, key=str.encode)],
        predicateType=PREDICATE_TYPE,
        predicate=Predicate(
            run=Run(cluster=Cluster(**plain["cluster"]), **taken),
            verdicts=[_judged(one) for one in plain["checks"]],
        ),
    )


def text(statement: Statement) -> str:
    """The content of the file: indented, ASCII only, so that what a container printed cannot pose as something else."""
    return json.dumps(_named(statement), indent=2) + "\n"


def read(data: bytes) -> Statement:
    """The statement in a file. Raises MalformedStatement, also where it is not written as `text` writes it."""
    try:
        raw = json.loads(data)
        if not isinstance(raw, dict) or "type" in raw:
            raise MalformedStatement("it is no in-toto statement")
        renamed = {("type" if key == "_type" else key): item for key, item in raw.items()}
        found = _adapter().validate_json(json.dumps(renamed))
    except RecursionError:
        raise MalformedStatement("it is nested too deeply") from None
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedStatement(f"{place}: {first['msg']}") from None
    except ValueError as error:
        raise MalformedStatement(f"it is not JSON: {error}") from None
    if len(found.digests) != len(found.subject):
        raise MalformedStatement("a file is there twice among its subjects")
    written = text(found).encode()
    if written != data:
        pairs = enumerate(zip(written, data, strict=False))
        at = next((number for number, (left, right) in pairs if left != right), min(len(written), len(data)))
        raise MalformedStatement(f"from byte {at} on it is not written as a statement is")
    return found


def differences(found: Statement, made: Statement) -> Iterator[str]:
    """Where what a statement says of the run is not what was made of the run's record."""
    yield from _differences(_named(found)["predicate"], _named(made)["predicate"], place="predicate")


def _judged(check: Mapping[str, Any]) -> Judged:
    counts = {verdict.value: sum(one["verdict"] == verdict for one in check["cases"]) for verdict in Verdict}
    return Judged(
        cases={name: count for name, count in counts.items() if count},
        **{name: check[name] for name in ("requirement", "level", "automated", "verdict", "reason")},
    )


def _named(statement: Statement) -> dict[str, Any]:
    plain = dataclasses.asdict(statement)
    return {"_type": plain.pop("type"), **plain}


def _differences(found: Any, made: Any, *, place: str) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(made, dict):
        for key in sorted(found.keys() | made.keys()):
            yield from _differences(found.get(key), made.get(key), place=f"{place}.{key}")
    elif isinstance(found, list) and isinstance(made, list) and len(found) == len(made):
        for index, (left, right) in enumerate(zip(found, made, strict=True)):
            yield from _differences(left, right, place=f"{place}[{index}]")
    elif found != made:
        yield f"{place} is {_short(found)}, and run.json says {_short(made)}"


def _short(value: Any) -> str:
    said = json.dumps(value)
    return said if len(said) <= 80 else f"{said[:79]}…"


@functools.cache
def _adapter() -> pydantic.TypeAdapter[Statement]:
    return pydantic.TypeAdapter(Statement)
