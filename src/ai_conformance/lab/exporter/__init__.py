"""The metrics exporter of the fake accelerators: what a node's devices really do, in Prometheus' text format.

It runs as a pod on each node, as exporters of real accelerators do: it reads the kernel's I/O counters of the loop
devices that stand for accelerators, and asks the kubelet (pod-resources API) which pod holds which. Nothing outside of
its image is imported but the room `accelerators`.
"""

PORT = 9400
DEVICES = "devices.json"
"""In the exporter's folder on the node: what `accelerators.config` writes."""
FAULTS = "faults"
"""Beside it: a folder with one empty file per fault."""
FOLDER = "accelerator-exporter"
"""Name of that folder below /var/lib of a node."""
