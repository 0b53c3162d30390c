from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_conformance.submission.links.asking import Asker, Limits
from ai_conformance.submission.links.states import Answer, LinkState, classify

LOCAL = Limits(public_only=False, timeout_s=0.5, total=4, per_host=2)
PAGE = "<html><body id=top><h1 id='intro'>x</h1><a name=old></a><p id=a></p><p id=b></p></body></html>"


class Site:
    """A server with one page for each kind of answer, and a record of what it was asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.now = self.most = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked[f"{request.method} {request.path}"] += 1
        self.agents.add(request.headers["User-Agent"])
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self._answer(request)
        finally:
            self.now -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        kind = request.path.split("/")[1]
        if kind.isdigit():
            return web.Response(status=int(kind))
        match kind:
            case "no-head":
                return web.Response(status=405 if request.method == "HEAD" else 200)
            case "no-head-at-all" if request.method == "HEAD":
                assert request.transport is not None
                request.transport.abort()
            case "busy":
                return web.Response(status=503, headers={"Retry-After": "60"})
            case "moved":
                raise web.HTTPFound("/200")
            case "to-login":
                raise web.HTTPFound("/login?next=x")
            case "round":
                raise web.HTTPFound("/round")
            case "never":
                await asyncio.Event().wait()
            case "cut":
                assert request.transport is not None
                request.transport.abort()
            case "slowly":
                await asyncio.sleep(0)
        return web.Response(text=PAGE, content_type="text/html")


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, TestServer]]:
    made = Site()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", made.answer)
    async with TestServer(application) as server:
        yield made, server


async def ask(server: TestServer, *paths: str, anchors: frozenset[str] = frozenset()) -> list[Answer]:
    urls = [str(server.make_url(path)) for path in paths]
    deep = frozenset(str(server.make_url(path)) for path in anchors)
    async with Asker(limits=LOCAL) as asker:
        answers = await asker.ask(urls, with_anchors=deep)
    return [answers[url] for url in urls]


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/200", LinkState.OK),
        ("/moved", LinkState.OK),
        ("/no-head", LinkState.OK),
        ("/no-head-at-all", LinkState.OK),
        ("/404", LinkState.DEAD),
        ("/410", LinkState.DEAD),
        ("/401", LinkState.AUTH_WALL),
        ("/403", LinkState.AUTH_WALL),
        ("/to-login", LinkState.AUTH_WALL),
        ("/429", LinkState.RATE_LIMITED),
        ("/busy", LinkState.RATE_LIMITED),
        ("/500", LinkState.UNREACHABLE),
        ("/503", LinkState.UNREACHABLE),
        ("/round", LinkState.UNREACHABLE),
        ("/never", LinkState.UNREACHABLE),
        ("/cut", LinkState.UNREACHABLE),
    ],
)
async def test_only_what_is_certainly_gone_is_dead(site: tuple[Site, TestServer], path: str, state: LinkState) -> None:
    (answer,) = await ask(site[1], path)
    assert answer.state is state
    assert answer.words


async def test_a_page_that_is_there_is_asked_for_by_head_alone(site: tuple[Site, TestServer]) -> None:
    await ask(site[1], "/200")
    assert site[0].asked == {"HEAD /200": 1}


async def test_bad_news_is_believed_of_get_alone(site: tuple[Site, TestServer]) -> None:
    await ask(site[1], "/no-head", "/404")
    assert site[0].asked == {"HEAD /no-head": 1, "GET /no-head": 1, "HEAD /404": 1, "GET /404": 1}


async def test_a_host_that_wants_to_be_left_alone_is(site: tuple[Site, TestServer]) -> None:
    await ask(site[1], "/429", "/200", "/200?b", "/200?c")
    assert site[0].asked == {"HEAD /429": 1, "HEAD /200": 3}
    answers = await ask(site[1], "/busy", *(f"/slowly/{number}" for number in range(9)))
    assert answers[0].words == "HTTP 503, to be asked again in 60 s"
    assert answers[-1].state is LinkState.RATE_LIMITED
    assert "left alone: HTTP 503" in answers[-1].words
    assert "HEAD /slowly/8" not in site[0].asked


async def test_a_host_that_is_silent_is_not_waited_for_again_and_again(site: tuple[Site, TestServer]) -> None:
    answers = await ask(site[1], *(f"/cut/{number}" for number in range(8)))
    assert {one.state for one in answers} == {LinkState.UNREACHABLE}
    assert answers[0].words == "the connection was closed without an answer"
    assert answers[-1].words == "not asked, since the host gave no answer about other addresses"
    assert "HEAD /cut/7" not in site[0].asked
    heard = await ask(site[1], "/cut/a", "/200", "/cut/b", "/200?b", "/cut/c", "/200?c", "/cut/d", "/200?d")
    assert [one.state for one in heard[1::2]] == [LinkState.OK] * 4


async def test_who_sees_a_login_page_is_told_where_it_is(site: tuple[Site, TestServer]) -> None:
    (answer,) = await ask(site[1], "/to-login")
    assert answer.words == f"HTTP 200, it leads to {site[1].make_url('/login?next=x')}"


async def test_an_address_is_asked_for_once_however_often_it_is_linked(site: tuple[Site, TestServer]) -> None:
    await ask(site[1], "/200", "/200", "/200")
    assert site[0].asked == {"HEAD /200": 1}


async def test_a_host_gets_two_requests_at_a_time(site: tuple[Site, TestServer]) -> None:
    answers = await ask(site[1], *(f"/slowly/{number}" for number in range(20)))
    assert {one.state for one in answers} == {LinkState.OK}
    assert site[0].most <= LOCAL.per_host


async def test_the_server_is_told_who_asks(site: tuple[Site, TestServer]) -> None:
    await ask(site[1], "/200")
    (agent,) = site[0].agents
    assert agent.startswith("ai-conformance/")


async def test_a_page_is_read_for_its_anchors_where_they_are_wanted(site: tuple[Site, TestServer]) -> None:
    deep, shallow = await ask(site[1], "/page", "/other", anchors=frozenset({"/page"}))
    assert deep.anchors == {"top", "intro", "old", "a", "b"}
    assert shallow.anchors is None


async def test_an_address_of_this_machine_is_never_asked(site: tuple[Site, TestServer]) -> None:
    urls = [str(site[1].make_url("/200")), f"http://localhost:{site[1].port}/200", "http://[::1]/", "http://x@a.org/"]
    async with Asker(limits=Limits(timeout_s=0.5)) as asker:
        answers = await asker.ask(urls)
    assert {one.state for one in answers.values()} == {LinkState.UNREACHABLE}
    assert not site[0].asked


def test_a_path_that_speaks_of_login_itself_is_no_wall() -> None:
    assert classify(200, asked="/docs/auth/x", location="/docs/auth/x/") is LinkState.OK
    assert classify(200, asked="/docs/x", location="/auth/realms/x") is LinkState.AUTH_WALL
