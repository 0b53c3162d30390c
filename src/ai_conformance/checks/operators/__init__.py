"""Operators: which there are, how they stand, what their webhooks refuse, and whether their controllers reconcile."""
