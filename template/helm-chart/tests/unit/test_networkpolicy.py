"""The NetworkPolicy."""

from tests.manifests import Manifest, only, render

PEER = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}}}


def policy(values: Manifest) -> Manifest:
    """Return its spec."""
    found: Manifest = only(render(set=values), "NetworkPolicy")["spec"]
    return found


def test_only_the_port_of_the_application_is_open() -> None:
    [rule] = policy({"containerPort": 9000})["ingress"]
    assert rule == {"ports": [{"port": 9000, "protocol": "TCP"}]}


def test_only_the_peers_given_may_call_and_the_test() -> None:
    manifests = render(set={"networkPolicy.from": [PEER]})
    [rule] = only(manifests, "NetworkPolicy")["spec"]["ingress"]
    given, test = rule["from"]
    labels = only(manifests, "Pod")["metadata"]["labels"]
    assert given == PEER
    assert test["podSelector"]["matchLabels"].items() <= labels.items()


def test_pods_may_ask_dns_and_nothing_else() -> None:
    [rule] = policy({"networkPolicy.dnsPort": 5353})["egress"]
    assert rule == {"ports": [{"port": 5353, "protocol": protocol} for protocol in ("UDP", "TCP")]}


def test_pods_may_call_what_is_given_too() -> None:
    rule = {"to": [PEER], "ports": [{"port": 5432, "protocol": "TCP"}]}
    assert policy({"networkPolicy.egress": [rule]})["egress"][1:] == [rule]


def test_both_directions_are_limited() -> None:
    assert policy({})["policyTypes"] == ["Ingress", "Egress"]
