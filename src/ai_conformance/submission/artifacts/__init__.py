"""The three artifacts of a test run, read exactly as the program's validator reads them: `read` is the way in.

The validator is written in Go and takes what Go's standard library takes, which is neither what the formats say nor
what Python's library takes: text beside the root of an XML file, keys of JSON in any case, a log whose lines end with
a line feed alone. Whoever read them otherwise would promise a verdict that the pull request does not get.
"""

from ai_conformance.submission.artifacts.kinds import ArtifactKind, kind_of, read
from ai_conformance.submission.artifacts.outcomes import ArtifactError, ArtifactReport, TestOutcome

__all__ = ["ArtifactError", "ArtifactKind", "ArtifactReport", "TestOutcome", "kind_of", "read"]
