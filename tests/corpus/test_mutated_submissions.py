"""200 hostile or broken folders through the command: each ends in findings or one clear message, and soon.

Wrong kinds of value at each field, tricks with paths, other encodings and files that are no files. The command is run
in this process; whatever is opened while it runs is watched, so that no file outside the folder is read.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ai_conformance.cli import main
from ai_conformance.submission import documents
from ai_conformance.submission.documents import Mapping, Node, Scalar, Sequence

NUMBER = 200
LONGEST_S = 10.0
"""Of the processor: how busy the machine is says nothing about the command."""
VALUES = (
    "1.0",
    "0011",
    "2026-02-19",
    "~",
    "true",
    "[]",
    "{}",
    "[[[]]]",
    "{a: {b: c}}",
    "|\n  a\n",
    "'",
    "*x",
    "!!int 7",
)
PATHS = (
    "../secret.txt",
    "../../secret.txt",
    "/etc/passwd",
    "file:///etc/passwd",
    "file://../../secret.txt",
    "a/../../../secret.txt",
    "link.md",
    "loop.md",
    "folder",
    "folder/../link.md",
    "pipe",
    "e2e.log/x",
    "%2e%2e/secret.txt",
    "n" * 300,
    "a\\0b",
    "JUNIT.XML",
    "results.json#" + "x" * 5000,
    ".",
    "",
    "file://",
)
WHOLES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 3],
    "binary": lambda data: bytes(range(256)) * 20,
    "50 MB": lambda data: b"a: " + b"x" * 50_000_000,
    "deep": lambda data: b"metadata: " + b"[" * 200_000,
    "alias bomb": lambda data: b"a: &a [x]\n" + b"".join(b"k%d: &k%d [%s]\n" % (n, n, b"*a, " * 90) for n in range(99)),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "Latin-1": lambda data: data + "é".encode("latin-1"),
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR": lambda data: data.replace(b"\n", b"\r"),
    "tabs": lambda data: data.replace(b"  ", b"\t"),
    "two documents": lambda data: data + b"\n---\n" + data,
    "NUL": lambda data: data[:100] + b"\0" + data[100:],
    "empty": lambda data: b"",
}


@pytest.fixture(scope="module")
def opened() -> Iterator[set[str]]:
    names: set[str] = set()
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str | bytes):
            names.add(os.fsdecode(arguments[0]))

    sys.addaudithook(hook)
    yield names
    watching = False


def places(data: bytes) -> list[Node]:
    """All values of a document, mappings and lists included."""
    found: list[Node] = []

    def walk(node: Node) -> None:
        for below in (
            [one.value for one in node.pairs] if isinstance(node, Mapping) else list(getattr(node, "items", ()))
        ):
            found.append(below)
            walk(below)

    walk(documents.parse(data, source="x").root)
    return found


def replaced(data: bytes, node: Node, value: str) -> bytes:
    text = data.decode()
    return f"{text[: node.start]}{value}{text[node.end :]}".encode()


def hostile(place: Path, choice: random.Random, number: int) -> str:
    """Damage a folder; says how."""
    file = place / "PRODUCT.yaml"
    data = file.read_bytes()
    match number % 4:
        case 0:
            node, value = choice.choice(places(data)), choice.choice(VALUES)
            file.write_bytes(replaced(data, node, value))
            return f"{value!r} in line {node.line}"
        case 1:
            lists = [one for one in places(data) if isinstance(one, Sequence) and not one.items]
            texts = [one for one in places(data) if isinstance(one, Scalar) and one.text.startswith(("http", "e2e"))]
            path = choice.choice(PATHS)
            node = choice.choice(lists or texts)
            file.write_bytes(replaced(data, node, f"[{json.dumps(path)}]" if lists else json.dumps(path)))
            return path[:40]
        case 2:
            name = list(WHOLES)[number // 4 % len(WHOLES)]
            file.write_bytes(WHOLES[name](data))
            return name
        case _:
            return _no_file(place, file, choice)


def _no_file(place: Path, file: Path, choice: random.Random) -> str:
    kind = choice.choice(["a folder", "a link out", "a link to itself", "other case", "yml", "a pipe", "unreadable"])
    content = file.read_bytes()
    file.unlink()
    match kind:
        case "a folder":
            file.mkdir()
        case "a link out":
            file.symlink_to(place.parent.parent / "secret.txt")
        case "a link to itself":
            file.symlink_to(file)
        case "other case":
            (place / "product.yaml").write_bytes(content)
        case "yml":
            (place / "PRODUCT.yml").write_bytes(content)
        case "a pipe":
            os.mkfifo(file)
        case _:
            file.write_bytes(content)
            file.chmod(0)
    return kind


def equip(place: Path) -> None:
    """Things beside PRODUCT.yaml that paths lead to."""
    (place.parent.parent / "secret.txt").write_text("not yours", encoding="utf-8")
    (place / "link.md").symlink_to(place.parent.parent / "secret.txt")
    (place / "loop.md").symlink_to(place / "loop.md")
    (place / "folder").mkdir()
    os.mkfifo(place / "pipe")


def test_200_hostile_folders_end_in_findings_or_a_message(
    program_dir: Path, tmp_path: Path, opened: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    choice = random.Random(20261101)
    sources = sorted((program_dir / "submissions").glob("v*/*/PRODUCT.yaml"))
    codes: Counter[int] = Counter()
    for number in range(NUMBER):
        source = choice.choice(sources).parent
        place = tmp_path / str(number) / source.parent.name / source.name
        shutil.copytree(source, place)
        equip(place)
        how = hostile(place, choice, number)
        rules = choice.choice(["strict", "upstream", "upstream-2026-08", "upstream-next"])
        arguments = ["submission", "check", str(place), "--program", str(program_dir), "--rules", rules]
        arguments += ["--rules", "strict", "--output-format", choice.choice(["text", "json", "sarif", "github"])]
        arguments += ["--fix"] if choice.random() < 0.3 else []
        opened.clear()
        began = time.process_time()
        with pytest.raises(SystemExit) as end:
            main.main(arguments)
        took_s = time.process_time() - began
        read = set(opened)
        out, err = capsys.readouterr()
        assert end.value.code in (0, 1, 2, 3), f"{how}: {err}"
        # Annotations of a sound folder are none.
        assert out.strip() or err.strip() or end.value.code == 0, how
        assert "Traceback" not in out + err, how
        assert took_s < LONGEST_S, how
        assert not [name for name in read if name.endswith("secret.txt") or name == "/etc/passwd"], how
        codes[int(end.value.code)] += 1
        (place / "pipe").unlink()
    assert codes[1] > NUMBER // 2
    assert set(codes) <= {0, 1, 2, 3}
