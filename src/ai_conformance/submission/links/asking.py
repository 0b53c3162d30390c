"""Asks servers about addresses: in parallel, a few per host, with an end to every wait.

The addresses come from a stranger's file, so an address of this machine or of its network is never asked, neither
directly nor through a name or a redirect that leads there.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import socket
from collections.abc import Iterable
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ai_conformance import __version__
from ai_conformance.submission import addresses
from ai_conformance.submission.links.states import Answer, LinkState, classify

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """How much is asked at once, and for how long."""

    total: int = 16
    """Requests at a time."""
    per_host: int = 2
    """As many as a person opens tabs."""
    timeout_s: float = 20.0
    """For one request, with everything that it is redirected to."""
    silences: int = 3
    """Addresses of a host that go unanswered in a row before no more of it are asked for."""
    redirects: int = 6
    page_bytes: int = 2 * 1024 * 1024
    """Read of a page at most, in search of anchors."""
    public_only: bool = True
    """Whether addresses of private networks and of this machine are refused."""


class PrivateAddressError(OSError):
    """A name leads to a private network."""


class _Host:
    """What was learned of a host in this check. Who does not want to be asked, or is silent, is left alone."""

    def __init__(self, limits: Limits) -> None:
        self.gate = asyncio.Semaphore(limits.per_host)
        self._most, self._silences = limits.silences, 0
        self._refusal = ""

    def learn(self, answer: Answer) -> None:
        """Take note of an answer."""
        self._silences = self._silences + 1 if answer.silent else 0
        # With a time to wait it is about the host; without one it may be about the one page.
        if answer.state is LinkState.RATE_LIMITED and answer.detail:
            self._refusal = answer.words

    def about(self, url: str) -> Answer | None:
        """The answer for an address that is not asked for any more; None if it is."""
        if self._refusal:
            detail = f"not asked, since the host wants to be left alone: {self._refusal}"
            return Answer(url=url, state=LinkState.RATE_LIMITED, detail=detail)
        if self._silences >= self._most:
            detail = "not asked, since the host gave no answer about other addresses"
            return Answer(url=url, state=LinkState.UNREACHABLE, detail=detail)
        return None


class Asker:
    """A client for one check; use it as a context manager."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = _PublicResolver() if self.limits.public_only else aiohttp.ThreadedResolver()
        connector = aiohttp.TCPConnector(
            limit=self.limits.total, limit_per_host=self.limits.per_host, resolver=resolver, ttl_dns_cache=300
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": f"ai-conformance/{__version__} (link check)", "Accept": "*/*"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, urls: Iterable[str], *, with_anchors: frozenset[str] = frozenset()) -> dict[str, Answer]:
        """The answers for addresses without fragments; pages in `with_anchors` are read for their ids."""
        wanted = list(dict.fromkeys(urls))
        gate = asyncio.Semaphore(self.limits.total)
        hosts: dict[str, _Host] = {}

        async def one(url: str) -> Answer:
            host = hosts.setdefault(urlsplit(url).netloc.lower(), _Host(self.limits))
            async with host.gate, gate:
                if refused := host.about(url):
                    return refused
                answer = await self._one(url, anchors=url in with_anchors)
                host.learn(answer)
                return answer

        answers = await asyncio.gather(*(one(url) for url in wanted))
        return {answer.url: answer for answer in answers}

    async def _one(self, url: str, *, anchors: bool) -> Answer:
        if wrong := self._refusal(url):
            return Answer(url=url, state=LinkState.UNREACHABLE, detail=wrong)
        answer = None if anchors else await self._answer("HEAD", url, anchors=False)
        # Many servers know no HEAD, or answer it otherwise than GET, so only GET is believed for bad news; but a server
        # that is asked too often is not asked again.
        if answer is None or answer.silent or (answer.status >= 400 and answer.state is not LinkState.RATE_LIMITED):
            answer = await self._answer("GET", url, anchors=anchors)
        return answer

    async def _answer(self, method: str, url: str, *, anchors: bool) -> Answer:
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                return await self._request(method, url, anchors=anchors)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(url=url, state=LinkState.UNREACHABLE, detail=_why(error), silent=True)

    async def _request(self, method: str, url: str, *, anchors: bool) -> Answer:
        assert self._session is not None, "an Asker is used as a context manager"
        at = url
        for _ in range(self.limits.redirects + 1):
            async with self._session.request(method, at, allow_redirects=False) as response:
                location = response.headers.get("Location", "")
                if response.status in _REDIRECTS and location:
                    at = urljoin(at, location)
                    if wrong := self._refusal(at):
                        return Answer(
                            url=url, state=LinkState.UNREACHABLE, detail=f"it redirects to {at}, which {wrong}"
                        )
                    continue
                ended = urlsplit(at).path if at != url else ""
                wait = response.headers.get("Retry-After", "")
                state = classify(response.status, asked=urlsplit(url).path, location=ended, retry_after=bool(wait))
                found = await self._anchors(response) if anchors and state is LinkState.OK else None
                detail = ""
                if state is LinkState.AUTH_WALL and response.status < 400:
                    detail = f"it leads to {at}"
                elif state is LinkState.RATE_LIMITED and wait:
                    detail = f"to be asked again {f'in {wait} s' if wait.isdecimal() else f'after {wait}'}"
                return Answer(url=url, state=state, status=response.status, detail=detail, anchors=found)
        return Answer(url=url, state=LinkState.UNREACHABLE, detail=f"more than {self.limits.redirects} redirects")

    async def _anchors(self, response: aiohttp.ClientResponse) -> frozenset[str] | None:
        if response.content_type != "text/html":
            return None
        data = await response.content.read(0)
        while len(data) < self.limits.page_bytes and not response.content.at_eof():
            data += await response.content.read(self.limits.page_bytes - len(data))
        page = _Ids()
        page.feed(data.decode("utf-8", "replace"))
        return frozenset(page.found)

    def _refusal(self, url: str) -> str:
        return addresses.mistake(url) if self.limits.public_only else ""


_WHY: tuple[tuple[type[Exception], str], ...] = (
    # The first that an error is one of.
    (TimeoutError, "no answer in time"),
    (aiohttp.ClientConnectorDNSError, "there is no such host in the public network, or no name server answers"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not valid"),
    (aiohttp.ClientSSLError, "no encrypted connection can be made"),
    (ConnectionRefusedError, "the connection is refused"),
    (aiohttp.ClientConnectorError, "no connection can be made"),
    (aiohttp.ServerDisconnectedError, "the connection was closed without an answer"),
    (ConnectionError, "the connection was closed without an answer"),
    (aiohttp.ClientResponseError, "what answers does not speak HTTP"),
)


def _why(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    found = (words for kind, words in _WHY if isinstance(error, kind) or isinstance(cause, kind))
    return next(found, f"the connection failed ({type(error).__name__})")


class _Ids(HTMLParser):
    """Gathers what a fragment can point to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the id, and the name of an old-fashioned anchor."""
        self.found |= {value for name, value in attrs if value and (name == "id" or (name == "name" and tag == "a"))}


class _PublicResolver(AbstractResolver):
    """Resolves names, and leaves out what is not in the public network."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a host. Raises PrivateAddressError if it has no other than private ones."""
        found = await self._resolver.resolve(host, port, family)
        public = [one for one in found if ipaddress.ip_address(one["host"].partition("%")[0]).is_global]
        if found and not public:
            raise PrivateAddressError(f"{host} is in a private network")
        return public

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()
