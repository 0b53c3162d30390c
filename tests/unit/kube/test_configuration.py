"""Kubeconfigs, good and bad, and the credentials in them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from fake_api import FakeApi, pod

from ai_conformance.kube import discovery, errors, kubeconfig, resources
from ai_conformance.kube.credentials import Credentials
from ai_conformance.kube.kubeconfig import Connection, ExecPlugin

WHOLE = """
current-context: one
clusters: [{name: c, cluster: {server: "https://h:1/", tls-server-name: other, proxy-url: "http://p:3128"}}]
users: [{name: u, user: {tokenFile: tok}}]
contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: nope, user: u}}]
"""


def _file(folder: Path, text: str, *, name: str = "config") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_kubeconfig_is_read_with_paths_relative_to_it(tmp_path: Path) -> None:
    found = kubeconfig.load(_file(tmp_path, WHOLE))
    assert (found.server, found.tls_server_name, found.proxy) == ("https://h:1", "other", "http://p:3128")
    assert found.token_file == tmp_path / "tok"


def test_of_several_files_the_first_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _file(tmp_path, "users: [{name: u, user: {token: mine}}]", name="a")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{_file(tmp_path, WHOLE, name='b')}:{tmp_path / 'absent'}")
    assert kubeconfig.load().token == "mine"


@pytest.mark.parametrize(
    ("text", "context", "says"),
    [
        (WHOLE, "three", "there are one, two"),
        (WHOLE, "two", "names the cluster 'nope'"),
        ("a: [1, 2\nb: 3\n", None, "config:2:"),
        ("just words", None, "not a kubeconfig"),
        ("", None, "no current-context"),
        (WHOLE.replace("https://h:1/", "h"), None, "no usable server"),
        (WHOLE.replace("http://p", "socks5://p"), None, "only http and https proxies"),
        (WHOLE.replace("tokenFile: tok", "client-certificate-data: '%%'"), None, "not base64"),
        (WHOLE.replace("tokenFile: tok", "client-certificate: gone"), None, "cannot be read"),
        (WHOLE.replace("tokenFile: tok", "auth-provider: {name: gcp}"), None, "auth-provider"),
        (WHOLE.replace("tokenFile: tok", "exec: {command: x, apiVersion: v9}"), None, "apiVersion 'v9'"),
        ("users: {a: b}\n" + WHOLE.replace("users", "nobody"), None, "not a list"),
    ],
)
def test_a_bad_kubeconfig_says_what_to_do(tmp_path: Path, text: str, context: str | None, says: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        kubeconfig.load(_file(tmp_path, text), context=context)
    assert says in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_no_kubeconfig_says_how_to_give_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(errors.ConfigurationError, match="--kubeconfig"):
        kubeconfig.load()
    with pytest.raises(errors.ConfigurationError, match="no kubeconfig"):
        kubeconfig.load(tmp_path / "absent")


def test_in_a_pod_the_service_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.setattr(kubeconfig, "SERVICE_ACCOUNT", tmp_path)
    (tmp_path / "ca.crt").write_text("PEM")
    found = kubeconfig.load()
    assert (found.server, found.token_file) == ("https://[fd00::1]:443", tmp_path / "token")


def _plugin(folder: Path, body: str, *, command: str | None = None) -> Connection:
    program = _file(folder, f"#!{sys.executable}\n{body}", name="plugin")
    program.chmod(0o755)
    plugin = ExecPlugin(
        command=command or str(program),
        args=("get",),
        env={"REGION": "here"},
        api_version="client.authentication.k8s.io/v1",
        install_hint="Install it first.",
        cluster={"server": "http://x"},
    )
    return Connection(server="http://x", context="c", plugin=plugin)


async def test_a_plugin_is_asked_once_until_its_token_expires(tmp_path: Path) -> None:
    body = f"""
