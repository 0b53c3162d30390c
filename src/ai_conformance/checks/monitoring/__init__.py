"""Monitoring systems: found, asked in PromQL, told of a workload, and judged by what they collected of it."""
