"""Cluster autoscalers: which there are, the pool that is tried, the demand, and who added the node that came."""
