import ipaddress
import itertools

from ai_conformance.lab.addresses import MAX_INDEX, Addresses
from ai_conformance.lab.options import MAX_NODES


def test_no_two_labs_share_a_network_or_a_name() -> None:
    labs = [Addresses(index) for index in range(1, MAX_INDEX + 1)]
    for one, other in itertools.combinations(labs, 2):
        assert not one.network.overlaps(other.network)
        assert {one.bridge, one.cgroup, one.loopback}.isdisjoint({other.bridge, other.cgroup, other.loopback})


def test_networks_of_one_lab_do_not_overlap_and_lie_in_its_own() -> None:
    lab = Addresses(7)
    bridge = ipaddress.IPv4Network(f"{lab.control_plane}/24", strict=False)
    networks = [bridge, ipaddress.IPv4Network(lab.services), ipaddress.IPv4Network(lab.pods)]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(networks, 2))
    assert all(network.subnet_of(lab.network) for network in networks)
    for number in range(1, MAX_NODES + 1):
        assert ipaddress.IPv4Address(lab.node(number)) in bridge
        assert ipaddress.IPv4Network(lab.node_pods(number)).subnet_of(ipaddress.IPv4Network(lab.pods))


def test_interface_names_fit_into_the_kernels_15_characters() -> None:
    assert len(Addresses(MAX_INDEX).node_link(MAX_NODES)) <= 15
