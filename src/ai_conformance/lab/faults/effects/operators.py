"""Faults of an operator, JobSet: its pods, and what it may do; and what these faults have in common."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.addons.jobset import EXAMPLE, NAMESPACE
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab, faults_folder
from ai_conformance.lab.files import write_json
from ai_conformance.lab.waiting import WaitTimeoutError, poll_until

Object = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
DEPLOYMENT = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/jobset-controller-manager"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/jobset-manager-role"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
VALIDATING = f"{ADMISSION}/validatingwebhookconfigurations/jobset-validating-webhook-configuration"
MUTATING = f"{ADMISSION}/mutatingwebhookconfigurations/jobset-mutating-webhook-configuration"
TRIES = "/apis/jobset.x-k8s.io/v1alpha2/namespaces/default/jobsets?dryRun=All"
SETTLED_S = 120
"""A manager ends within its grace period, starts, and is asked for its readiness every ten seconds."""
_NOT_FOUND, _CONFLICT = 404, 409


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """The API's trouble as a fault's."""
    try:
        yield
    except (ApiError, OSError, http.client.HTTPException, WaitTimeoutError) as error:
        raise FaultError(
            f"JobSet cannot be changed: {error}", remedy="Is the lab up? See `ai-conformance lab status`."
        ) from error


def change(api: Client, path: str, edit: Callable[[Object], None]) -> None:
    """Read an object, edit it, write it; again where somebody else was quicker."""
    for attempt in range(5):
        obj = api.request("GET", path)
        edit(obj)
        try:
            api.request("PUT", path, body=obj)
        except ApiError as error:
            if error.status != _CONFLICT or attempt == 4:
                raise
        else:
            return


def deleted(api: Client, path: str) -> None:
    """Delete what may be gone already."""
    try:
        api.request("DELETE", path)
    except ApiError as error:
        if error.status != _NOT_FOUND:
            raise


def created(api: Client, path: str, obj: Mapping[str, Any]) -> None:
    """Create what may be there already."""
    try:
        api.request("POST", path, body=obj)
    except ApiError as error:
        if error.status != _CONFLICT:
            raise


def works_again(api: Client) -> None:
    """Wait until the one pod is ready and the webhooks accept a sound object."""
    wait_for(
        api,
        PODS,
        lambda found: bool(found) and all(is_ready(one) for one in found),
        what="JobSet's pod to be ready",
        timeout_s=SETTLED_S,
    )

    def accepted() -> bool:
        try:
            api.request("POST", TRIES, body=EXAMPLE)
        except ApiError:
            return False
        return True

    poll_until(accepted, what="JobSet's webhooks to answer", timeout_s=SETTLED_S)


def is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ControllerGone:
    """The CRD is there; the controller and its webhook configurations are not."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Keep the configurations in a file, remove them, and scale the Deployment to nothing."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            for path in (VALIDATING, MUTATING):
                try:
                    obj = api.request("GET", path)
                except ApiError as error:
                    if error.status == _NOT_FOUND:
                        continue  # an earlier attempt has removed it, and kept it
                    raise
                for key in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
                    obj["metadata"].pop(key, None)
                write_json(self._file(lab, path), obj)
                deleted(api, path)
            api.request("PATCH", DEPLOYMENT, body={"spec": {"replicas": 0}}, content_type=MERGE_PATCH)
            wait_for(api, PODS, lambda found: not found, what="JobSet's pod to go", timeout_s=SETTLED_S)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Bring them back."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            api.request("PATCH", DEPLOYMENT, body={"spec": {"replicas": 1}}, content_type=MERGE_PATCH)
            for path in (VALIDATING, MUTATING):
                file = self._file(lab, path)
                if file.exists():
                    created(api, path.rpartition("/")[0], json.loads(file.read_text(encoding="utf-8")))
            works_again(api)
            for path in (VALIDATING, MUTATING):
                self._file(lab, path).unlink(missing_ok=True)

    def _file(self, lab: FaultyLab, path: str) -> Any:
        return faults_folder(lab) / f"{path.rpartition('/')[2]}.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RightsMissing:
    """The controller's role lacks verbs on Jobs."""

    verbs: tuple[str, ...]

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take them away."""
        with explained():
            change_role(Client.with_kubeconfig(lab.kubeconfig), "jobs", taken=self.verbs)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Give them back."""
        with explained():
            change_role(Client.with_kubeconfig(lab.kubeconfig), "jobs", given=self.verbs)


def change_role(api: Client, resource: str, *, taken: Sequence[str] = (), given: Sequence[str] = ()) -> None:
    """Change the verbs of the rule that covers a resource in the role of JobSet's manager."""

    def edit(role: Object) -> None:
        for rule in role["rules"]:
            if resource in rule.get("resources", ()):
                kept = [verb for verb in rule["verbs"] if verb not in taken]
                rule["verbs"] = [*kept, *(verb for verb in given if verb not in kept)]

    change(api, _ROLE, edit)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CrashLoop:
    """The manager ends as soon as it is started, again and again."""

    _FLAG = "--no-such-flag"

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Give it a flag that it does not know, and wait until it has ended twice."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)

            def edit(obj: Object) -> None:
                obj["spec"]["strategy"] = {"type": "Recreate"}
                arguments = obj["spec"]["template"]["spec"]["containers"][0].setdefault("args", [])
                if self._FLAG not in arguments:
                    arguments.append(self._FLAG)

            change(api, DEPLOYMENT, edit)
            wait_for(
                api,
                PODS,
                lambda found: bool(found) and all(restarts(one) > 0 for one in found),
                what="JobSet's manager to end",
                timeout_s=SETTLED_S,
            )

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take the flag away."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)

            def edit(obj: Object) -> None:
                container = obj["spec"]["template"]["spec"]["containers"][0]
                container["args"] = [one for one in container.get("args", []) if one != self._FLAG]

            change(api, DEPLOYMENT, edit)
            wait_for(
                api,
                PODS,
                lambda found: bool(found) and all(self._FLAG not in str(one["spec"]) for one in found),
                what="JobSet's broken pod to go",
                timeout_s=SETTLED_S,
            )
            works_again(api)


def restarts(pod: Mapping[str, Any]) -> int:
    return sum(int(one["restartCount"]) for one in pod.get("status", {}).get("containerStatuses") or ())
