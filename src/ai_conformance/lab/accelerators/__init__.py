"""Fake accelerators that Kubernetes takes for real ones: device nodes, a DRA driver and a device plugin.

The lab needs devices that a container can open, read an identity from, and be refused, without any hardware. A loop
device is such a device: its content is ours, and the kernel's device cgroup guards it like any other. Everything above
it (the kubelet's gRPC interfaces, ResourceSlices, CDI) is what a vendor's own driver would use.
"""
