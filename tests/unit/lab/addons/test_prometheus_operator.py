"""The operator's own example, as it is changed for the lab."""

from __future__ import annotations

from typing import Any

from ai_conformance.lab.addons import prometheus_operator as addon


def example() -> list[dict[str, Any]]:
    container = {
        "name": "prometheus-operator",
        "image": "elsewhere",
        "args": [
            "--kubelet-service=kube-system/kubelet",
            "--prometheus-config-reloader=elsewhere",
            "--disable-unmanaged-prometheus-configuration=true",
        ],
        "resources": {"limits": {"cpu": "200m"}, "requests": {"cpu": "100m"}},
    }
    return [
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "prometheus"},
            "subjects": [{"kind": "ServiceAccount", "name": "prometheus", "namespace": "default"}],
        },
        {"kind": "ServiceAccount", "metadata": {"name": "prometheus"}},
        {
            "kind": "Deployment",
            "metadata": {"name": "prometheus-operator", "namespace": "default"},
            "spec": {"template": {"spec": {"containers": [container]}}},
        },
    ]


def test_all_is_in_its_own_namespace() -> None:
    binding, account, deployment = addon.in_the_lab(example())
    assert binding["subjects"][0]["namespace"] == addon.NAMESPACE
    assert "namespace" not in binding["metadata"]
    assert account["metadata"]["namespace"] == deployment["metadata"]["namespace"] == addon.NAMESPACE


def test_the_operator_uses_our_images_and_leaves_kubelets_alone() -> None:
    (container,) = addon.in_the_lab(example())[2]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == addon.IMAGE
    assert container["args"] == [
        f"--prometheus-config-reloader={addon.RELOADER_IMAGE}",
        "--disable-unmanaged-prometheus-configuration=true",
    ]
    assert container["resources"] == {"requests": {"cpu": "20m"}}


def test_the_sound_prometheus_chooses_by_label_in_every_namespace() -> None:
    spec = addon.instance(version="3.5.3+ds1-6\n")["spec"]
    assert spec["version"] == "3.5.3"
    assert spec["podMonitorSelector"] == spec["serviceMonitorSelector"] == {"matchLabels": addon.CHOSEN}
    assert spec["podMonitorNamespaceSelector"] == spec["serviceMonitorNamespaceSelector"] == {}
    assert "enforcedSampleLimit" not in spec


def test_clearing_a_fault_undoes_every_field_that_one_changes() -> None:
    assert addon.selectors().keys() == addon.selectors(podMonitorSelector=None, enforcedSampleLimit=1).keys()
