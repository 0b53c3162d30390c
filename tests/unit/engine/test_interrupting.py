"""A run that is interrupted cleans up; one that is interrupted twice leaves at once and says so."""

from __future__ import annotations

import asyncio

from stage import Stage

from ai_conformance.checks.context import Context
from ai_conformance.engine import conclusion
from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict


async def test_an_interruption_ends_the_body_and_cleans_up(stage: Stage, never: asyncio.Event) -> None:
    begun = asyncio.Event()

    async def body(ctx: Context) -> None:
        async with ctx.case("Works", expected="it does"):
            begun.set()
            await never.wait()

    running = asyncio.create_task(stage.runner(body).execute())
    await begun.wait()
    running.cancel()
    run = await running
    assert run.interrupted
    assert run.checks[0].verdict is Verdict.ERROR
    assert "interrupted" in run.checks[0].cases[0].reason
    assert stage.workspace.cleanups == 1
    assert conclusion.exit_code(run) is ExitCode.INTERRUPTED


async def test_an_interruption_leaves_a_clean_up_alone_that_has_begun(stage: Stage) -> None:
    stage.workspace.lasts_until = asyncio.Event()

    async def body(_ctx: Context) -> None:
        return

    running = asyncio.create_task(stage.runner(body).execute())
    await stage.workspace.begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    stage.workspace.lasts_until.set()
    assert (await running).interrupted
    assert stage.workspace.cleanups == 1


async def test_a_second_interruption_abandons_the_clean_up(stage: Stage, never: asyncio.Event) -> None:
    stage.workspace.lasts_until = never
    begun = asyncio.Event()

    async def body(_ctx: Context) -> None:
        begun.set()
        await never.wait()

    running = asyncio.create_task(stage.runner(body).execute())
    await begun.wait()
    running.cancel()
    await stage.workspace.begun.wait()
    running.cancel()
    run = await running
    assert stage.workspace.cleanups == 0
    assert any("ai-conformance clean" in line.text for line in run.checks[0].log)


async def test_an_interruption_before_the_first_check_begins_loses_no_check(stage: Stage, never: asyncio.Event) -> None:
    async def body(_ctx: Context) -> None:
        await never.wait()

    runner = stage.runner(body)
    await runner.prepare()

    async def stopped_at_once() -> RunRecord:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return await runner.execute()

    run = await asyncio.create_task(stopped_at_once())
    assert run.checks[0].verdict is Verdict.ERROR
    assert run.checks[0].reason.startswith("interrupted")