import json, os, pathlib
count = pathlib.Path({str(tmp_path / "count")!r})
count.write_text(count.read_text() + "x" if count.exists() else "x")
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["spec"]["cluster"]["server"] == "http://x" and os.environ["REGION"] == "here"
status = {{"token": "t" + str(len(count.read_text())), "expirationTimestamp": "2999-01-01T00:00:00Z"}}
print(json.dumps({{"status": status}}))
"""
    credentials = Credentials(_plugin(tmp_path, body))
    assert await credentials.header() == {"Authorization": "Bearer t1"}
    assert await credentials.header() == {"Authorization": "Bearer t1"}
    assert await credentials.renew()
    assert await credentials.header() == {"Authorization": "Bearer t2"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import sys; sys.exit('log in first')", "log in first"),
        ("print('a-secret-token')", "printed no ExecCredential"),
        ("print('{\"status\": {}}')", "neither a token nor a certificate"),
    ],
)
async def test_a_plugin_that_fails_is_a_configuration_error(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        await Credentials(_plugin(tmp_path, body)).header()
    assert says in str(caught.value)
    assert "a-secret-token" not in str(caught.value)


async def test_a_plugin_that_is_missing_comes_with_its_hint(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="Install it first"):
        await Credentials(_plugin(tmp_path, "", command=str(tmp_path / "absent"))).header()


def test_a_client_certificate_never_lies_on_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    bad = Connection(server="https://x", context="c", client_certificate_pem=b"not PEM", client_key_pem=b"not PEM")
    with pytest.raises(errors.ConfigurationError, match="cannot be used"):
        Credentials(bad)
    assert list(tmp_path.iterdir()) == []


def _group(name: str, *versions: dict[str, object]) -> dict[str, object]:
    return {"metadata": {"name": name}, "versions": list(versions)}


def _version(name: str, *, freshness: str = "Current") -> dict[str, object]:
    kind = {
        "resource": "things",
        "responseKind": {"kind": "Thing"},
        "scope": "Namespaced",
        "verbs": ["get"],
        "subresources": [{"subresource": "status", "verbs": ["get", "patch"]}],
    }
    return {"version": name, "freshness": freshness, "resources": [kind]}


LISTS = [
    {"kind": "APIGroupDiscoveryList", "items": [_group("g", _version("v1"), _version("v1beta1"))]},
    {"kind": "APIGroupDiscoveryList", "items": [_group("down", _version("v1", freshness="Stale"))]},
]


def test_the_preferred_version_comes_first() -> None:
    found = discovery.parse(LISTS)
    thing = found.find("g", "Thing")
    assert thing is not None
    assert (thing.version, thing.subresources["status"]) == ("v1", {"get", "patch"})
    assert found.versions("g") == ("v1", "v1beta1")
    assert found.find("g", "things", version="v1beta1") is not None
    assert found.find("g", "Other") is None


def test_a_stale_group_is_never_absent() -> None:
    found = discovery.parse(LISTS)
    assert found.stale == {"down/v1"}
    with pytest.raises(errors.DiscoveryIncomplete):
        found.find("down", "Thing")


def test_a_server_without_aggregated_discovery_is_an_error() -> None:
    with pytest.raises(errors.Unintelligible):
        discovery.parse([{"kind": "APIGroupList"}])


async def test_discovery_is_asked_once_for_all_that_share_a_connection(api: FakeApi) -> None:
    for path, answer in zip(("/api", "/apis"), LISTS, strict=True):
        api.on("GET", path, answer)
    async with await api.session() as session:
        await session.acting_as("a").discover()
        await session.acting_as("b").discover()
        assert api.count("GET", "/apis") == 1
        await session.discover(refresh=True)
        assert api.count("GET", "/apis") == 2
        with pytest.raises(errors.NotFound, match="does not serve"):
            await session.create({"apiVersion": "g/v9", "kind": "Thing", "metadata": {}})


async def test_a_stream_that_is_not_allowed_names_what_it_takes(api: FakeApi) -> None:
    api.on("GET", "/api/v1/namespaces/n/pods/a/exec", 403)
    async with await api.session() as session:
        with pytest.raises(errors.Forbidden, match="get and create on pods/exec"):
            await session.exec("n", "a", "c", ["true"], timeout_s=5)


async def test_no_exception_of_a_library_leaks(api: FakeApi, pauses: list[float]) -> None:
    api.on("GET", "/api/v1/namespaces/n/pods/a", pod("a", version=1))
    for broken in ("http://127.0.0.1:1", "http://name.invalid", "https://127.0.0.1:" + str(api.port)):
        file = api.kubeconfig()
        file.write_text(file.read_text().replace(f"http://127.0.0.1:{api.port}", broken))
        from ai_conformance.kube.session import Session  # noqa: PLC0415

        async with await Session.connect(kubeconfig=file) as session:
            with pytest.raises(errors.KubeError):
                await session.get(resources.POD, "a", "n")
            with pytest.raises(errors.KubeError):
                await session.exec("n", "a", "c", ["true"], timeout_s=5)
            with pytest.raises(errors.KubeError):
                async for _event in session.watch(resources.POD, "n"):
                    pass
    assert json.dumps([entry.trouble for entry in api.entries]) == "[]"
