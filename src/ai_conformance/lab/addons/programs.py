"""The image of the lab's own programs that run as pods: the exporter, and what faults put before a real component."""

from __future__ import annotations

from pathlib import Path

from ai_conformance.lab.addons import python_image
from ai_conformance.lab.addons.workshop import Workshop

IMAGE = "lab.ai-conformance.invalid/programs:1"
"""A name that no registry can serve (RFC 2606): this image exists in labs alone."""
_DISTRIBUTIONS = ("grpcio", "grpcio-tools", "protobuf", "prometheus-client", "setuptools", "typing-extensions")
_PACKAGES = (
    "ai_conformance",
    "ai_conformance.lab",
    "ai_conformance.lab.accelerators",
    "ai_conformance.lab.custom_metrics",
    "ai_conformance.lab.dns",
    "ai_conformance.lab.exporter",
    "ai_conformance.lab.gateway_extension",
    "ai_conformance.lab.meddling",
)


def image(workshop: Workshop, *, tag: str = IMAGE) -> Path:
    """Its archive; ``tag`` gives it the name under which users know the like."""
    return python_image.build(workshop.cache, tag=tag, distributions=_DISTRIBUTIONS, packages=_PACKAGES)
