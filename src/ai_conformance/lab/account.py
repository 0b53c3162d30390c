"""The Kubernetes API for the lab's own programs in pods: by service account, the standard library alone."""

from __future__ import annotations

import http.client
import json
import os
import ssl
from pathlib import Path
from typing import Any

_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TIMEOUT_S = 5


class ApiTrouble(Exception):  # noqa: N818 - named for what it is
    """The API server refused, or could not be asked."""


class Account:
    """Reads what the pod's service account may read."""

    def __init__(self) -> None:
        self._server = f"{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
        self._tls = ssl.create_default_context(cafile=_FOLDER / "ca.crt")

    def get(self, path: str) -> dict[str, Any] | None:
        """What is at a path; None where nothing is. Raises `ApiTrouble`."""
        connection = http.client.HTTPSConnection(self._server, timeout=_TIMEOUT_S, context=self._tls)
        try:
            token = (_FOLDER / "token").read_text()  # the kubelet renews it
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            text = response.read()
            if response.status == http.client.NOT_FOUND:
                return None
            if response.status != http.client.OK:
                raise ApiTrouble(f"GET {path}: {response.status}")
            found: dict[str, Any] = json.loads(text)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ApiTrouble(f"GET {path}: {error!r}") from error
        finally:
            connection.close()
        return found
