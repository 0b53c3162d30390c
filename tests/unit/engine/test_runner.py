"""What a run makes of the ways in which a check can end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from stage import Stage

from ai_conformance import catalog
from ai_conformance.checks import inventory, outcomes
from ai_conformance.checks.context import Context
from ai_conformance.checks.together import together
from ai_conformance.engine import conclusion, events
from ai_conformance.kube import errors
from ai_conformance.kube.cleanup import Leftover
from ai_conformance.kube.ledger import Entry
from ai_conformance.kube.waiting import waiting
from ai_conformance.model.records import CheckRecord, RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict


async def both_pass(ctx: Context) -> None:
    for name in ("Works", "IsRefused"):
        async with ctx.case(name, expected="it does") as case:
            case.observe("it did")


def only(run: RunRecord) -> CheckRecord:
    (check,) = run.checks
    return check


async def test_all_cases_passed_and_nothing_left_is_a_pass(stage: Stage) -> None:
    run = await stage.runner(both_pass).execute()
    assert (only(run).verdict, only(run).reason) == (Verdict.PASS, "all 2 cases passed")
    assert stage.workspace.cleanups == 1
    assert conclusion.exit_code(run) is ExitCode.OK


async def test_the_record_says_what_was_planned_and_by_which_catalog(stage: Stage) -> None:
    run = await stage.runner(both_pass).execute()
    assert [(one.requirement, one.action) for one in run.plan] == [(only(run).requirement, "run")]
    assert run.catalog_version == catalog.load().version


async def test_a_failed_case_fails_the_check_and_says_what_to_do(stage: Stage) -> None:
    async def body(ctx: Context) -> None:
        async with ctx.case("Works", expected="it does"):
            raise outcomes.Failed("pod n/a was placed alone")
        async with ctx.case("IsRefused", expected="it is"):
            pass

    check = only(await stage.runner(body).execute())
    assert (check.verdict, check.reason) == (Verdict.FAIL, "Works: pod n/a was placed alone")
    assert check.next_step == "repair it"
    assert [case.verdict for case in check.cases] == [Verdict.FAIL, Verdict.PASS]


async def test_a_declared_case_that_never_ran_keeps_the_check_from_passing(stage: Stage) -> None:
    async def body(ctx: Context) -> None:
        async with ctx.case("Works", expected="it does"):
            pass

    check = only(await stage.runner(body).execute())
    assert check.verdict is Verdict.NOT_TESTED
    assert check.reason == "IsRefused: the check ended before this case"


async def test_something_left_behind_turns_a_pass_into_an_error(stage: Stage) -> None:
    stage.workspace.left = ["Pod n/probe: is still there"]
    check = only(await stage.runner(both_pass).execute())
    assert check.verdict is Verdict.ERROR
    assert "Pod n/probe" in check.reason


@pytest.mark.parametrize("gone", [False, True])
async def test_what_could_not_be_removed_for_want_of_a_permission_blocks(stage: Stage, gone: bool) -> None:
    entry = Entry(
        api_version="v1",
        kind="Pod",
        plural="pods",
        namespaced=True,
        name="probe",
        namespace="n",
        run="r",
        actor="check/x",
        uid="u",
    )
    refused = errors.Forbidden('cannot delete resource "pods"', status=403)
    stage.workspace.left = [Leftover(entry=entry, reason=str(refused), trouble=refused, gone=gone)]
    check = only(await stage.runner(both_pass).execute())
    assert check.verdict is Verdict.BLOCKED
    assert 'Pod n/probe: 403: cannot delete resource "pods"' in check.reason
    assert any(line.text.startswith("left behind") for line in check.log) is not gone
    stage.workspace.left = [*stage.workspace.left, "cleaning up took more than 120 s"]
    assert only(await stage.runner(both_pass).execute()).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        (outcomes.Blocked("no free accelerator"), Verdict.BLOCKED),
        (outcomes.NotTested("an unknown scheduler"), Verdict.NOT_TESTED),
        (errors.Forbidden("may not", status=403), Verdict.BLOCKED),
        (errors.ServerError("down", status=500), Verdict.ERROR),
        (ExceptionGroup("side by side", [outcomes.Blocked("b"), outcomes.Failed("f")]), Verdict.FAIL),
        (TimeoutError("of the check's own"), Verdict.ERROR),
    ],
)
async def test_what_leaves_the_body_is_judged_by_its_type(stage: Stage, raised: Exception, verdict: Verdict) -> None:
    async def body(_ctx: Context) -> None:
        raise raised

    check = only(await stage.runner(body).execute())
    assert check.verdict is verdict
    assert "time-out" not in check.reason
    assert stage.workspace.cleanups == 1


async def test_a_case_that_is_cut_short_by_what_blocks_the_check_beside_it_is_no_error(stage: Stage) -> None:
    begun = asyncio.Event()

    async def goes_on(ctx: Context) -> None:
        async with ctx.case("Works", expected="it does"):
            begun.set()
            await asyncio.Event().wait()

    async def may_not(_ctx: Context) -> None:
        await begun.wait()
        raise errors.Forbidden('cannot list resource "resourceslices"', status=403)

    async def body(ctx: Context) -> None:
        await together((goes_on(ctx), may_not(ctx)))

    check = only(await stage.runner(body).execute())
    assert check.verdict is Verdict.BLOCKED
    assert 'cannot list resource "resourceslices"' in check.reason
    assert [case.verdict for case in check.cases] == [Verdict.BLOCKED]


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    ("raised", "verdict"),
    [(outcomes.Failed("not allocated"), Verdict.ERROR), (outcomes.Blocked("not started"), Verdict.BLOCKED)],
)
async def test_what_did_not_come_while_the_server_was_away_is_not_held_against_the_platform(
    stage: Stage, raised: Exception, verdict: Verdict, inside: bool
) -> None:
    async def body(ctx: Context) -> None:
        async with ctx.case("Works", expected="it does") if inside else contextlib.nullcontext():
            raise raised
        async with ctx.case("IsRefused", expected="it is"):
            pass

    sound = only(await stage.runner(body).execute())
    assert sound.reason.endswith(str(raised))
    stage.session.away_s = 8.0
    check = only(await stage.runner(body).execute())
    assert check.verdict is verdict
    assert f"{raised} (the API server did not answer for 8.0 s" in check.reason


async def test_a_bug_is_an_error_with_its_traceback_in_the_log(stage: Stage) -> None:
    async def body(_ctx: Context) -> None:
        raise KeyError("nonsense")

    check = only(await stage.runner(body).execute())
    assert (check.verdict, check.reason) == (Verdict.ERROR, "a bug of ai-conformance: KeyError: 'nonsense'")
    assert any("Traceback" in line.text for line in check.log)
    assert stage.workspace.cleanups == 1


async def test_a_bug_in_the_clean_up_is_told_and_loses_no_verdict(stage: Stage) -> None:
    stage.workspace.trouble = ValueError("nonsense")
    check = only(await stage.runner(both_pass).execute())
    assert check.verdict is Verdict.ERROR
    assert "cleaning up failed" in check.reason
    assert len(check.cases) == 2


async def test_the_runs_time_out_is_named_and_cleaned_up_after(stage: Stage, never: asyncio.Event) -> None:
    async def body(_ctx: Context) -> None:
        await never.wait()

    check = only(await stage.runner(body, timeout_s=0.01).execute())
    assert check.verdict is Verdict.ERROR
    assert "--timeout" in check.reason
    assert stage.workspace.cleanups == 1


async def test_events_tell_of_cases_and_waits(stage: Stage) -> None:
    async def body(ctx: Context) -> None:
        with waiting("a pod"):
            await both_pass(ctx)

    await stage.runner(body).execute()
    kinds = [type(event) for event in stage.told]
    assert kinds == [
        events.CheckStarted,
        events.Waiting,
        events.CaseFinished,
        events.CaseFinished,
        events.Waiting,
        events.CheckFinished,
    ]


async def test_no_secret_reaches_the_records_and_what_was_cut_is_counted(stage: Stage) -> None:
    async def body(ctx: Context) -> None:
        async with ctx.case("Works", expected="it does"):
            raise outcomes.Failed("the webhook said: Authorization: Bearer abcdefghijklmnopqrst")

    run = await stage.runner(body).execute()
    assert only(run).reason == "Works: the webhook said: Authorization: Bearer [redacted: bearer]"
    assert "abcdefghij" not in repr(run)
    assert "abcdefghij" not in repr(stage.told)
    assert run.redacted["bearer"] > 0


async def test_all_checks_of_a_run_go_by_one_inventory_that_has_settled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[inventory.Inventory] = []

    async def settled(*_: object, **__: Any) -> inventory.Inventory:
        taken.append(inventory.Inventory(supplies=(), node_classes=()))
        return taken[-1]

    async def body(ctx: Context) -> None:
        assert await ctx.accelerators() is await ctx.accelerators()
        await both_pass(ctx)

    monkeypatch.setattr(inventory, "settled", settled)
    assert only(await stage.runner(body).execute()).verdict is Verdict.PASS
    assert len(taken) == 1
