"""Requests to what is not the API server: an exporter or a monitoring system that the user gave an address of.

Errors are those of this room, so that "no answer" and "refused" mean the same for both. Certificates are verified;
``SSL_CERT_FILE`` adds an authority, as for every program that uses OpenSSL.
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from ai_conformance.kube import errors, translation
from ai_conformance.kube.transport import Answer

TIMEOUT_S = 30.0


async def get(url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None) -> Answer:
    """GET, following no redirect to another place. Raises `errors.ApiError`."""
    limit = aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=10)
    try:
        with translation.translated("GET", url, server=url):
            async with (
                aiohttp.ClientSession(trust_env=True, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.get(url, headers=headers, params=params, timeout=limit, allow_redirects=False) as answer,
            ):
                content = await answer.read()
                if not 200 <= answer.status < 300:
                    raise translation.refusal(answer, content, method="GET", path=url)
                return Answer(status=answer.status, headers=answer.headers, body=content, method="GET", path=url)
    except ValueError as error:  # an address that only looks like one
        raise errors.ConfigurationError(f"{url} cannot be asked: {error}") from error
