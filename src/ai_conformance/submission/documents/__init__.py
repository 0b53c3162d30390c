"""YAML as a vendor wrote it: read with every place, changed without touching anything else.

Nothing is interpreted: no number loses a zero, no date becomes a date. `parse` goes past what it can and notes it,
`read` refuses a document with any problem, and `Draft` changes single values as patches of the text, so that comments,
quotes and order stay and an unchanged file keeps every byte.
"""

from ai_conformance.submission.documents.drafts import Draft
from ai_conformance.submission.documents.errors import DocumentError, Problem, ProblemKind
from ai_conformance.submission.documents.nodes import Kind, Mapping, Node, Pair, Scalar, Sequence, Style, walk
from ai_conformance.submission.documents.reading import MAX_BYTES, Document, parse, read

__all__ = [
    "MAX_BYTES",
    "Document",
    "DocumentError",
    "Draft",
    "Kind",
    "Mapping",
    "Node",
    "Pair",
    "Problem",
    "ProblemKind",
    "Scalar",
    "Sequence",
    "Style",
    "parse",
    "read",
    "walk",
]
