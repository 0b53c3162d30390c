"""What a meddler makes of the answers of Prometheus' HTTP API; pure."""

from __future__ import annotations

import json
from typing import Any

from ai_conformance.lab.meddling import EVERY, Meddling

Answer = dict[str, Any]


def constant(at_s: float) -> bytes:
    """The same for every query."""
    result = [{"metric": {"__name__": "up", "job": "kubernetes-pods"}, "value": [at_s, "1"]}]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


class Memory:
    """Changes answers, and keeps those that had something in them."""

    def __init__(self, meddling: Meddling) -> None:
        self._meddling = meddling
        self._kept: dict[str, bytes] = {}

    def changed(self, body: bytes, *, query: str) -> bytes:
        """The answer to a query as it is passed on."""
        answer: Answer = json.loads(body)
        result = answer.get("data", {}).get("result")
        if self._meddling is Meddling.NEVER_FORGETS:
            if not result:
                return self._kept.get(query, body)
            self._kept[query] = body
            return body
        for one in result if isinstance(result, list) else ():
            if isinstance(one, dict) and str(one.get("metric", {}).get("__name__", "")).endswith("_total"):
                one["value"][1] = self._value(float(one["value"][1]))
        return json.dumps(answer).encode()

    def _value(self, value: float) -> str:
        if self._meddling is Meddling.COUNTERS_RESTART:
            return f"{value % EVERY:g}"
        return f"{value * 2:g}"
