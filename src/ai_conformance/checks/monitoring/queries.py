"""Questions in PromQL over the Prometheus HTTP API: through the API server, or at an address that the user gave."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from ai_conformance.kube.session import Session


class NotAnswered(outcomes.Failed):
    """A query that nothing answered, which may be so for a moment: a system that has restarted reads its log first."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Series:
    """One series at one moment."""

    labels: Mapping[str, str]
    value: float

    def __str__(self) -> str:
        inside = ", ".join(f'{key}="{value}"' for key, value in sorted(self.labels.items()) if key != "__name__")
        return f"{self.labels.get('__name__', '')}{{{inside}}} {self.value:g}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Backend:
    """A system that answers queries."""

    where: str
    """For messages: ``pod monitoring/prometheus-0``, or the address."""
    recognised_by: str
    path: str = ""
    """Below the API server, up to ``/api/v1``; empty where there is an address."""
    url: str = ""
    authorization: str = dataclasses.field(default="", repr=False)

    async def ask(self, session: Session, query: str) -> list[Series]:
        """An instant query. Raises NotAnswered, and Failed where what answers does not speak this language."""
        try:
            if self.url:
                headers = {"Authorization": self.authorization} if self.authorization else {}
                url = f"{self.url.rstrip('/')}/api/v1/query"
                answer = await session.elsewhere(url, headers=headers, params={"query": query})
            else:
                answer = await session.request("GET", f"{self.path}/api/v1/query", params={"query": query})
        except errors.Invalid as error:
            raise outcomes.Failed(f"{self.where} does not take the query {query!r}: {error}") from error
        except (errors.NotFound, errors.ServerError) as error:
            raise NotAnswered(f"{self.where} does not answer the query {query!r}: {error}") from error
        return parse(answer.text, query=query, where=self.where)


def parse(text: str, *, query: str, where: str) -> list[Series]:
    """A vector or scalar from an answer. Raises Failed for anything else."""
    try:
        said: Any = json.loads(text)
        data = said["data"]
        if data["resultType"] == "scalar":
            return [Series(labels={}, value=float(data["result"][1]))]
        if data["resultType"] != "vector":
            raise KeyError(data["resultType"])
        return [
            Series(labels={str(key): str(value) for key, value in one["metric"].items()}, value=float(one["value"][1]))
            for one in data["result"]
        ]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise outcomes.Failed(
            f"{where} answers the query {query!r}, but not as Prometheus' HTTP API does: {text[:200]!r}"
        ) from error


def quoted(value: str) -> str:
    """A label's value as PromQL writes it."""
    return json.dumps(value, ensure_ascii=False)
