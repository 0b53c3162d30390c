"""Exporters of accelerators' metrics: found, scraped one by one, read as numbers of single accelerators, and judged."""
