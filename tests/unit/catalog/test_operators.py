"""Operators in the catalog: objects of any form as data, and what is refused with its place."""

from __future__ import annotations

import pytest

from ai_conformance import catalog
from ai_conformance.catalog import CatalogError, Tried, UnknownName, strict
from ai_conformance.catalog.operators import Operator

OWN = """\
operators:
  - name: acme
    title: Acme
    group: acme.example
    kind: Thing
    plural: things
    versions: [v1]
    pod_labels: [app=acme]
    trial:
      object: {apiVersion: acme.example/v1, kind: Thing, spec: {count: 2, on: true, none: null}}
      children: [{api_version: v1, kind: Pod}]
      update: {change: {path: /spec/count, value: 3}, kind: Pod, count: 3}
    source: its documentation
    tried: none
"""


def read(text: str) -> Operator:
    (found,) = strict.parse(text, Operator, key="operators", source="own.yaml")
    return found.entry


def test_an_object_is_read_as_plain_data() -> None:
    trial = read(OWN).trial
    assert trial is not None
    assert trial.object["spec"] == {"count": 2, "on": True, "none": None}
    assert trial.update is not None
    assert trial.update.change.value == 3


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("count: 2, on", "count: 2.5, on", "own.yaml:10:72: a text, a whole number, true or false is expected"),
        ("/spec/count", "spec.count", "'spec.count' is no JSON pointer"),
        (", kind: Pod, count: 3", "", "an update is seen by a condition"),
        ("    pod_labels: [app=acme]\n", "", "acme has a trial, which needs versions, and pod_labels or images"),
        ("plural", "plurals", "there is no key 'plurals'; did you mean plural or pod_labels?"),
    ],
)
def test_a_mistake_is_refused(wrong: str, right: str, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read(OWN.replace(wrong, right))
    assert message in str(caught.value)


def test_an_unknown_operator_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"no operator 'jobse'; did you mean jobset\?"):
        catalog.load().operator("jobse")


def test_none_that_is_known_by_name_only_claims_to_have_been_tried() -> None:
    assert {one.tried for one in catalog.load().operators if one.trial is None} == {Tried.NONE}
