"""``run.json``: a run as data, written and read back without loss, and the JSON Schema that describes it.

The reader is strict. A key that is missing, unknown or given twice, a value of another type and a version that this
tool does not know are errors that name the place: a verdict must not come from a file that was half understood.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ai_conformance.model.records import CheckRecord, RunRecord

if TYPE_CHECKING:
    import pydantic  # takes long to import, and who only writes a journal needs none of it

SCHEMA_VERSION: Final = 1
SCHEMA_PATH: Final = Path(__file__).parent / "schema" / "run.schema.json"

# A run takes hours; what lasts for more than a century cannot even be added to a time.
_LONGEST_S: Final = 100 * 366 * 24 * 3600
_YEARS: Final = range(1970, 3000)

_SCHEMA_ID: Final = "urn:ai-conformance:run:v1"

# Keys of later versions of the tool under the same schema_version, written where they say something: a file without one
# is as valid as before.
_ADDED: Final = frozenset({"catalog_version", "plan", "resumed_at"})


class UnreadableRun(Exception):  # noqa: N818 - it says what the file is
    """The file is not a run that this version can read; the message names the place and what is wrong."""


def run_text(run: RunRecord) -> str:
    """The content of ``run.json``: indented, ASCII only, keys in the order of the model."""
    return json.dumps(plain(run), indent=2, allow_nan=False) + "\n"


def read_run(text: str | bytes) -> RunRecord:
    """The run that a ``run.json`` describes.

    Raises `UnreadableRun`.
    """
    try:
        return _read(text)
    except RecursionError:
        raise UnreadableRun("run.json is nested too deeply") from None


def _read(text: str | bytes) -> RunRecord:
    try:
        raw = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except ValueError as error:
        raise UnreadableRun(f"run.json is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise UnreadableRun(f"run.json holds a {type(raw).__name__}, not an object")
    version = raw.get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise UnreadableRun(
            f"run.json has schema_version {version!r}; this version of the tool reads {SCHEMA_VERSION}. "
            "Read it with the version of the tool that wrote it (tool_version)."
        )
    run: RunRecord = _validated(RunRecord, raw, what="run.json")
    beyond = next(_beyond(run, place=""), None)
    if beyond is not None:
        raise UnreadableRun(f"run.json, {beyond}")
    difference = next(_differences(raw, json.loads(run_text(run)), place=""), None)
    if difference is not None:
        raise UnreadableRun(f"run.json, {difference}")
    return run


def read_check(data: Mapping[str, Any]) -> CheckRecord:
    """The check that `plain` made data of. Raises `UnreadableRun`."""
    check: CheckRecord = _validated(CheckRecord, data, what="the record of a check")
    return check


def lines_of_records(run: RunRecord) -> list[tuple[int, list[int]]]:
    """For each check of a run the line of ``run.json``, from 1, at which it begins, and those of its cases.

    No string holds a line end in JSON, so what a line begins with tells what it is.
    """
    found: list[tuple[int, list[int]]] = []
    section = part = ""
    for number, line in enumerate(run_text(run).split("\n"), start=1):
        if opened := re.match(r'  "(\w+)": [\[{]\Z', line):
            section = opened[1]
        elif opened := re.match(r'      "(\w+)": [\[{]\Z', line):
            part = opened[1]
        elif section == "checks" and line == "    {":
            found.append((number, []))
        elif section == "checks" and part == "cases" and line == "        {":
            found[-1][1].append(number)
    return found


def as_stored(run: RunRecord) -> RunRecord:
    """The run as it is read back: what JSON cannot hold is replaced. Other reports are made of this, to agree."""
    stored: RunRecord = _stored(run)
    return stored


def schema() -> dict[str, Any]:
    """The JSON Schema of ``run.json`` (draft 2020-12), made from the model."""
    made = _adapter(RunRecord).json_schema(mode="serialization")
    for definition in (made, *made["$defs"].values()):
        if definition.get("type") == "object":
            definition["additionalProperties"] = False
            definition["required"] = [name for name in definition["properties"] if name not in _ADDED]
    made["properties"]["schema_version"] = {"const": SCHEMA_VERSION, "title": "Schema Version", "type": "integer"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _SCHEMA_ID,
        **made,
        "title": "A run of ai-conformance",
    }


def schema_text() -> str:
    """The content of the schema file in the package data."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


def _validated(kind: type, raw: Mapping[str, Any], *, what: str) -> Any:
    import pydantic  # noqa: PLC0415 - see above

    try:
        return _adapter(kind).validate_json(json.dumps(raw), strict=True)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or what
        raise UnreadableRun(f"{what}, {place}: {first['msg']}") from error


@functools.cache
def _adapter(kind: type) -> pydantic.TypeAdapter[Any]:
    import pydantic  # noqa: PLC0415 - see above

    return pydantic.TypeAdapter(kind)


def plain(value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of value
    """Records and what is in them as data that JSON can hold."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {name: item for name, item in fields.items() if item or name not in _ADDED}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return value


def _whole(text: str) -> str:
    # What a container printed may hold lone surrogates, which no strict reader of JSON takes.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _stored(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _stored(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if type(value) is str:
        return _whole(value)
    if isinstance(value, tuple):
        return tuple(_stored(item) for item in value)
    if isinstance(value, Mapping):
        return {_whole(key): _stored(item) for key, item in value.items()}
    return value


def _beyond(value: Any, *, place: str) -> Iterator[str]:
    """Times and durations that no run has, and that no report could be made of."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _beyond(getattr(value, field.name), place=f"{place}.{field.name}" if place else field.name)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _beyond(item, place=f"{place}[{index}]")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _beyond(item, place=f"{place}.{key}")
    elif isinstance(value, datetime) and (value.tzinfo is None or value.year not in _YEARS):
        yield f"{place}: {'a time without its zone' if value.tzinfo is None else 'no run was at that time'}"
    elif isinstance(value, float) and not abs(value) <= _LONGEST_S:
        yield f"{place}: no run takes so long"


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} is there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _differences(given: Any, understood: Any, *, place: str) -> Iterator[str]:
    """Where the file and what was understood of it have different keys."""
    if isinstance(given, dict) and isinstance(understood, dict):
        for key in sorted(given.keys() - understood.keys()):
            yield f"{place or 'top level'}: unknown key {key!r}"
        for key in sorted(understood.keys() - given.keys() - _ADDED):
            yield f"{place or 'top level'}: the key {key!r} is missing"
        for key in given.keys() & understood.keys():
            yield from _differences(given[key], understood[key], place=f"{place}.{key}" if place else key)
    elif isinstance(given, list) and isinstance(understood, list):
        for index, (left, right) in enumerate(zip(given, understood, strict=True)):
            yield from _differences(left, right, place=f"{place}[{index}]")
