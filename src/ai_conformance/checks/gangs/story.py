"""What happens to gangs on a stage, case by case."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.gangs import adapters, states
from ai_conformance.kube import errors, pods

if TYPE_CHECKING:
    from ai_conformance.checks.context import Case
    from ai_conformance.checks.gangs.stage import Stage


@contextlib.asynccontextmanager
async def _case(stage: Stage, name: str, *, expected: str) -> AsyncIterator[Case]:
    """A case that keeps, however it ends, what is known of the pods and groups of its stage."""
    async with stage.ctx.case(name, expected=expected, variant=stage.capacity.label) as case:
        case.observe(f"tried on {stage.capacity}; what waits, waits for {stage.capacity.members} of them")
        try:
            yield case
        finally:
            case.keep("pods.json", stage.pods_of_stage())
            case.keep("groups.json", stage.groups_of_stage())


async def fits(stage: Stage) -> bool:
    """A gang for which there is room. False if not even ordinary pods run here: nothing else can be learnt then."""
    size = stage.capacity.members
    usable = True
    async with _case(
        stage, "PositiveGangScheduling", expected=f"all {size} members are bound, run at the same time and complete"
    ) as case:
        members = await stage.gang("fits", members=size)
        try:
            await _must_be_placed(stage, "fits", members, why="there is room for all of them")
        except outcomes.Blocked:
            usable = False
            raise
        await stage.end(members)
        spans = [span for pod in stage.seen(members) if (span := states.span(pod))]
        if len(spans) != size or not states.overlap(spans):
            raise outcomes.Failed(f"the members did not run at the same time: {'; '.join(map(str, spans))}")
        case.observe(f"all {size} members ran at the same time on {stage.capacity.node} and completed")
    return usable


async def waits_and_starts(stage: Stage) -> bool:
    """A gang that lacks one unit, an ordinary pod beside it, and then the gang with the unit.

    False if it did not start then: a scheduler that leaves groups waiting is not worth waiting for once more.
    """
    size = stage.capacity.members
    waiting = False
    early = stage.adapter.holds_while_waiting
    if early:
        await _control(stage, beside=None)
    async with _case(
        stage, "NegativeGangScheduling", expected=f"no member is bound while {size - 1} of {size} units are free"
    ) as case:
        held = await stage.singles("held", count=1)
        await stage.must_run(held, wait=waits.POD_RUNNING, what="the pod that holds the missing unit")
        members = await stage.gang("waits", members=size)
        refusal = await _must_be_refused(stage, "waits", members, held=held)
        case.observe(f"{size - 1} of {size} units were free and no member was bound; the group says: {refusal}")
        waiting = True
    if not waiting:
        return True
    if not early:
        await _control(stage, beside=members, held=held)
    async with _case(
        stage, "ReleaseStartsAllMembers", expected=f"all {size} members run once the missing unit is free"
    ) as case:
        await _none_is_bound(stage, members, while_="one unit was held", holders=held)
        begun = asyncio.get_running_loop().time()
        await stage.remove(held)
        await _must_be_placed(stage, "waits", members, why="the missing unit has been freed")
        case.observe(f"all {size} members ran {asyncio.get_running_loop().time() - begun:.1f} s after the release")
        waiting = False
    return not waiting


async def _control(stage: Stage, *, beside: Sequence[str] | None, held: Sequence[str] = ()) -> None:
    """An ordinary pod gets a free unit: beside the waiting members, or before them where a group keeps the units."""
    size = stage.capacity.members
    when = "while the gang waits" if beside else "before the gang is made, which keeps what is free while it waits"
    async with _case(
        stage, "ControlSinglePodIsPlaced", expected=f"an ordinary pod of the same shape runs {when}"
    ) as case:
        pods = await stage.singles("single", count=1 if beside else size - 1)
        await stage.must_run(pods, wait=waits.POD_RUNNING, what="the ordinary pods of the same shape")
        if beside:
            await _none_is_bound(stage, beside, while_="an ordinary pod was placed", holders=[*held, *pods])
        case.observe(f"{pods[0]} got a free unit {f'while all {size} members waited' if beside else 'before the gang'}")
        await stage.remove(pods)


async def two_groups(stage: Stage) -> None:
    """Two gangs at once, each of which needs most of the units."""
    size = stage.capacity.members // 2 + 1
    async with _case(
        stage, "TwoGroupsDoNotDeadlock", expected=f"of two gangs of {size} one runs wholly, after it the other"
    ) as case:
        names = ("left", "right")
        left, right = [await stage.gang(name, members=size) for name in names]
        gangs = dict(zip(names, (left, right), strict=True))
        first = await _one_wins(stage, gangs)
        second = next(name for name in names if name != first)
        while_ = f"gang {first} has taken the units"
        await _none_is_bound(stage, gangs[second], while_=while_, holders=gangs[first])
        await stage.remove(gangs[first])
        await _must_be_placed(stage, second, gangs[second], why=f"gang {first} has ended")
        case.observe(f"gang {first} ran with all {size} members, then gang {second}; at no time parts of both")


async def _one_wins(stage: Stage, gangs: dict[str, list[str]]) -> str:
    """The gang that runs as a whole. Parts of both can never become whole: there is no room for that."""
    everyone = [name for members in gangs.values() for name in members]
    parts = ""

    def winner(_: object) -> str | None:
        nonlocal parts
        # What a node turns away frees its unit for the other gang: then parts of both are bound, and nobody deadlocks.
        stage.none_may_be_stuck(everyone)
        bound = {name: states.bound(stage.seen(members)) for name, members in gangs.items()}
        if all(bound.values()):
            parts = _both(bound)
            return ""
        for name, members in gangs.items():
            if len(states.running(stage.seen(members))) == len(members):
                return name
        return None

    timeout_s = stage.ctx.seconds(waits.GANG_PLACED)
    try:
        first = await stage.pods.until(winner, timeout_s=timeout_s, waiting_for="one of two gangs to run wholly")
    except errors.TimedOut as late:
        stage.none_may_be_stuck(everyone, late=True)
        said = "; ".join(f"{name}: {stage.says(name)}" for name in gangs)
        await _blame(stage, everyone, f"neither of two gangs ran wholly within {timeout_s:g} s ({said})", late=late)
        raise
    if not first:
        await _must_lack_room(stage, everyone)
        raise outcomes.Failed(f"parts of both gangs are bound and hold what the other needs: {parts}")
    return first


def _both(bound: dict[str, list[str]]) -> str:
    return "; ".join(f"{name}: {', '.join(where)}" for name, where in bound.items())


async def _must_be_placed(stage: Stage, name: str, members: Sequence[str], *, why: str) -> None:
    """All members run in time. If they do not and ordinary pods would, the scheduler is to blame."""
    try:
        await stage.all_running(members, wait=waits.GANG_PLACED, what=f"gang {name} to run, for {why}")
    except errors.TimedOut as late:
        count = len(states.running(stage.seen(members)))
        what = (
            f"{count} of {len(members)} members of gang {stage.group(name)} ran within {late.after_s:g} s although "
            f"{why}; the group says: {stage.says(name)}; {stage.say(members)}"
        )
        await _blame(stage, members, what, late=late)


async def _blame(stage: Stage, members: Sequence[str], what: str, *, late: errors.TimedOut) -> None:
    """Failed if the units were there for ordinary pods, Blocked if somebody else has them."""
    await stage.remove(members)
    if await stage.has_room_for(stage.capacity.members):
        raise adapters.blame(stage.adapter, f"{what}; ordinary pods got all {stage.capacity.members} units") from late
    raise outcomes.Blocked(
        f"{what}; but neither do ordinary pods get them: {stage.capacity} are no longer free"
    ) from late


async def _must_be_refused(stage: Stage, name: str, members: Sequence[str], *, held: Sequence[str]) -> states.Refusal:
    """As `_must_wait`, and the refusal was for what is free. Once more where a queue was closed at the time."""
    for _ in range(2):
        refusal = await _must_wait(stage, name, members, held=held)
        if await stage.adapter.confirm(stage.ctx, members=len(members)):
            return refusal
    raise outcomes.Blocked(
        f"whether gang {stage.group(name)} was refused for what is free is not known: "
        f"its queue was closed for a moment, again and again; {stage.says(name)}"
    )


async def _must_wait(stage: Stage, name: str, members: Sequence[str], *, held: Sequence[str]) -> states.Refusal:
    """For the whole window no member is bound, and the group says why. The window counts from when it has said so."""
    ctx = stage.ctx
    window_s = ctx.options.gang_negative_window_s or ctx.seconds(waits.GANG_REFUSAL)
    for _ in range(2):
        seen = await stage.pods.throughout(
            lambda _: states.bound(stage.seen(members)) or None,
            seconds=window_s,
            watching_for=f"members of gang {name} to stay unbound",
        )
        if seen:
            caveat = stage.adapter.caveat
            what = (
                f"members of a gang of {len(members)} were bound although there was no room for all of them: "
                f"{', '.join(seen)}; {f'{caveat}; ' if caveat else ''}the group says: {stage.says(name)}"
            )
            await _must_lack_room(stage, members, holders=held)
            raise outcomes.Failed(what)
        refusal = stage.refusal(name)
        if refusal is not None:
            return refusal
        # The scheduler may not have looked at the gang yet: a window proves nothing before it has.
        refused = await _refused(stage, name)
        await _none_is_bound(stage, members, while_="one unit was held", holders=held)
        if refused is None:
            raise adapters.blame(
                stage.adapter,
                f"no member of gang {stage.group(name)} was bound, but the group does not say why: {stage.says(name)}; "
                f"{stage.say(members)}",
            )
    refusal = stage.refusal(name)
    if refusal is None:
        raise outcomes.Failed(f"gang {stage.group(name)} took its refusal back: {stage.says(name)}")
    return refusal


async def _refused(stage: Stage, name: str) -> states.Refusal | None:
    try:
        return await stage.groups.until(
            lambda _: stage.refusal(name),
            timeout_s=stage.ctx.seconds(waits.REFUSAL_SEEN),
            waiting_for=f"gang {name} to say that it cannot be placed",
        )
    except errors.TimedOut:
        return None


async def _none_is_bound(stage: Stage, members: Sequence[str], *, while_: str, holders: Sequence[str]) -> None:
    """Neither now nor, as far as was seen, before. A node is never taken from a pod, so now tells about before."""
    bound = states.bound(stage.seen(members))
    if bound:
        await _must_lack_room(stage, members, holders=holders)
        caveat = stage.adapter.caveat
        raise outcomes.Failed(
            f"members of the waiting gang are bound while {while_}: {', '.join(bound)}{f'; {caveat}' if caveat else ''}"
        )


async def _must_lack_room(stage: Stage, members: Sequence[str], *, holders: Sequence[str] = ()) -> None:
    """Raises Blocked where all members come to run beside those that hold what they lack: then they lacked nothing.

    Somebody else's work may have ended meanwhile. Whoever binds members one by one does not come to all without room.
    """

    def all_bound(_: object) -> bool | None:
        return True if len(states.bound(stage.seen(members))) == len(members) else None

    def all_decided(_: object) -> bool | None:
        seen = stage.seen(members)
        return True if len(states.running(seen)) == len(members) or any(map(pods.stuck_reason, seen)) else None

    with contextlib.suppress(errors.TimedOut):
        await stage.pods.until(
            all_bound, timeout_s=stage.ctx.seconds(waits.REFUSAL), waiting_for="the other members to be bound as well"
        )
        await stage.pods.until(
            all_decided, timeout_s=stage.ctx.seconds(waits.GANG_PLACED), waiting_for="all members to run after all"
        )
    everyone = [*members, *holders]
    if len(states.running(stage.seen(everyone))) == len(everyone):
        raise outcomes.Blocked(
            f"all {len(members)} members run although there should be no room for them: more was free on node "
            f"{stage.capacity.node} than was counted, and so nothing was learnt"
        )
