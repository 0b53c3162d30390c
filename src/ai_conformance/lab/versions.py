"""The Kubernetes versions that the lab builds, and what each needs for gang scheduling and DRA to be complete."""

from __future__ import annotations

import dataclasses
import difflib
import re

from ai_conformance.lab.errors import LabUsageError


@dataclasses.dataclass(frozen=True, kw_only=True)
class KubernetesRelease:
    """One minor version: the patch we build and the switches it needs.

    Gates and API versions are those of ``pkg/features/kube_features.go`` of that release.
    """

    minor: str
    patch: str
    feature_gates: tuple[str, ...]
    runtime_config: tuple[str, ...]


RELEASES = (
    KubernetesRelease(
        minor="1.37",
        patch="1.37.2",
        # Gangs are beta and off; a Job with a gang of its own and claims of a whole group are alpha.
        feature_gates=(
            "GenericWorkload",
            "DRAWorkloadResourceClaims",
            "TopologyAwareWorkloadScheduling",
            "WorkloadWithJob",
        ),
        runtime_config=("scheduling.k8s.io/v1beta1=true",),
    ),
    KubernetesRelease(
        minor="1.36",
        patch="1.36.3",
        feature_gates=(
            "GenericWorkload",
            "GangScheduling",
            "DRAWorkloadResourceClaims",
            "TopologyAwareWorkloadScheduling",
            "WorkloadWithJob",
        ),
        runtime_config=("scheduling.k8s.io/v1alpha2=true",),
    ),
)


def release(version: str) -> KubernetesRelease:
    """Find a release by minor (``1.37``) or by the exact patch that we build (``v1.37.2``).

    Raises:
        LabUsageError: we do not build that version; the message names those that we do.
    """
    wanted = version.removeprefix("v")
    for candidate in RELEASES:
        if wanted in (candidate.minor, candidate.patch):
            return candidate
    known = [name for candidate in RELEASES for name in (candidate.minor, candidate.patch)]
    near = difflib.get_close_matches(wanted, known, n=1)
    raise LabUsageError(
        f"Kubernetes {version} is not among the versions that the lab builds: {', '.join(known)}.",
        remedy=(f"Did you mean {near[0]}? " if near else "") + "For another one give official binaries with "
        "--kubernetes-binaries DIR.",
    )


def release_of_binaries(patch: str) -> KubernetesRelease:
    """The switches for official binaries of version ``patch``: those of its minor, whatever the patch.

    Raises:
        LabUsageError: a minor version whose switches we do not know.
    """
    minor = ".".join(patch.split(".")[:2])
    for candidate in RELEASES:
        if minor == candidate.minor:
            return dataclasses.replace(candidate, patch=patch)
    raise LabUsageError(
        f"Binaries of Kubernetes {patch} cannot be used: the lab knows the switches of "
        f"{' and '.join(candidate.minor for candidate in RELEASES)} only.",
        remedy="Take binaries of one of these minor versions.",
    )


def parse_version(text: str) -> str:
    """The ``1.37.2`` in what ``kube-apiserver --version`` prints.

    Raises:
        LabUsageError: there is none.
    """
    found = re.search(r"v(\d+\.\d+\.\d+)", text)
    if found is None:
        raise LabUsageError(f"No version number in {text.strip()!r}.")
    return found[1]
