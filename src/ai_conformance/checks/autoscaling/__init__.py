"""HorizontalPodAutoscalers over pods that hold accelerators: the workload, the metric's way, and what scales when."""
