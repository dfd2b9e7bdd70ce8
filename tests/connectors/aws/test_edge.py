from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from connectors.aws.network.certificates import KEY_TYPES, ORIGINS
from connectors.aws.network.edge import any_path_plain, leads_to_https, speaks_plainly, viewers_floor
from connectors.aws.network.tls_versions import oldest
from tests.assess.clouds import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

_TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
_STAYS = {"Type": "redirect", "RedirectConfig": {"Protocol": "#{protocol}", "StatusCode": "HTTP_301"}}
_SAYS = {"Type": "fixed-response"}
_SIGN_IN = {"Type": "authenticate-oidc", "Order": 1}


@pytest.fixture
def production(gather: Gather, manifest: dict[str, Any]) -> Callable[[], Gathered]:
    """Reads what the internet reaches in production."""

    def one() -> Gathered:
        (found,) = gather("aws.edge.tls", only=manifest["accounts"]["northwind-prod"])
        return found

    return one


def resources(found: Gathered) -> dict[str, dict[str, Any]]:
    return {row["resource_id"].rpartition("/")[2]: row for row in found.table("resource")}


@pytest.mark.parametrize(
    ("protocols", "version"),
    [
        (["TLSv1.3", "TLSv1.2"], "1.2"),
        (["TLSv1", "TLSv1.1", "TLSv1.2"], "1.0"),
        (["SSLv3"], "SSL 3.0"),
        (["TLSv1.2", "TLSv2"], None),
        ([], None),
    ],
)
def test_the_oldest_of_several_versions(protocols: list[str], version: str | None) -> None:
    assert oldest(protocols) == version


@pytest.mark.parametrize(
    ("protocol", "default", "rules", "plain"),
    [
        ("HTTPS", [_SAYS], (), False),
        ("TLS", [_SAYS], (), False),
        ("TCP", [_SAYS], (), None),
        ("HTTP", [_SAYS], (), True),
        ("HTTP", [_STAYS], (), True),
        ("HTTP", [_TO_HTTPS], [{"Actions": [_TO_HTTPS]}], False),
        ("HTTP", [_TO_HTTPS], [{"Actions": [_TO_HTTPS]}, {"Actions": [_SAYS]}], True),
        ("HTTP", [_TO_HTTPS], None, None),
    ],
)
def test_a_listener_answers_without_tls_unless_every_rule_leads_away(
    protocol: str, default: list[dict[str, Any]], rules: Any, *, plain: bool | None
) -> None:
    assert speaks_plainly({"Protocol": protocol, "DefaultActions": default}, rules) is plain


def test_what_a_rule_does_in_the_end_counts() -> None:
    assert leads_to_https([{**_TO_HTTPS, "Order": 2}, _SIGN_IN])
    assert not leads_to_https([{**_SAYS, "Order": 2}, {**_TO_HTTPS, "Order": 1}])
    assert not leads_to_https(None)


@pytest.mark.parametrize(
    ("certificate", "floor"),
    [
        ({"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1.2_2021"}, "1.0"),
        ({"CloudFrontDefaultCertificate": False, "MinimumProtocolVersion": "TLSv1.2_2021"}, "1.2"),
        ({"MinimumProtocolVersion": "TLSv1_2016"}, "1.0"),
        ({"MinimumProtocolVersion": "SSLv3"}, "SSL 3.0"),
        ({}, None),
    ],
)
def test_a_distribution_under_its_own_name_takes_old_tls(certificate: dict[str, Any], floor: str | None) -> None:
    assert viewers_floor(certificate) == floor


@pytest.mark.parametrize(
    ("first", "others", "plain"),
    [
        ("https-only", [], False),
        ("https-only", ["redirect-to-https"], False),
        ("https-only", ["allow-all"], True),
        ("allow-all", [], True),
        (None, [], None),
    ],
)
def test_one_plain_path_is_enough(first: str | None, others: list[str], *, plain: bool | None) -> None:
    behaviours = {"Quantity": len(others), "Items": [{"ViewerProtocolPolicy": one} for one in others]}
    given = {"DefaultCacheBehavior": {"ViewerProtocolPolicy": first}, "CacheBehaviors": behaviours}
    assert any_path_plain(given) is plain
    assert any_path_plain(given | {"CacheBehaviors": {**behaviours, "Quantity": len(others) + 1}}) in {True, None}


def test_certificates_of_every_key_and_origin_are_asked_for() -> None:
    described = botocore.session.get_session().get_service_model("acm")
    assert list(KEY_TYPES) == described.shape_for("KeyAlgorithm").enum
    assert list(ORIGINS) == described.shape_for("CertificateKeyPairOrigin").enum


def test_everything_seeded_is_there_and_judged(gather: Gather, manifest: dict[str, Any]) -> None:
    everywhere, counts = gather("aws.edge.tls"), manifest["counts"]
    assert [one.snapshot.gaps for one in everywhere if not one.snapshot.complete] == []
    (found,) = (one for one in everywhere if one.rows)
    account = found.snapshot.scope.unit_id
    kinds = [row["type"] for row in found.table("resource")]
    assert kinds.count("distribution") == counts[f"{account}/global"]["cloudfront.distributions"]
    assert len(kinds) - kinds.count("distribution") == counts[f"{account}/eu-central-1"]["elbv2.listeners"]
    assert len(found.table("credential")) == counts[f"{account}/eu-central-1"]["acm.certificates"]
    assert {row["environment"] for row in found.table("resource")} == {"production"}
    beside = [*gather("aws.ec2.exposure"), *gather("aws.encryption.at_rest")]
    for control in ("IAM-17", "IAM-14"):
        said = told(control, [*everywhere, *beside])
        known = {row["source_id"].rpartition("/")[2] for row in found.rows}
        planted = {one["item"] for one in manifest["deviations"][control]} & known
        assert planted
        wrong = {item.rpartition("/")[2] for item, (outcome, _) in said.items() if outcome == "deviation"}
        assert wrong & known == planted, control
    outcomes = {item.rpartition("/")[2]: said for item, said in told("IAM-17", everywhere).items()}
    assert {outcome for outcome, _ in outcomes.values()} == {"pass", "deviation", "not_applicable"}


