"""An impostor: `python -m ai_conformance.lab.faults.impostor`, a process that writes the status of JobSets by hand.

It says of each new JobSet what its controller would say of one that runs. It ends when the file that keeps it alive is
gone.
"""

from __future__ import annotations

import argparse
import http.client
import select
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators import inotify
from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client

_JOBSETS = "/apis/jobset.x-k8s.io/v1alpha2/jobsets"
_WATCH_S = 300
_MANAGER = "by-hand"


def status(jobset: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What the controller writes once every Job of a JobSet runs."""
    condition = {
        "type": "StartupPolicyCompleted",
        "status": "True",
        "reason": "StartupPolicyCompleted",
        "message": "startup policy has completed",
        "lastTransitionTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    counts = ("active", "failed", "ready", "succeeded", "suspended")
    jobs = [
        {"name": one["name"], **dict.fromkeys(counts, 0), "ready": one.get("replicas", 1)}
        for one in jobset["spec"]["replicatedJobs"]
    ]
    return {"conditions": [condition], "replicatedJobsStatus": jobs}


def follow(api: Client, *, started: threading.Event) -> None:
    """Watch until the process ends."""
    pause = threading.Event()
    while True:
        try:
            version = api.request("GET", _JOBSETS)["metadata"]["resourceVersion"]
            started.set()
            for event in api.watch(f"{_JOBSETS}?resourceVersion={version}", timeout_s=_WATCH_S):
                if event["type"] == "ADDED":
                    _write(api, event["object"])
        except (ApiError, OSError, http.client.HTTPException, ValueError) as error:
            print(f"impostor: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the process's log
            pause.wait(1)  # the server is away; there is nothing to wait on but time


def _write(api: Client, jobset: Mapping[str, Any]) -> None:
    metadata = jobset["metadata"]
    path = f"/apis/jobset.x-k8s.io/v1alpha2/namespaces/{metadata['namespace']}/jobsets/{metadata['name']}/status"
    body = {"status": status(jobset, now=datetime.now(UTC))}
    api.request("PATCH", f"{path}?fieldManager={_MANAGER}", body=body, content_type=MERGE_PATCH)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--while", dest="record", type=Path, required=True, help="end when this file is gone")
    options = parser.parse_args()
    started = threading.Event()
    api = Client.with_kubeconfig(options.kubeconfig)
    with inotify.Watch() as watch:
        watch.add(options.record.parent)
        threading.Thread(target=follow, args=(api,), kwargs={"started": started}, daemon=True).start()
        started.wait()
        print("ready", flush=True)  # noqa: T201 - the agreed sign for whoever started us
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        while options.record.exists():
            poller.poll()
            watch.read()


if __name__ == "__main__":
    main()
