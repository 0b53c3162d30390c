"""A query that nothing answers for a moment is asked again; one that nothing answers to the end says so."""

from __future__ import annotations

import json
import types
from typing import Any, cast

import pytest

from ai_conformance.checks import outcomes
from ai_conformance.checks.monitoring import patience
from ai_conformance.checks.monitoring.queries import Backend, NotAnswered, Series
from ai_conformance.checks.monitoring.story import Story
from ai_conformance.kube import errors

SILENT = errors.from_status(503, message="no endpoints available")


class Api:
    """Answers queries with these numbers in turn, the last for ever; an error is raised, None is no series."""

    def __init__(self, *answers: float | errors.ApiError | None) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def request(self, *_: object, **__: object) -> Any:
        self.asked += 1
        now = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(now, errors.ApiError):
            raise now
        result = [] if now is None else [{"metric": {"job": "pods"}, "value": [0, str(now)]}]
        return types.SimpleNamespace(text=json.dumps({"data": {"resultType": "vector", "result": result}}))


async def value(api: Api, *, until: float = 1.0) -> float:
    async def look() -> list[Series]:
        return await Backend(where="here", recognised_by="a test").ask(cast(Any, api), "up")

    seen = await patience.eventually(
        look, until=lambda seen: [one.value for one in seen] == [until], timeout_s=0.05, waiting_for="a value"
    )
    return seen[0].value


async def test_an_answer_that_does_not_come_once_is_asked_for_again() -> None:
    api = Api(SILENT, 1)
    assert await value(api) == 1
    assert api.asked == 2


async def test_a_system_that_answers_nothing_to_the_end_fails_with_what_was_said() -> None:
    with pytest.raises(NotAnswered, match=r"here does not answer the query 'up': 503.*no endpoints available"):
        await value(Api(SILENT))


async def test_another_answer_to_the_end_is_late_and_no_silence() -> None:
    with pytest.raises(errors.TimedOut):
        await value(Api(SILENT, 2))


async def test_a_query_that_is_refused_fails_at_once() -> None:
    api = Api(errors.from_status(422, message="parse error"), 1)
    with pytest.raises(outcomes.Failed, match="does not take the query"):
        await value(api)
    assert api.asked == 1


async def test_a_system_that_is_silent_keeps_no_other_from_being_asked() -> None:
    class Both(Api):
        async def request(self, _: str, path: str, **params: object) -> Any:
            if path.startswith("/silent"):
                raise SILENT
            return await super().request()

    ctx = types.SimpleNamespace(session=Both(1), seconds=lambda _: 0.05)
    case = types.SimpleNamespace(observe=lambda _: None)
    silent, answering = (Backend(where=name, recognised_by="", path=f"/{name}") for name in ("silent", "answering"))
    story = Story(
        ctx=cast(Any, ctx),
        backends=[silent, answering],
        namespace="n",
        pod="p",
        run="r",
        undeclared_pod="u",
        undeclared_run="ur",
    )
    await story.found(cast(Any, case), ways=())
    assert story.backend is answering
