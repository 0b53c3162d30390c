"""A script of scripts/ as a module, for tests of what it writes."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def load(name: str) -> ModuleType:
    """By its file's name."""
    known = name.replace("-", "_")
    loader = importlib.machinery.SourceFileLoader(known, str(ROOT / "scripts" / name))
    spec = importlib.util.spec_from_loader(known, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[known] = module  # where dataclasses look for the names in annotations
    loader.exec_module(module)
    return module
