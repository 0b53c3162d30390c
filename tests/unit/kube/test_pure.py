"""Quantities, results of probes, the ledger, pods' states: no cluster needed."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.kube import errors, ledger, pods, quantities, waiting


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("2", "2"),
        ("500m", "0.5"),
        ("1.5Gi", str(1.5 * 2**30)),
        ("1Ki", "1024"),
        ("2e3", "2000"),
        ("1E", str(10**18)),
        ("1E3", "1000"),
        ("-3k", "-3000"),
        (".5", "0.5"),
        ("1n", "1e-9"),
    ],
)
def test_a_quantity_is_exact(text: str, value: str) -> None:
    assert quantities.parse(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "x", "1 Gi", "1KI", "1.2.3", "1ki", "m", "1e", "٣", "1Gi\n", "NaN"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(quantities.QuantityError):
        quantities.parse(text)


@given(st.integers(-(10**30), 10**30), st.sampled_from(["", "k", "M", "Gi", "Ei", "m"]))
def test_suffixes_multiply_exactly(number: int, suffix: str) -> None:
    unit = Fraction(quantities.parse(f"1{suffix}"))
    assert Fraction(quantities.parse(f"{number}{suffix}")) == number * unit


@given(st.text(max_size=40))
def test_any_text_is_a_quantity_or_an_error(text: str) -> None:
    value: Decimal | None = None
    with contextlib.suppress(quantities.QuantityError):
        value = quantities.parse(text)
    assert value is None or value.is_finite()


def test_only_whole_things_are_counted() -> None:
    assert quantities.count("4") == 4
    with pytest.raises(quantities.QuantityError):
        quantities.count("500m")


_KEYS = st.from_regex(r"\A[A-Z][A-Z0-9_]{0,10}\Z")
_VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(_KEYS, _VALUES), st.lists(_VALUES.filter(lambda line: not line.startswith("RESULT:"))))
def test_results_are_read_back_whatever_else_is_printed(found: dict[str, str], noise: list[str]) -> None:
    lines = [*noise, *(f"RESULT: {key}={value}" for key, value in found.items()), *noise]
    assert pods.results("\n".join(lines)) == found


@pytest.mark.parametrize("log", ["RESULT: A=1\nRESULT: A=1", "RESULT: a=1", "RESULT:A=1", "RESULT: A", "RESULT: A=1\r"])
def test_a_result_beyond_doubt_or_none(log: str) -> None:
    with pytest.raises(errors.MalformedResult):
        pods.results(log)


def _entry(name: str, *, uid: str | None = None) -> ledger.Entry:
    return ledger.Entry(
        api_version="v1",
        kind="Pod",
        plural="pods",
        namespaced=True,
        name=name,
        namespace="n",
        run="r",
        actor="check/x",
        uid=uid,
    )


def test_a_ledger_knows_what_is_not_gone_yet(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.jsonl"
    book = ledger.Ledger(path)
    for name in ("a", "b", "c"):
        book.record(_entry(name))
    book.confirm(_entry("b"), uid="u")
    book.gone(_entry("c"))
    assert ledger.read(path) == (_entry("a"), _entry("b", uid="u"))
    book.close()
    assert ledger.Ledger(path).open_entries == (_entry("a"), _entry("b", uid="u"))


@given(st.lists(st.tuples(st.sampled_from("rcg"), st.sampled_from("abc")), max_size=12), st.data())
def test_a_ledger_torn_anywhere_gives_what_was_whole(steps: list[tuple[str, str]], data: st.DataObject) -> None:
    lines = []
    for step, name in steps:
        fact = {"r": "intent", "c": "made", "g": "gone"}[step]
        entry = _entry(name, uid="u" if step == "c" else None)
        lines.append(json.dumps({"fact": fact, **{key: getattr(entry, key) for key in ledger._FIELDS}}))
    whole = "\n".join(lines) + "\n"
    cut = data.draw(st.integers(0, len(whole)))
    kept = whole[:cut].count("\n") + (whole[:cut].rpartition("\n")[2] in lines)
    assert ledger.parse(whole[:cut].split("\n")) == ledger.parse(lines[:kept])


def test_writing_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"fact": "int')
    book = ledger.Ledger(path)
    book.record(_entry("a"))
    book.close()
    assert ledger.read(path) == (_entry("a"),)


def test_a_ledger_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.LedgerError, match="cannot be written"):
        ledger.Ledger(tmp_path / "file" / "ledger.jsonl").record(_entry("a"))
    with pytest.raises(errors.LedgerError, match="cannot be read"):
        ledger.read(tmp_path / "nowhere")


def test_a_probe_pod_is_restricted_and_ends_by_itself() -> None:
    made = pods.probe_pod(
        "p",
        namespace="n",
        containers=[pods.Container(name="c", image="i", script=pods.HOLD, claims=["d/one"])],
        node="n1",
        claims={"d": {"resourceClaimTemplateName": "t"}},
    )
    spec = made["spec"]
    assert spec["activeDeadlineSeconds"] > 0
    assert spec["terminationGracePeriodSeconds"] == 1
    assert spec["automountServiceAccountToken"] is False
    container = spec["containers"][0]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["claims"] == [{"name": "d", "request": "one"}]


def _waiting(reason: str) -> dict[str, object]:
    state = {"waiting": {"reason": reason, "message": "why"}}
    return {"metadata": {"name": "p"}, "status": {"containerStatuses": [{"name": "c", "state": state}]}}


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "CrashLoopBackOff", "CreateContainerConfigError"])
def test_a_pod_that_cannot_recover_says_why(reason: str) -> None:
    said = pods.stuck_reason(_waiting(reason))
    assert said is not None
    assert reason in said


def test_a_pod_on_its_way_is_not_stuck() -> None:
    assert pods.stuck_reason(_waiting("ContainerCreating")) is None
    assert pods.stuck_reason({"metadata": {}, "status": {"phase": "Pending"}}) is None


def test_a_pod_that_the_kubelet_refused_says_why() -> None:
    refused = {"phase": "Failed", "reason": "UnexpectedAdmissionError", "message": "no such device"}
    assert "UnexpectedAdmissionError" in str(pods.stuck_reason({"metadata": {"name": "p"}, "status": refused}))


def test_waits_are_told_and_added_up() -> None:
    told: list[waiting.Waiting] = []
    waits = waiting.Waits(told.append)
    with waiting.observed(waits):
        with waiting.waiting("pod running"):
            assert [one.what for one in waits.current] == ["pod running"]
        with waiting.waiting("pod running"):
            pass
    assert waits.current == ()
    assert list(waits.seconds) == ["pod running"]
    assert [one.waited_s is None for one in told] == [True, False, True, False]
