import hashlib
import io
import json
import tarfile

from ai_conformance.lab import images

ENTRIES = images.root_entries(b"not really busybox", applets=["busybox", "ls", "sh"])


def archive() -> bytes:
    return images.docker_archive(
        [
            images.Image(tag=images.PAUSE, entries=ENTRIES, entrypoint=images.PAUSE_COMMAND),
            images.Image(tag=images.PROBE, entries=ENTRIES, command=("sh",)),
        ]
    )


def test_the_same_input_gives_the_same_bytes() -> None:
    assert archive() == archive()


def test_manifest_names_every_image_and_digests_are_true() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive())) as tar:

        def read(name: str) -> bytes:
            file = tar.extractfile(name)
            assert file is not None
            return file.read()

        manifest = json.loads(read("manifest.json"))
        assert [entry["RepoTags"] for entry in manifest] == [[images.PAUSE], [images.PROBE]]
        for entry in manifest:
            config = json.loads(read(entry["Config"]))
            layer = read(entry["Layers"][0])
            assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
            with tarfile.open(fileobj=io.BytesIO(layer)) as root:
                assert root.getmember("tmp").mode == 0o1777
                assert root.getmember("bin/sh").linkname == "busybox"
                passwd = root.extractfile("etc/passwd")
                assert passwd is not None
                assert b"nobody:x:65534:" in passwd.read()
