"""A page of metrics becomes numbers of single accelerators, in one unit, whatever the exporter's names are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance import catalog
from ai_conformance.checks.exporters import pages

KNOWN = {one.name: one for one in catalog.load().exporters}
DCGM, LAB, AMD = KNOWN["dcgm-exporter"], KNOWN["lab-exporter"], KNOWN["amd-device-metrics-exporter"]

DCGM_PAGE = """\
# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="train",namespace="team"} 37
DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-b"} 0
# TYPE DCGM_FI_DEV_FB_USED gauge
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-a"} 1024
# TYPE DCGM_FI_DEV_FB_FREE gauge
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-a"} 3072
# TYPE DCGM_FI_DEV_POWER_USAGE gauge
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a"} 120.5
"""


def test_percent_and_mebibytes_become_shares_and_bytes() -> None:
    found = pages.of_devices(pages.parse(DCGM_PAGE), exporter=DCGM)
    first = found["GPU-a",]
    assert first.utilisation is not None
    assert first.memory_used is not None
    assert first.utilisation.value == pytest.approx(0.37)
    assert (first.utilisation.metric, first.utilisation.raw) == ("DCGM_FI_DEV_GPU_UTIL", 37)
    assert first.memory_used.value == 1 << 30
    assert first.memory_total_bytes == 4 << 30, "used and free make the total where none is told"


def test_an_accelerator_without_a_metric_is_there_without_it() -> None:
    second = pages.of_devices(pages.parse(DCGM_PAGE), exporter=DCGM)["GPU-b",]
    assert second.utilisation is not None
    assert (second.memory_used, second.memory_total_bytes, second.power) == (None, None, None)


def test_the_copy_engine_alone_is_no_utilisation() -> None:
    page = pages.parse('DCGM_FI_DEV_MEM_COPY_UTIL{UUID="GPU-a"} 80\nDCGM_FI_DEV_FB_USED{UUID="GPU-a"} 1\n')
    assert pages.of_devices(page, exporter=DCGM)["GPU-a",].utilisation is None


def test_a_sample_without_the_label_of_an_accelerator_belongs_to_none() -> None:
    page = pages.parse("accelerator_utilization_ratio 0.4\n")
    assert pages.of_devices(page, exporter=LAB) == {}


def test_several_labels_tell_accelerators_apart_where_one_does_not() -> None:
    page = pages.parse(
        'gpu_gfx_activity{gpu_id="0",serial_number="s"} 10\ngpu_gfx_activity{gpu_id="1",serial_number="s"} 20\n'
    )
    assert set(pages.of_devices(page, exporter=AMD)) == {("0", "s"), ("1", "s")}


def test_a_time_stamp_is_read_in_seconds() -> None:
    page = pages.parse('accelerator_utilization_ratio{uuid="a"} 0.4 1700000000123\n')
    assert page["accelerator_utilization_ratio"][0].at_s == pytest.approx(1700000000.123)


def test_openmetrics_is_read_where_the_answer_says_so() -> None:
    text = '# TYPE accelerator_utilization_ratio gauge\naccelerator_utilization_ratio{uuid="a"} 0.4\n# EOF\n'
    page = pages.parse(text, content_type="application/openmetrics-text; version=1.0.0")
    assert page["accelerator_utilization_ratio"][0].value == 0.4


@pytest.mark.parametrize(
    "text", ["<html><body>Sign in</body></html>", "", "# HELP only a comment\n", '{"status": "ok"}']
)
def test_what_is_no_page_of_metrics_is_refused(text: str) -> None:
    with pytest.raises(pages.MalformedPage):
        pages.parse(text)


@given(st.text(max_size=300))
def test_any_text_is_a_page_or_refused(text: str) -> None:
    try:
        page = pages.parse(text)
    except pages.MalformedPage:
        return
    assert page


@given(st.floats(min_value=0, max_value=100), st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20))
def test_a_value_comes_back_whatever_the_label_holds(value: float, name: str) -> None:
    escaped = name.replace("\\", r"\\").replace('"', r"\"")
    page = pages.parse(f'DCGM_FI_DEV_GPU_UTIL{{UUID="{escaped}"}} {value!r}\n')
    found = pages.of_devices(page, exporter=DCGM)[name,]
    assert found.utilisation is not None
    assert found.utilisation.value == pytest.approx(value / 100)
