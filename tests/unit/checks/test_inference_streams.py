"""A streamed answer through a Gateway: what happens each time is the Gateway's doing."""

from __future__ import annotations

import types
from typing import Any, cast

import pytest

from ai_conformance.checks import outcomes
from ai_conformance.checks.inference import backends
from ai_conformance.checks.inference.scene import Scene
from ai_conformance.checks.inference.story import Story
from ai_conformance.checks.inference.traffic import Traffic
from ai_conformance.kube.streams import ExecResult

DIRECT, GATEWAY = "10.0.0.9", "10.0.0.1"
WHOLE = [backends.APART_S * number for number in range(backends.EVENTS)]
BUNCHED, CUT, NOTHING = [0.0] * backends.EVENTS, WHOLE[:2], list[float]()


class Client:
    """Streams through the Gateway come like this, one after the other, the last for ever; anything else is sound."""

    def __init__(self, *streams: list[float]) -> None:
        self._streams = streams
        self.streamed = 0

    async def exec(self, _namespace: str, _pod: str, _container: str, command: list[str], **_: object) -> ExecResult:
        said = "TALLY first 8 backend c\n"
        if "; stream " in command[2]:
            arrived_s = WHOLE if DIRECT in command[2] else self._next()
            said = "".join(f"EVENT {at:.2f} data: {number}\n" for number, at in enumerate(arrived_s, start=1))
        return ExecResult(stdout=said, stderr="", exit_code=0)

    def _next(self) -> list[float]:
        self.streamed += 1
        return self._streams[min(self.streamed, len(self._streams)) - 1]


async def streamed(client: Client) -> None:
    context = types.SimpleNamespace(session=client, seconds=lambda _: 0.0)
    unused = cast(Any, None)
    where = Scene(
        ctx=cast(Any, context),
        api=unused,
        choice=unused,
        namespace="ns",
        foreign="foreign",
        run="r",
        pods=cast(Any, {"c": {"status": {"podIP": DIRECT}}}),
        foreign_pods=unused,
        gateways=unused,
        routes=unused,
        foreign_routes=unused,
    )
    case = types.SimpleNamespace(observe=lambda _: None)
    await Story(scene=where, traffic=Traffic(scene=where, address=GATEWAY, port=80)).streamed(cast(Any, case))


@pytest.mark.parametrize(
    ("streams", "tried"),
    [([WHOLE], 1), ([BUNCHED, WHOLE], 2), ([CUT, WHOLE], 2), ([NOTHING, BUNCHED, WHOLE], 3)],
)
async def test_a_stream_that_is_whole_once_is_enough(streams: list[list[float]], tried: int) -> None:
    client = Client(*streams)
    await streamed(client)
    assert client.streamed == tried


@pytest.mark.parametrize(
    ("streams", "said"),
    [
        ([BUNCHED], "all 5 events came within"),
        ([CUT], "2 of 5 events arrived"),
        ([NOTHING], "0 of 5 events arrived"),
        ([CUT, BUNCHED, CUT], "2 of 5 events arrived"),
    ],
)
async def test_a_gateway_that_never_streams_is_a_failure(streams: list[list[float]], said: str) -> None:
    client = Client(*streams)
    with pytest.raises(outcomes.Failed, match=said):
        await streamed(client)
    assert client.streamed == 3
