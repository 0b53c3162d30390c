"""Envoy Gateway itself, its configuration, and the extension server that faults put beside it."""

from __future__ import annotations

import json
from typing import Any

from ai_conformance.lab.addons import programs, python_image
from ai_conformance.lab.addons.gateway import envoy
from ai_conformance.lab.addons.gateway.names import (
    API,
    CLASS,
    CONTROLLER,
    EXTENSION,
    GATEWAY_API,
    IMAGE,
    LABELS,
    NAME,
    NAMESPACE,
)
from ai_conformance.lab.gateway_extension import PORT, Way

Object = dict[str, Any]
_DOMAIN = "cluster.local"
_PORTS = {"grpc": 18000, "ratelimit": 18001, "wasm": 18002, "metrics": 19001}


def config_map(way: Way | None) -> Object:
    """The configuration, under a name of its own for each: another one is another pod, at once."""
    kubernetes = {
        "leaderElection": {"disable": True},
        "proxyTopologyInjector": {"disabled": True},
        "shutdownManager": {"image": IMAGE},
    }
    content: Object = {
        "apiVersion": API,
        "kind": "EnvoyGateway",
        "gateway": {"controllerName": CONTROLLER},
        "provider": {"type": "Kubernetes", "kubernetes": kubernetes},
        "logging": {"level": {"default": "info"}},
    }
    if way is not None:
        every = {"includeAll": True}
        translation = dict.fromkeys(("listener", "route", "cluster", "secret"), every)
        content["extensionManager"] = {
            "hooks": {"xdsTranslator": {"translation": translation, "post": ["Translation"]}},
            "service": {"fqdn": {"hostname": f"{EXTENSION}.{NAMESPACE}.svc.{_DOMAIN}", "port": PORT}},
        }
    # JSON is YAML.
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _configuration(way), "namespace": NAMESPACE},
        "data": {"envoy-gateway.yaml": json.dumps(content, indent=1)},
    }


def _configuration(way: Way | None) -> str:
    return NAME if way is None else f"{NAME}-extended"


def service() -> Object:
    """Where the proxies ask for their configuration."""
    ports = [{"name": name, "port": port} for name, port in _PORTS.items()]
    return _service(NAME, labels=LABELS, ports=ports)


def controller(way: Way | None = None, *, replicas: int = 1) -> Object:
    """Envoy Gateway; with a way it asks the extension server before it publishes anything."""
    container = {
        "name": NAME,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["server", "--config-path=/config/envoy-gateway.yaml"],
        "env": [
            {"name": "ENVOY_GATEWAY_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
            {"name": "KUBERNETES_CLUSTER_DOMAIN", "value": _DOMAIN},
        ],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8081}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "20m", "memory": "100Mi"}},
        "volumeMounts": [
            {"name": "config", "mountPath": "/config"},
            {"name": "certs", "mountPath": "/certs"},
            {"name": "wasm", "mountPath": "/var/lib/eg/wasm"},
        ],
    }
    spec = {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 1,
        "enableServiceLinks": False,
        "containers": [container],
        "volumes": [
            {"name": "config", "configMap": {"name": _configuration(way)}},
            {"name": "certs", "secret": {"secretName": NAME}},
            {"name": "wasm", "emptyDir": {}},
        ],
    }
    return _deployment(NAME, labels=LABELS, spec=spec, replicas=replicas)


def extension(way: Way) -> list[Object]:
    """The server that spoils what is published."""
    labels = {"app.kubernetes.io/name": EXTENSION}
    container = {
        "name": "extension",
        "image": programs.IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-m", "ai_conformance.lab.gateway_extension", "--way", way.value],
        "env": [{"name": key, "value": value} for key, value in python_image.ENVIRONMENT.items()],
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "10m", "memory": "30Mi"}},
    }
    # With the rights of Envoy Gateway, of which it uses the one to read HTTPRoutes.
    spec = {"serviceAccountName": NAME, "terminationGracePeriodSeconds": 1, "containers": [container]}
    return [
        _service(EXTENSION, labels=labels, ports=[{"name": "grpc", "port": PORT}]),
        _deployment(EXTENSION, labels=labels, spec=spec),
    ]


def gateway_class() -> list[Object]:
    """The class, and how its proxies are run: our image, an address of the cluster, gone within seconds."""
    container = {"image": envoy.IMAGE, "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}}}
    # The shutdown manager would hold every deleted proxy for a minute; nobody's requests are drained here.
    pod = {
        "terminationGracePeriodSeconds": 1,
        "containers": [
            {"name": "shutdown-manager", "$patch": "delete"},
            # Not taken out of service by the first probe that a busy machine answers after more than a second.
            {
                "name": "envoy",
                "lifecycle": {"$patch": "delete"},
                "readinessProbe": {"periodSeconds": 1, "failureThreshold": 15},
                "startupProbe": {"periodSeconds": 1, "failureThreshold": 300},
            },
        ],
    }
    patch = {"type": "StrategicMerge", "value": {"spec": {"template": {"spec": pod}}}}
    kubernetes = {
        "envoyService": {"type": "ClusterIP"},
        "envoyDeployment": {"replicas": 1, "container": container, "patch": patch},
    }
    parameters = {"group": API.partition("/")[0], "kind": "EnvoyProxy", "name": CLASS, "namespace": NAMESPACE}
    return [
        {
            "apiVersion": API,
            "kind": "EnvoyProxy",
            "metadata": {"name": CLASS, "namespace": NAMESPACE},
            "spec": {"provider": {"type": "Kubernetes", "kubernetes": kubernetes}},
        },
        {
            "apiVersion": f"{GATEWAY_API}/v1",
            "kind": "GatewayClass",
            "metadata": {"name": CLASS},
            "spec": {"controllerName": CONTROLLER, "parametersRef": parameters},
        },
    ]


def _service(name: str, *, labels: dict[str, str], ports: list[Object]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": labels, "ports": ports},
    }


def _deployment(name: str, *, labels: dict[str, str], spec: Object, replicas: int = 1) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "Recreate"},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
