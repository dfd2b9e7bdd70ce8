"""Which ports a rule opens to the whole internet: pure, so tried on many shapes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.gcp.network.openings import of_policy, of_rule

SSH = [{"IPProtocol": "tcp", "ports": ["22"]}]


@pytest.mark.parametrize(
    ("rule", "opened"),
    [
        ({"sourceRanges": ["0.0.0.0/0"], "allowed": SSH}, ("22",)),
        ({"sourceRanges": ["::/0"], "allowed": SSH}, ("22",)),
        ({"sourceRanges": ["0.0.0.0/1", "128.0.0.0/1"], "allowed": SSH}, ("22",)),
        ({"sourceRanges": ["0.0.0.0/1"], "allowed": SSH}, ()),
        ({"sourceRanges": ["10.0.0.0/8"], "allowed": SSH}, ()),
        ({"allowed": SSH}, ("22",)),
        ({"sourceTags": ["bastion"], "allowed": SSH}, ()),
        ({"sourceServiceAccounts": ["a@b"], "allowed": SSH}, ()),
        ({"sourceTags": ["bastion"], "sourceRanges": ["0.0.0.0/0"], "allowed": SSH}, ("22",)),
        ({"sourceRanges": ["0.0.0.0/0"], "allowed": SSH, "disabled": True}, ()),
        ({"sourceRanges": ["0.0.0.0/0"], "allowed": SSH, "direction": "EGRESS"}, ()),
        ({"sourceRanges": ["0.0.0.0/0"], "denied": SSH}, ()),
        ({"sourceRanges": ["0.0.0.0/0"], "allowed": [{"ipProtocol": "all"}]}, ("all",)),
        ({"sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "tcp"}]}, ("0-65535",)),
        ({"sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "icmp"}]}, ()),
        (
            {"sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "6", "ports": ["8000-8080", "22"]}]},
            ("22", "8000-8080"),
        ),
    ],
)
def test_a_rule_of_a_network(rule: dict[str, Any], opened: tuple[str, ...]) -> None:
    assert of_rule(rule) == opened


@pytest.mark.parametrize(
    ("changed", "opened"),
    [
        ({}, ("3389",)),
        ({"action": "goto_next"}, ()),
        ({"action": "deny"}, ()),
        ({"disabled": True}, ()),
        ({"direction": "EGRESS"}, ()),
        ({"match": {"srcIpRanges": ["10.0.0.0/8"]}}, ()),
    ],
)
def test_a_rule_of_a_policy(changed: dict[str, Any], opened: tuple[str, ...]) -> None:
    configs = [{"ipProtocol": "tcp", "ports": ["3389"]}]
    rule = {
        "action": "allow",
        "direction": "INGRESS",
        "match": {"srcIpRanges": ["0.0.0.0/0"], "layer4Configs": configs},
    }
    assert of_policy({"rules": [rule | changed]}) == opened
