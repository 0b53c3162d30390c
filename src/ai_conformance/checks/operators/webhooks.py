"""Admission webhooks: which are over a kind, which of these are an operator's own, and whether they can work."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.checks.operators import controllers
from ai_conformance.kube import clock

if TYPE_CHECKING:
    from ai_conformance.catalog import Operator

Object = Mapping[str, Any]
VALIDATING, MUTATING = "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Webhook:
    """One webhook of a configuration."""

    kind: str
    """Of the configuration."""
    configuration: str
    labels: Mapping[str, str]
    """Of the configuration."""
    name: str
    service: tuple[str, str] | None
    """Namespace and name; None where it is called by its URL."""
    url: str = ""
    ca_bundle: str = ""
    """PEM in base64; empty where the API server's own trust is used."""
    failure_policy: str = "Fail"
    rules: Sequence[Object] = ()

    @property
    def where(self) -> str:
        """Whom the API server calls, for messages."""
        return f"Service {'/'.join(self.service)}" if self.service else self.url

    def __str__(self) -> str:
        return f"webhook {self.name} of {self.kind} {self.configuration}"

    def covers(self, *, group: str, plural: str, operation: str = "CREATE") -> bool:
        """Whether an operation on a kind is brought before it."""
        return any(
            {"*", group} & {*rule.get("apiGroups", ())}
            and {"*", "*/*", plural} & {*rule.get("resources", ())}
            and {"*", operation} & {*rule.get("operations", ())}
            for rule in self.rules
        )


def read(configurations: Sequence[Object]) -> list[Webhook]:
    """All webhooks of validating and mutating configurations."""
    return list(_read(configurations))


def _read(configurations: Sequence[Object]) -> Iterator[Webhook]:
    for one in configurations:
        for hook in one.get("webhooks") or ():
            client = hook.get("clientConfig") or {}
            service = client.get("service")
            yield Webhook(
                kind=str(one["kind"]),
                configuration=str(one["metadata"]["name"]),
                labels=one["metadata"].get("labels") or {},
                name=str(hook["name"]),
                service=(str(service["namespace"]), str(service["name"])) if service else None,
                url=str(client.get("url", "")),
                ca_bundle=str(client.get("caBundle", "")),
                failure_policy=str(hook.get("failurePolicy", "Fail")),
                rules=hook.get("rules") or (),
            )


def own(
    hooks: Sequence[Webhook], *, operator: Operator, services: Sequence[Object], pods: Sequence[Object]
) -> list[Webhook]:
    """The operator's own webhooks over its kind; an empty list where nobody has any.

    They are known by the pods behind their Service; where that has none (which may be what is wrong), by the labels of
    the Service or of the configuration; where nothing tells, by there being only one place that is called at all.
    Raises NotTested where several are called and none can be told to be the operator's.
    """
    over = [one for one in hooks if one.covers(group=operator.group, plural=operator.plural)]
    by_name = {(str(one["metadata"]["namespace"]), str(one["metadata"]["name"])): one for one in services}
    mine = [
        one for one in over if _is_own(one, operator=operator, service=by_name.get(one.service or ("", "")), pods=pods)
    ]
    if mine:
        called = {one.where for one in mine}
        return [one for one in over if one.where in called]
    strangers = [one for one in over if not _serves_strangers(one, services=by_name, pods=pods)]
    if len({one.where for one in strangers}) > 1:
        raise outcomes.NotTested(
            f"which webhook over {operator.kind} is {operator.title}'s own cannot be told: "
            f"{'; '.join(f'{one} calls {one.where}' for one in strangers)}"
        )
    return strangers


def _is_own(hook: Webhook, *, operator: Operator, service: Object | None, pods: Sequence[Object]) -> bool:
    labels = [hook.labels]
    if service is not None:
        behind = _behind(service, pods)
        if behind:
            return any(controllers.runs(pod, operator=operator) for pod in behind)
        labels += [service["metadata"].get("labels") or {}, (service.get("spec") or {}).get("selector") or {}]
    wanted = {tuple(one.split("=", 1)) for one in operator.pod_labels}
    return any(wanted & {*one.items()} for one in labels)


def _serves_strangers(hook: Webhook, *, services: Mapping[tuple[str, str], Object], pods: Sequence[Object]) -> bool:
    """Whether pods are behind it, none of which is the operator's: then it is somebody else's."""
    service = services.get(hook.service or ("", ""))
    return service is not None and bool(_behind(service, pods))


def _behind(service: Object, pods: Sequence[Object]) -> list[Object]:
    selector = (service.get("spec") or {}).get("selector") or {}
    if not selector:
        return []
    return [
        pod
        for pod in pods
        if pod["metadata"].get("namespace") == service["metadata"].get("namespace")
        and selector.items() <= (pod["metadata"].get("labels") or {}).items()
    ]


def ready_endpoints(slices: Sequence[Object], *, service: tuple[str, str]) -> list[str]:
    """Addresses that a Service has and that are ready."""
    mine = [
        one
        for one in slices
        if (one["metadata"].get("namespace"), (one["metadata"].get("labels") or {}).get("kubernetes.io/service-name"))
        == service
    ]
    return [
        str(address)
        for one in mine
        for endpoint in one.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True)
        for address in endpoint.get("addresses") or ()
    ]


def wrong_ca(bundle: str, *, now_s: float | None = None) -> str | None:
    """Why a CA bundle (PEM in base64) cannot vouch for anybody; None where it can."""
    try:
        pem = base64.b64decode(bundle, validate=True).decode("ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pem)
    except (binascii.Error, UnicodeDecodeError, ssl.SSLError, ValueError) as error:
        return f"its CA bundle cannot be read: {error}"
    ends = [ssl.cert_time_to_seconds(str(one["notAfter"])) for one in context.get_ca_certs()]
    # A self-signed server certificate that is no CA is not listed; whether it works is seen by calling the webhook.
    if ends and max(ends) < (clock.since_1970_s() if now_s is None else now_s):
        return "every certificate of its CA bundle has expired"
    return None
