"""Which entry of the landscape a product is."""

from __future__ import annotations

import pytest
import yaml

from ai_conformance.submission.landscape import matching
from ai_conformance.submission.landscape.reading import Item


def item(name: str, address: str = "https://elsewhere.example") -> Item:
    node = yaml.compose("a: b", Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    return Item(path=(0, 0, 0), subcategory="", name=name, homepage_url=address, second_paths=(), node=node)


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.example/p",
        "https://WWW.acme.example/P/",
        " https://acme.example/p// ",
        "https://www.acme.example/p",
    ],
)
def test_an_address_is_the_same_but_for_case_www_and_a_slash(address: str) -> None:
    wanted = item("Something else", "https://www.Acme.example/p/")
    assert matching.by_address([item("Other"), wanted], address) is wanted


@pytest.mark.parametrize(
    "address", ["", "https://acme.example/p?x", "http://acme.example/p", "https://[", "acme.example/p"]
)
def test_another_address_is_another(address: str) -> None:
    assert matching.by_address([item("Acme", "https://acme.example/p"), item("None", "")], address) is None


@pytest.mark.parametrize("name", ["Acme (KCSP)", "Acme (KTP)", "Acme (KCNTP)", "Acme (member)"])
def test_the_entry_of_a_company_is_no_product(name: str) -> None:
    items = [item(name, "https://acme.example")]
    assert matching.by_address(items, "https://acme.example") is None
    assert matching.by_name(items, name=name, vendor="Acme") is None


@pytest.mark.parametrize(
    ("product", "entry"),
    [
        ("Acme Platform", "acme-platform"),
        ("BKS", "Breqwatr BKS"),
        ("Linode Kubernetes Engine (LKE)", "Linode Kubernetes Engine"),
        ("OVHcloud Managed Kubernetes", "OVH Managed Kubernetes"),
        ("CCE\uff08Cloud Container Engine\uff09", "Baidu Cloud Container Engine"),
    ],
)
def test_a_name_is_found_that_is_alike(product: str, entry: str) -> None:
    wanted = item(entry)
    assert matching.by_name([item("Something else"), wanted], name=product, vendor="Baidu Cloud") is wanted


@pytest.mark.parametrize(
    ("product", "entry"),
    [
        ("Acme Kubernetes", "Kubernetes"),
        ("ab", "ab platform"),
        ("Acme Platform", "Ace Platform"),
        ("Acme Container Platform", "Container Acme Platform"),
        ("平台", "Acme"),
        ("", ""),
    ],
)
def test_a_name_that_only_shares_something_is_another(product: str, entry: str) -> None:
    assert matching.by_name([item(entry)], name=product, vendor="") is None


def test_the_same_name_wins_then_the_longest_part_then_the_vendors() -> None:
    items = [item("Cloud Engine of Baidu"), item("Huawei Cloud Engine"), item("Engine Plus")]
    assert matching.by_name(items, name="Cloud Engine", vendor="Huawei") is items[1]
    exact = item("Cloud Engine")
    assert matching.by_name([*items, exact], name="cloud engine", vendor="Huawei") is exact
