"""``ai-conformance lab``: a real Kubernetes with fake accelerators on this machine. Presentation only."""

from __future__ import annotations

import click

from ai_conformance.cli.lab import addons, faults, image, lifecycle, looking
from ai_conformance.cli.lab.shared import LabGroup


@click.group(cls=LabGroup)
def lab() -> None:
    """A real Kubernetes with fake accelerators on this machine: no Docker, no VM, no image registry.

    Needs Linux and root; `lab doctor` says what is missing.
    """


for command in (
    lifecycle.doctor,
    lifecycle.up,
    lifecycle.down,
    lifecycle.build,
    looking.status,
    looking.list_labs,
    looking.kubeconfig,
    looking.logs,
    looking.exec_in_node,
    faults.fault,
    addons.addon,
    image.image,
):
    lab.add_command(command)