def test_entry_points_need_an_approved_list(
    production: Callable[[], Gathered], gather: Gather, manifest: dict[str, Any]
) -> None:
    found = production()
    prod = manifest["accounts"]["northwind-prod"]
    whole_evidence = [found, *gather("aws.ec2.exposure", only=prod), *gather("aws.encryption.at_rest", only=prod)]
    (guarded,) = (row for row in found.table("resource") if row["waf"] and row["min_tls"] == "1.2" and row["part_of"])
    name, whole = guarded["resource_id"], guarded["part_of"]
    assert told("IAM-14", whole_evidence)[name] == ("cannot_tell", "No list of approved entry points is configured.")
    assert told("IAM-14", whole_evidence, parameters={"approved": ["other"]})[name][0] == "deviation"
    for approved in (name, whole):
        assert told("IAM-14", whole_evidence, parameters={"approved": [approved]})[name][0] == "pass"
    (redirect,) = (row for row in found.table("resource") if row["min_tls"] == "redirect")
    assert told("IAM-14", whole_evidence)[redirect["resource_id"]][0] == "pass"
    (inside,) = (row for row in found.table("resource") if row["public"] is False)
    assert told("IAM-14", whole_evidence)[inside["resource_id"]][0] == "not_applicable"


def test_what_is_global_is_asked_once_and_not_in_each_region(
    production: Callable[[], Gathered], aws: AwsDouble
) -> None:
    aws.clear_requests()
    production()
    asked = [one for one in aws.requests() if one["operation"] == "ListDistributions"]
    assert [one["count"] for one in asked] == [1]


def test_lists_within_a_structure_are_read_over_all_pages(production: Callable[[], Gathered], aws: AwsDouble) -> None:
    aws.fault(match={"operation": "ListDistributions"}, page_size=1)
    whole = production()
    assert whole.snapshot.complete
    assert sum(row["type"] == "distribution" for row in whole.table("resource")) == 2
    aws.clear_faults()
    aws.fault(match={"operation": "ListDistributions"}, page_size=1)
    aws.fault("deny", match={"operation": "ListDistributions", "contains": "Marker="})
    broken = production()
    assert broken.causes == ["denied"]
    # What a page of a list shows is not the list.
    assert not [row for row in broken.table("resource") if row["type"] == "distribution"]
    aws.clear_faults()
    aws.fault("drop_next_token_but_truncated", match={"operation": "ListDistributions"})
    assert production().causes == ["truncated"]


def test_a_firewall_behind_the_first_page_is_seen(production: Callable[[], Gathered], aws: AwsDouble) -> None:
    aws.clear_requests()
    found = production()
    assert {row["waf"] for row in found.table("resource") if row["type"] == "load_balancer"} == {True, False}
    # AWS gives a marker with the last page too: only an empty page is the end.
    prod = found.snapshot.scope.unit_id
    asked = [one for one in aws.requests() if one["operation"] == "ListWebACLs" and one["account"] == prod]
    assert len(asked) == 2
    aws.fault("throttle", match={"operation": "ListWebACLs", "contains": "NextMarker"})
    after = production()
    assert after.causes == ["throttled"]
    assert {row["waf"] for row in after.table("resource") if row["type"] == "load_balancer"} == {None}


@pytest.mark.parametrize("operation", ["ListResourcesForWebACL", "DescribeSSLPolicies", "DescribeRules"])
def test_what_could_not_be_read_is_unknown(production: Callable[[], Gathered], aws: AwsDouble, operation: str) -> None:
    before = resources(production())
    aws.fault("deny", match={"operation": operation})
    found = production()
    after = resources(found)
    assert found.causes == ["denied"]
    assert before.keys() == after.keys()
    column = {"ListResourcesForWebACL": "waf", "DescribeSSLPolicies": "min_tls", "DescribeRules": "plain_http"}
    lost = [name for name, row in before.items() if row[column[operation]] is not None]
    assert any(after[name][column[operation]] is None for name in lost)
    control = "IAM-14" if operation == "ListResourcesForWebACL" else "IAM-17"
    said = {item.rpartition("/")[2]: outcome for item, (outcome, _) in told(control, [found]).items()}
    for name in lost:
        if after[name][column[operation]] is None and after[name]["public"]:
            assert said[name] == "cannot_tell", name


def test_a_certificate_in_use_that_cannot_be_read_is_neither_unused_nor_lasting(
    production: Callable[[], Gathered], aws: AwsDouble
) -> None:
    aws.fault("deny", match={"operation": "DescribeCertificate"})
    found = production()
    said = told("IAM-17", [found])
    outcomes = [outcome for item, (outcome, _) in said.items() if item.startswith("certificate ")]
    whys = [why for item, (_, why) in said.items() if item.startswith("certificate ")]
    assert sum("When the certificate expires is not given." in why for why in whys) == 2
    assert sorted(outcomes) == ["cannot_tell"] * 3


def test_tags_that_cannot_be_read_take_nobody_out_of_production(
    production: Callable[[], Gathered], aws: AwsDouble
) -> None:
    aws.fault("deny", match={"operation": "DescribeTags"})
    found = production()
    rows = [row for row in found.table("resource") if row["type"] != "distribution"]
    assert {row["environment"] for row in rows} == {None}
    assert found.causes == ["denied"]
