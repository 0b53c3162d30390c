"""`python -m ai_conformance.lab.node_pool --lab NAME`: a component of a lab that has an autoscaler."""

from __future__ import annotations

import argparse
import warnings

from ai_conformance.lab import bringing_up, registry
from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.node_pool import __doc__ as purpose
from ai_conformance.lab.node_pool.keeper import Keeper
from ai_conformance.lab.node_pool.members import Members


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m ai_conformance.lab.node_pool", description=purpose)
    parser.add_argument("--lab", required=True, help="its name")
    # Names of nodes may be longer than X.520 has it; see `pki.issue`.
    warnings.filterwarnings("ignore", message="Attribute's length", category=UserWarning)
    record = registry.get(parser.parse_args().lab)
    members = Members(lab=record, prepared=bringing_up.prepare(record.options))
    print("ready", flush=True)  # noqa: T201 - the agreed sign for whoever started us
    Keeper(members=members, api=Client.with_kubeconfig(record.kubeconfig)).run()


if __name__ == "__main__":
    main()
