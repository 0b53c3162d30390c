"""The lab's cluster DNS: addresses of Services and of the endpoints of headless ones, read from the API when asked.

It answers what gateways and clients of Services ask; there are no SRV or PTR records, and no names outside the cluster.
Source of the names: Kubernetes DNS-Based Service Discovery, version 1.1.0.
"""

DOMAIN = "cluster.local"
PORT = 5353
"""Of the pod, which then needs no right to a low port; the Service has 53."""
