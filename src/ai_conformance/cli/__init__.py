"""Presentation only: one module per command group, imported when that group is asked for."""
