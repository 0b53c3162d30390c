"""Which add-ons are meant, and in which order they come and go."""

from __future__ import annotations

import dataclasses

import pytest

from ai_conformance import catalog
from ai_conformance.lab.addons import registry
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.errors import LabUsageError


def _addon(name: str, *needs: str) -> Addon:
    return dataclasses.replace(registry.ADDONS[0], name=name, needs=needs)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter needs monitoring, which needs a name service; an operator stands alone."""
    made = (_addon("dns"), _addon("adapter", "monitoring"), _addon("monitoring", "dns"), _addon("operator"))
    monkeypatch.setattr(registry, "ADDONS", made)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("none", ()),
        ("", ()),
        ("operator,dns", ("dns", "operator")),
        (" monitoring , monitoring ", ("monitoring",)),
        ("all", ("dns", "adapter", "monitoring", "operator")),
    ],
)
def test_a_list_of_names_is_read_in_the_order_of_the_registry(three: None, text: str, names: tuple[str, ...]) -> None:
    assert registry.parse(text) == names


@pytest.mark.parametrize("text", ["monitorin", "dns,monitorin"])
def test_for_an_unknown_name_the_nearest_is_offered(three: None, text: str) -> None:
    with pytest.raises(LabUsageError, match=r"no add-on 'monitorin'(?s:.)*Did you mean monitoring"):
        registry.parse(text)


def test_for_the_musts_there_is_what_they_need_and_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tuple(
        dataclasses.replace(_addon(name), serves=serves, extra=extra)
        for name, serves, extra in (
            ("monitoring", ("workload_sandboxing", "ai_service_metrics"), False),
            ("other-monitoring", ("ai_service_metrics",), True),
            ("sandbox", ("workload_sandboxing",), False),
        )
    )
    monkeypatch.setattr(registry, "ADDONS", made)
    assert registry.parse("musts") == ("monitoring",)


def test_what_an_addon_serves_is_a_requirement_and_every_extra_has_one_that_is_none() -> None:
    known = {one.id for one in catalog.load().all_requirements}
    for addon in registry.ADDONS:
        assert set(addon.serves) <= known
    # Gangs are tried by the scheduler's own groups, which take no add-on.
    plain = {one for addon in registry.ADDONS if not addon.extra for one in addon.serves} | {"gang_scheduling"}
    assert {one for addon in registry.ADDONS for one in addon.serves} <= plain


def test_each_comes_after_what_it_needs(three: None) -> None:
    assert [one.name for one in registry.with_needs(["adapter"])] == ["dns", "monitoring", "adapter"]


def test_whoever_needs_one_through_another_depends_on_it_too(three: None) -> None:
    assert [one.name for one in registry.dependants("dns")] == ["adapter", "monitoring"]
    assert registry.dependants("operator") == ()


def test_of_several_that_do_the_same_one_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = dataclasses.replace(_addon("adapter"), needs_one_of=("monitoring", "operated"))
    monkeypatch.setattr(registry, "ADDONS", (adapter, _addon("monitoring"), _addon("operated")))

    def names(*wanted: str, there: tuple[str, ...] = ()) -> list[str]:
        return [one.name for one in registry.with_needs(wanted, there=there)]

    assert names("adapter") == ["monitoring", "adapter"]
    assert names("adapter", "operated") == ["operated", "adapter"]
    assert names("adapter", there=("operated",)) == ["adapter"]
    assert [one.name for one in registry.dependants("monitoring")] == ["adapter"]
    assert registry.dependants("monitoring", there=("monitoring", "operated", "adapter")) == ()
    assert [one.name for one in registry.dependants("operated", there=("operated", "adapter"))] == ["adapter"]


def test_every_need_is_an_addon_and_every_name_is_there_once() -> None:
    names = [addon.name for addon in registry.ADDONS]
    assert len(names) == len(set(names))
    for addon in registry.ADDONS:
        assert {*addon.needs, *addon.needs_one_of} <= set(names) - {addon.name}
        assert addon.serves, f"{addon.name} is for nothing"
        assert addon.summary.endswith(".")
