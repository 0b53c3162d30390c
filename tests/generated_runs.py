"""Records of runs as no sane platform would leave them: hostile text in every field, names twice, odd numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from ai_conformance.model.records import (
    CaseKind,
    CaseRecord,
    CheckRecord,
    ClusterRecord,
    LogLine,
    PlannedRecord,
    RunRecord,
)
from ai_conformance.model.verdicts import Verdict
from sample_runs import FORGERY

# What some reader takes for an end, a beginning, an escape, or more than it can hold.
PIECES = [
    "\n", "\r", "\r\n", "\v", "\f", "\t", "\x00", "\x16", "\x1b[2K", "\x1b]8;;x\x07", "\x7f", "\x85", "\u2028",
    "\u202e", "\udc80", "\ud800", "\ufffe", "]]>", "<!--", "</system-out>", "<b onclick=x>", "&lt;", "&#0;",
    "--- PASS: TestX (0.00s)", "--- FAIL: X", "=== RUN   TestX", "PASS", "ok  \tx\t0.1s", '{"Action":"pass"}', '"', "'",
    "\\", "`", "```", "~~~", "[a](b)", "![x](y)", "<http://x.example>", "# h", "| c |", "- [ ] t", "***", "%0A",
    "::error::x", "../..", "/", "#01", "x" * 1100, " ",
]  # fmt: skip

TEXT = st.one_of(
    st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=4), max_size=5).map(
        "".join
    ),
    st.just(FORGERY.replace("long " * 2000, "long")),
)
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),
    max_value=datetime(2200, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))]),
)
SECONDS = st.floats(min_value=-10, max_value=1e6) | st.just(0.0)
VERDICTS = st.sampled_from(list(Verdict))
LOGS = st.lists(st.builds(LogLine, at=MOMENTS, text=TEXT), max_size=2).map(tuple)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)

CASES = st.builds(
    CaseRecord,
    name=TEXT | st.sampled_from(["PositiveAccessTest", "Other"]),
    variant=TEXT | st.sampled_from(["", "DRA-n1"]),
    kind=st.sampled_from(list(CaseKind)),
    verdict=VERDICTS,
    reason=TEXT,
    expected=TEXT,
    observed=TEXTS,
    started_at=MOMENTS,
    duration_s=SECONDS,
    evidence=TEXTS,
    log=LOGS,
)
CHECKS = st.builds(
    CheckRecord,
    requirement=TEXT | st.sampled_from(["gang_scheduling", "dra_support", "gpu_sharing"]),
    level=TEXT | st.sampled_from(["MUST", "SHOULD", "-"]),
    title=TEXT,
    artifact=st.none() | TEXT | st.just("TestGangScheduling"),
    automated=st.booleans(),
    verdict=VERDICTS,
    reason=TEXT,
    started_at=MOMENTS,
    duration_s=SECONDS,
    cases=st.lists(CASES, max_size=3).map(tuple),
    log=LOGS,
    api_requests=st.integers(min_value=0, max_value=10**6),
    waits_s=st.dictionaries(TEXT, st.floats(min_value=0, max_value=1e6), max_size=2),
    next_step=TEXT,
)
RUNS = st.builds(
    RunRecord,
    tool_version=TEXT | st.just("0.1.0"),
    catalog_version=TEXT,
    plan=st.lists(st.builds(PlannedRecord, requirement=TEXT, action=TEXT, reason=TEXT), max_size=2).map(tuple),
    run_id=TEXT,
    release=TEXT | st.sampled_from(["1.36", "1.37"]),
    cluster=st.builds(ClusterRecord, uid=TEXT, server_version=TEXT, nodes=st.integers(0, 9000), accelerators=TEXTS),
    started_at=MOMENTS,
    ended_at=MOMENTS,
    command=TEXTS,
    profile=TEXT | st.just("default"),
    interrupted=st.booleans(),
    redacted=st.dictionaries(TEXT, st.integers(0, 99), max_size=2),
    checks=st.lists(CHECKS, max_size=3).map(tuple),
)
