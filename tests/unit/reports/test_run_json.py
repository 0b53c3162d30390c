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
    if "schema" not in message:
        schema = json.loads(run_json.SCHEMA_PATH.read_text())
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(raw))


@pytest.mark.parametrize("key", ["run_id", "interrupted", "profile"])
def test_a_missing_key_is_an_error_even_where_the_model_has_a_default(key):
    raw = json.loads(run_json.run_text(sound_run()))
    del raw[key]
    with pytest.raises(run_json.UnreadableRun, match=key):
        run_json.read_run(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1, "a": 2}', '{"a": NaN}', b"\xff"])
def test_what_is_no_object_is_an_error(text):
    with pytest.raises(run_json.UnreadableRun, match=r"run\.json"):
        run_json.read_run(text)
