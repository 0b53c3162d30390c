"""Compare Kubernetes client libraries on what this project needs; prints the table of docs/client-library.md.

    python benchmarks/clients.py [--keep DIR]

Each candidate gets a virtual environment of its own. What it costs is measured there: seconds and memory of the import,
size on disk. What it does is tried against a small HTTP server on loopback that counts requests.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

# Versions are pinned so that the printed figures belong to something.
CANDIDATES = {
    "kr8s": "kr8s==0.20.15",
    "kubernetes_asyncio": "kubernetes_asyncio==36.1.0",
    "lightkube": "lightkube==1.0.1",
    "kubernetes": "kubernetes==37.0.2",
    "own layer": "aiohttp==3.14.5",
}
IMPORTS = {
    "kr8s": "kr8s.asyncio",
    "kubernetes_asyncio": "kubernetes_asyncio.client, kubernetes_asyncio.config, kubernetes_asyncio.stream",
    "lightkube": "lightkube",
    "kubernetes": "kubernetes.client, kubernetes.config, kubernetes.stream",
    "own layer": "ai_conformance.kube.session",
}
READ_A_POD = {
    "kr8s": """
import asyncio, kr8s.asyncio
async def main():
    api = await kr8s.asyncio.api(kubeconfig=FILE)
    async with api.call_api("GET", url="pods/x", namespace="default") as answer:
        print(answer.status_code)
asyncio.run(main())
""",
    "kubernetes_asyncio": """
import asyncio
from kubernetes_asyncio import client, config
async def main():
    await config.load_kube_config(config_file=FILE)
    async with client.ApiClient() as api:
        await client.CoreV1Api(api).read_namespaced_pod("x", "default")
asyncio.run(main())
""",
    "lightkube": """
import asyncio
from lightkube import AsyncClient, KubeConfig
from lightkube.resources.core_v1 import Pod
async def main():
    await AsyncClient(config=KubeConfig.from_file(FILE)).get(Pod, "x", namespace="default")
asyncio.run(main())
""",
    "kubernetes": """
from kubernetes import client, config
config.load_kube_config(FILE)
client.CoreV1Api().read_namespaced_pod("x", "default")
""",
    "own layer": """
import asyncio, pathlib
from ai_conformance.kube import resources
from ai_conformance.kube.session import Session
async def main():
    async with await Session.connect(kubeconfig=pathlib.Path(FILE)) as session:
        await session.get(resources.POD, "x", "default")
asyncio.run(main())
""",
}
RUNS = 5


@dataclasses.dataclass
class Server:
    """Counts requests for the pod and answers them with one status."""

    port: int = 0
    status: int = 403
    requests: int = 0
    tokens: set[str] = dataclasses.field(default_factory=set)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """An API server that knows /version and one pod."""
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body: dict[str, Any] = {"gitVersion": "v1.37.2", "major": "1", "minor": "37"}
            status = 200
            if self.path.startswith("/api/v1/namespaces/default/pods/x"):
                state.requests += 1
                state.tokens.add(self.headers.get("Authorization", ""))
                status = state.status
                body = {"kind": "Status", "status": "Failure", "code": status, "message": "no", "metadata": {}}
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def installed(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The Python of a candidate's own environment."""
    if name == "own layer":
        return pathlib.Path(sys.executable)
    python = folder / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", CANDIDATES[name]], check=True)
    return python


def size_mb(name: str, folder: pathlib.Path) -> str:
    """What the environment weighs without pip and setuptools."""
    if name == "own layer":
        return "-"
    files = (file for file in (folder / name / "lib").rglob("*") if file.is_file())
    weight = sum(file.stat().st_size for file in files if not {"pip", "setuptools"} & set(file.parts))
    return f"{weight / 1e6:.0f}"


def import_cost(python: pathlib.Path, name: str) -> tuple[str, str]:
    """Median seconds of a process that imports it (an empty one taken off), and its memory in MB."""
    measure = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"

    def seconds(code: str) -> tuple[float, str]:
        begun = time.perf_counter()
        done = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True)
        return time.perf_counter() - begun, done.stdout.strip()

    seconds(f"import {IMPORTS[name]}")  # byte code is compiled once
    empty = statistics.median(seconds(measure)[0] for _ in range(RUNS))
    runs = [seconds(f"import {IMPORTS[name]}; {measure}") for _ in range(RUNS)]
    return f"{statistics.median(run[0] for run in runs) - empty:.2f}", runs[0][1]


def read_a_pod(python: pathlib.Path, name: str, *, user: dict[str, Any], status: int) -> tuple[Server, str, list[str]]:
    """Ask for one pod; the server's view, the last line that was printed, the files left in the temporary folder."""
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        server.status = status
        temporary = pathlib.Path(folder, "tmp")
        temporary.mkdir()
        file = pathlib.Path(folder, "config")
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.port}"}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        }
        file.write_text(json.dumps(config))  # JSON is YAML
        done = subprocess.run(
            [str(python), "-W", "ignore", "-c", f"FILE = {str(file)!r}\n{READ_A_POD[name]}"],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        return server, said, [entry.name for entry in temporary.iterdir()]


def embedded_key() -> dict[str, str]:
    """A client certificate as kubeconfigs embed it; made now, trusted by nobody."""
    import base64  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        key, certificate = pathlib.Path(folder, "key"), pathlib.Path(folder, "crt")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
                *("-nodes", "-days", "1", "-subj", "/CN=nobody", "-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        return {
            "client-certificate-data": base64.b64encode(certificate.read_bytes()).decode(),
            "client-key-data": base64.b64encode(key.read_bytes()).decode(),
        }


def plugin() -> dict[str, Any]:
    """An exec plugin of the current API version."""
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "from-plugin"},
    }
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "printf",
            "args": ["%s", json.dumps(credential)],
            "interactiveMode": "Never",
        }
    }


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure every candidate and print one row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the environments, kept for the next time")
    folder = parser.parse_args().keep or pathlib.Path(tempfile.mkdtemp(prefix="clients-"))
    key = embedded_key()
    say("| library | import s | memory MB | size MB | requests for one 403 | exec plugin v1 | key files left |")
    say("|---|---|---|---|---|---|---|")
    for name, requirement in CANDIDATES.items():
        python = installed(name, folder)
        seconds, memory_mb = import_cost(python, name)
        refused, _, _ = read_a_pod(python, name, user={"token": "t"}, status=403)
        asked, said, _ = read_a_pod(python, name, user=plugin(), status=404)
        _, _, left = read_a_pod(python, name, user=key, status=404)
        works = "yes" if "Bearer from-plugin" in asked.tokens else f"no: {said[:60]}"
        shown = f"own layer over {requirement}" if name == "own layer" else requirement
        row = (shown, seconds, memory_mb, size_mb(name, folder), refused.requests, works, len(left))
        say("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
