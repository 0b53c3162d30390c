"""The program's validator, reproduced: the verdict that a pull request will get, before it is opened.

It is a Go program that runs on every pull request. What is asked here, and in which words YAML, XML, JSON and paths are
understood, is what it asks and how it understands them, lenient or strange as that may be; what we think that a
submission should be is the strict rules' business. Its messages are not repeated, only their substance.
"""

from ai_conformance.submission.upstream.checking import Checklist, Reachable, check, read_checklist
from ai_conformance.submission.upstream.rule_sets import RuleSet
from ai_conformance.submission.upstream.rules import RULES

__all__ = ["RULES", "Checklist", "Reachable", "RuleSet", "check", "read_checklist"]
