"""What the official validator demands, as rules that can be listed and explained. The words are ours."""

from __future__ import annotations

from collections.abc import Mapping

from ai_conformance.submission.findings import Severity
from ai_conformance.submission.rules import Rule

_SOURCE = "the program's validator, scripts/validate.go"
_METADATA = "Write the value in quotes under `metadata:` in PRODUCT.yaml."
_FILE = "Put the file into the product's folder and link it by its path from there."
_ARTIFACT = "Link the artifacts of one complete run that passed, as they were written."

# id, title, remedy, explanation
_ERRORS = (
    (
        "release",
        "The file is in a folder vX.Y/<product>/.",
        "Move the product's folder below the folder of its release, such as v1.37/.",
        "The release, and with it the checklist, is known from the path alone.",
    ),
    (
        "checklist",
        "There is a checklist of the release.",
        "Name a copy of the program's repository that has the release, or correct the folder's name.",
        "The validator looks for docs/AIConformance-X.Y.yaml of the release that the path names.",
    ),
    (
        "load",
        "The file can be loaded.",
        "Correct the YAML at the place that is told.",
        "It has to be YAML, with every value of the type that is expected: no key twice, evidence as a list, a text "
        "where a text belongs. A mistake in a category that is not on the checklist counts as well.",
    ),
    (
        "section",
        "The file has `metadata` and `spec`.",
        "Add the section as the checklist has it.",
        "A section that is there and empty counts as missing.",
    ),
    (
        "metadata-missing",
        "Every metadata field but repoUrl is there.",
        _METADATA,
        "A second name in snake_case will do.",
    ),
    (
        "metadata-type",
        "A metadata field is a text.",
        "Put the value in quotes.",
        "Without quotes 1.0 is a number to YAML, 2026-02-19 a date and 0011 an octal number.",
    ),
    ("metadata-empty", "A metadata field is not empty.", _METADATA, "All of them but repoUrl have to be filled."),
    (
        "metadata-placeholder",
        "No placeholder is left.",
        _METADATA,
        "A value that begins with '[' and ends with ']' counts as the template's.",
    ),
    (
        "k8s-conformance-url",
        "k8sConformanceUrl names a folder of the Kubernetes conformance program.",
        "Link https://github.com/cncf/k8s-conformance/tree/master/vX.Y/<product> of your product.",
        "The product has to be Certified Kubernetes before; the address may say tree/main as well.",
    ),
    (
        "link",
        "A link is reachable.",
        "Correct the link, or publish what it names.",
        "HEAD, and if that fails GET, has to be answered with a status below 400. Only with --online.",
    ),
    (
        "member",
        "vendorName is the name of a CNCF member.",
        "Write the name exactly as the landscape lists it among the members.",
        "Upper and lower case count. Only where the members are known.",
    ),
    (
        "category",
        "Every category of the checklist is there.",
        "Add it as the checklist has it.",
        "Others do not matter.",
    ),
    (
        "requirement",
        "Every requirement of the checklist is there, in its category.",
        "Add it as the checklist has it.",
        "Others do not matter; of two with one id the last counts.",
    ),
    (
        "status",
        "The status is one of the four.",
        "Write Implemented, Partially Implemented, Not Implemented or N/A.",
        "Only a SHOULD may have none, and then no evidence either.",
    ),
    (
        "must",
        "A MUST is Implemented.",
        "Implement it, or, where its own condition does not hold and the rules allow it, answer N/A with the reason.",
        "Which of them may be N/A differs between the versions of the rules.",
    ),
    (
        "notes",
        "N/A has a reason in the notes.",
        "Say in the notes why the requirement does not apply.",
        "In any words.",
    ),
    (
        "evidence-path",
        "A file of the evidence is named within the product's folder.",
        _FILE,
        "Another product's folder and a path that leads out of one's own are refused.",
    ),
    ("evidence-missing", "A file of the evidence exists.", _FILE, "Anything at the path will do, a folder as well."),
    (
        "artifact",
        "An artifact can be read.",
        "Give a file that is no output of `go test` another name than e2e.log, junit.xml or results.json.",
        "A file with one of the three names is parsed wherever it is linked, in every release.",
    ),
    ("artifact-failures", "No test of an artifact failed.", _ARTIFACT, "Any test counts, not only the linked ones."),
    (
        "test-missing",
        "The test that is linked is in the artifact.",
        _ARTIFACT,
        "It is the one behind '#' in the link, else the one that belongs to the requirement.",
    ),
    ("test-failed", "The test that is linked passed.", _ARTIFACT, "Where only sub-tests are recorded, all of them."),
    (
        "test-skipped",
        "The test of a requirement that is Implemented was not skipped.",
        "Run the test, or correct the status.",
        "Where only sub-tests are recorded, not all of them may be skipped.",
    ),
)
_WARNINGS = (
    (
        "must-not-applicable",
        "A MUST that is N/A is looked at by a reviewer.",
        "Give the reason by what the environment is, not by what was planned.",
        "The validator warns the reviewer and passes it.",
    ),
    (
        "artifact-recommended",
        "A requirement with an automated test links its artifact, from 1.37 on.",
        "Link e2e.log, junit.xml or results.json of a run.",
        "The validator warns; nothing else depends on it yet.",
    ),
)

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for severity, group in ((Severity.ERROR, _ERRORS), (Severity.WARNING, _WARNINGS))
    for name, title, remedy, explanation in group
    for rule in (
        Rule(
            id=f"upstream/{name}",
            severity=severity,
            title=title,
            source=_SOURCE,
            remedy=remedy,
            explanation=explanation,
        ),
    )
}
"""By id, in the order in which the validator asks."""
