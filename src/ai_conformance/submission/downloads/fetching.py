"""One file by its URL, with limits, and again only if it has changed."""

from __future__ import annotations

import asyncio
import dataclasses
import os

import aiohttp

from ai_conformance import __version__
from ai_conformance.submission.errors import Unavailable

MAX_BYTES = 256 * 1024 * 1024
USER_AGENT = f"kube-ai-conformance/{__version__}"
_TIMEOUT = aiohttp.ClientTimeout(
    total=600,  # An archive of 30 MB over a slow line takes minutes.
    sock_connect=15,
    sock_read=60,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a server gave."""

    data: bytes | None
    """None where it has not changed since the tag that was sent."""
    etag: str


def fetch(url: str, *, etag: str = "") -> Fetched:
    """Fetch a URL; `etag` is what came with the copy that is at hand. Raises Unavailable."""
    return asyncio.run(_fetch(url, etag=etag))


async def _fetch(url: str, *, etag: str) -> Fetched:
    headers = {"User-Agent": USER_AGENT, **({"If-None-Match": etag} if etag else {})}
    try:
        # trust_env: proxies are configured in the environment.
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True, headers=headers) as session,
            session.get(url) as response,
        ):
            if response.status == 304:
                return Fetched(data=None, etag=etag)
            if response.status != 200:
                raise Unavailable(f"{url} answered {response.status} {response.reason}; see whether the URL is right")
            data = bytearray()
            async for chunk in response.content.iter_chunked(1024 * 1024):
                data += chunk
                if len(data) > MAX_BYTES:
                    raise Unavailable(f"{url} sends more than {MAX_BYTES} bytes; it is no archive of the program")
            return Fetched(data=bytes(data), etag=response.headers.get("ETag", ""))
    except TimeoutError:
        raise Unavailable(f"{url} did not answer in time") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        code = cause.errno if isinstance(cause, OSError) else None
        # A name server's codes are negative and none of the system's.
        why = os.strerror(code) if code and code > 0 else str(cause) or type(cause).__name__
        raise Unavailable(f"{url} cannot be fetched: {why}") from None
