"""run.json is read back as it was written, and only if every part of it is understood."""

from __future__ import annotations

import json

import jsonschema
import pytest

from ai_conformance.reports import run_json
from sample_runs import a_check, a_run, hostile_run, sound_run


def test_a_run_is_read_back_as_it_was():
    assert run_json.read_run(run_json.run_text(sound_run())) == sound_run()


def test_lone_surrogates_are_replaced_and_the_rest_is_kept():
    read = run_json.read_run(run_json.run_text(a_run(a_check(reason="a\udc80b\x00\u2028"))))
    assert read.checks[0].reason == "a\ufffdb\x00\u2028"


@pytest.mark.parametrize("make", [sound_run, hostile_run])
def test_a_run_can_be_had_as_it_will_be_read_back(make):
    assert run_json.as_stored(make()) == run_json.read_run(run_json.run_text(make()))


def test_the_schema_in_the_package_is_that_of_the_model():
    assert run_json.SCHEMA_PATH.read_text() == run_json.schema_text(), "run scripts/write-run-schema"


@pytest.mark.parametrize("make", [sound_run, hostile_run])
def test_a_run_satisfies_the_schema(make):
    schema = json.loads(run_json.SCHEMA_PATH.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(json.loads(run_json.run_text(make())))) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("extra",), 1, "top level: unknown key 'extra'"),
        (("checks", 0, "cases", 0, "colour"), 1, "checks[0].cases[0]: unknown key 'colour'"),
        (("checks", 0, "verdict"), "GREEN", "checks.0.verdict"),
        (("checks", 0, "api_requests"), "12", "checks.0.api_requests"),
        (("cluster", "nodes"), 1.5, "cluster.nodes"),
        (("started_at",), "2026-11-24T10:00:00", "started_at: a time without its zone"),
        (("started_at",), "0001-01-01T00:00:00+14:00", "started_at: no run was at that time"),
        (("ended_at",), "9999-12-31T23:59:59-14:00", "ended_at: no run was at that time"),
        (("checks", 0, "duration_s"), 1e300, "checks[0].duration_s: no run takes so long"),
        (("checks", 0, "waits_s", "long"), -1e300, "checks[0].waits_s.long: no run takes so long"),
        (("schema_version",), 2, "schema_version 2"),
        (("schema_version",), True, "schema_version True"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_the_place(path, value, message):
    raw = json.loads(run_json.run_text(sound_run()))
    *way, last = path
    place = raw
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(run_json.UnreadableRun) as raised:
        run_json.read_run(json.dumps(raw))
    assert message in str(raised.value)
    if not any(one in message for one in ("schema", "no run", "zone")):
        schema = json.loads(run_json.SCHEMA_PATH.read_text())
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(raw))


@pytest.mark.parametrize("key", ["run_id", "interrupted", "profile"])
def test_a_missing_key_is_an_error_even_where_the_model_has_a_default(key):
    raw = json.loads(run_json.run_text(sound_run()))
    del raw[key]
    with pytest.raises(run_json.UnreadableRun, match=key):
        run_json.read_run(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1, "a": 2}', '{"a": NaN}', b"\xff", "[" * 100_000])
def test_what_is_no_object_is_an_error(text):
    with pytest.raises(run_json.UnreadableRun, match=r"run\.json"):
        run_json.read_run(text)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 4000])
def test_a_number_beyond_all_bounds_is_an_error(number):
    text = run_json.run_text(sound_run()).replace('"duration_s": 3.5', f'"duration_s": {number}', 1)
    with pytest.raises(run_json.UnreadableRun, match="no run takes so long"):
        run_json.read_run(text)
