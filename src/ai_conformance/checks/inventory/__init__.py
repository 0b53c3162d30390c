"""The accelerators of a cluster: which there are, on which nodes, how a workload asks for one, how many are free.

Two mechanisms are looked for, each judged on its own: DRA (ResourceSlices and DeviceClasses) and device plugins
(allocatable extended resources). What is present but cannot be used is kept with the reason: a check that finds no
accelerator has to say what was looked for and what was seen.
"""

from ai_conformance.checks.inventory.model import Device, Inventory, Mechanism, NodeClass, Supply
from ai_conformance.checks.inventory.settling import settled
from ai_conformance.checks.inventory.take import take

__all__ = ["Device", "Inventory", "Mechanism", "NodeClass", "Supply", "settled", "take"]
