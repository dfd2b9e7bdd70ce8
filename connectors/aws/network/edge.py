"""What speaks TLS to the world: load balancers and distributions, and the firewall before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import Credential, Resource
from connectors.aws import aws
from connectors.aws.network.certificates import CERTIFICATES, certificates
from connectors.aws.network.tls_versions import oldest
from connectors.aws.tags import labels, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.tags import Tags

_KINDS = {"application": "load_balancer", "network": "network_load_balancer"}
_ENDS_TLS = {"HTTPS", "TLS"}
_TAGGED_AT_ONCE = 20
_PAGE = 400
_DEFAULT = "1.0"
"""What CloudFront accepts under a name of its own, whatever is set: so its documentation."""


class Firewalls(NamedTuple):
    """The load balancers of a region that a web ACL guards. `known`: all of its ACLs were read."""

    guarded: Mapping[str, Answer]
    known: bool

    def before(self, balancer: str) -> bool | None:
        """Whether one is before a load balancer; None when that cannot be known."""
        return True if balancer in self.guarded else False if self.known else None


@aws.evidence(
    "aws.edge.tls",
    yields=(Resource, Credential),
    needs=[
        "ec2:DescribeRegions",
        "elbv2:DescribeLoadBalancers",
        "elbv2:DescribeListeners",
        "elbv2:DescribeRules",
        "elbv2:DescribeSSLPolicies",
        "elbv2:DescribeTags",
        "wafv2:ListWebACLs",
        "wafv2:ListResourcesForWebACL",
        "cloudfront:ListDistributions",
        "cloudfront:ListTagsForResource",
        *CERTIFICATES,
    ],
)
def edges(source: AwsSource) -> Iterator[Resource | Credential]:
    """Listeners, TLS policy, certificates, WAF.

    Population: in all enabled regions every listener of an application load balancer (type `load_balancer`) and of a
    network load balancer (`network_load_balancer`), those inside a network included, each with its load balancer in
    `part_of`; and, once for the account, every CloudFront distribution that is switched on (`distribution`).

    `min_tls` of a listener is the oldest version that its security policy takes, as AWS describes that policy; of a
    distribution that of its viewers' certificate, and TLS 1.0 where it uses CloudFront's own name. A listener for HTTP
    has `plain_http`, unless all of its rules lead to HTTPS (`redirect`). A distribution has it when any path may be
    asked without TLS. What passes through a network load balancer without ending there is unknown. `waf` is whether a
    web ACL is before it; what that ACL's rules are is not looked into. Network load balancers can have none.

    Every certificate of Certificate Manager that was ever issued, whatever its key (`certificate`): when it expires,
    and what uses it. Whether it renews by itself is in the raw answer (RenewalSummary): that moves the day it expires.

    Complete when the last page of every list was read in every enabled region, load balancers asked for their listeners
    are as many as listed, and distributions listed are those with a row and those that are off. Not included: classic
    load balancers, gateway load balancers (which pass traffic on for inspection), API Gateway, tenants of a
    distribution, and certificates that IAM keeps.
    """
    for _, rows in source.each([source], lambda one: list(_distributions(one))):
        yield from rows
    reads = [(read, source.at(region)) for read in (_listeners, certificates) for region in source.regions]
    for _, rows in source.each(reads, lambda pair: list(pair[0](pair[1]))):
        yield from rows


def _listeners(source: AwsSource) -> Iterator[Resource]:
    listed = list(source.list("elbv2", "DescribeLoadBalancers", "LoadBalancers", PageSize=_PAGE))
    balancers = [one for one in listed if one.get("Type") in _KINDS]
    tags, firewalls = _tags(source, balancers), _firewalls(source, balancers)
    found = list(source.each(balancers, lambda one: _of_balancer(source, one)))
    source.total(
        f"load balancers listed = asked for their listeners, in {source.place}",
        expected=len(balancers),
        found=len(found),
    )
    policies = _policies(source, {one["SslPolicy"] for _, them in found for one in them if one.get("SslPolicy")})
    for balancer, listeners in found:
        arn = balancer["LoadBalancerArn"]
        for listener in listeners:
            policy, rules = policies.get(listener.get("SslPolicy", "")), _rules(source, listener)
            plain_http = speaks_plainly(listener, rules)
            yield Resource(
                key=listener["ListenerArn"],
                seen=[
                    balancer,
                    listener,
                    *(one for one in (policy, firewalls.guarded.get(arn)) if one),
                    *(rules or ()),
                ],
                resource_id=listener["ListenerArn"],
                type=_KINDS[balancer["Type"]],
                public=balancer.get("Scheme") == "internet-facing" if balancer.get("Scheme") else None,
                min_tls=_floor(listener, policy, plain_http=plain_http),
                plain_http=plain_http,
                waf=firewalls.before(arn) if balancer["Type"] == "application" else None,
                part_of=arn,
                **labels(source, tags.get(arn)),
            )


def _of_balancer(source: AwsSource, balancer: Answer) -> Sequence[Answer]:
    arn = balancer["LoadBalancerArn"]
    return list(source.list("elbv2", "DescribeListeners", "Listeners", LoadBalancerArn=arn, PageSize=_PAGE))


def _rules(source: AwsSource, listener: Answer) -> Sequence[Answer] | None:
    """The rules of a listener for HTTP that leads to HTTPS unless one of them says otherwise; None when not read."""
    if listener.get("Protocol") != "HTTP" or not leads_to_https(listener.get("DefaultActions")):
        return ()
    asked = {"ListenerArn": listener["ListenerArn"], "PageSize": _PAGE}
    rules = [one for _, them in source.each([asked], lambda one: _list_rules(source, one)) for one in them]
    return rules or None  # every listener has at least its default rule


def _list_rules(source: AwsSource, asked: Mapping[str, Any]) -> Sequence[Answer]:
    return list(source.list("elbv2", "DescribeRules", "Rules", **asked))


def speaks_plainly(listener: Mapping[str, Any], rules: Sequence[Mapping[str, Any]] | None) -> bool | None:
    """Whether a listener answers without TLS; None for what is not known to speak HTTP, and where rules are unseen."""
    if listener.get("Protocol") in _ENDS_TLS:
        return False
    if listener.get("Protocol") != "HTTP":
        return None
    if not leads_to_https(listener.get("DefaultActions")):
        return True
    return None if rules is None else not all(leads_to_https(one.get("Actions")) for one in rules)


def leads_to_https(actions: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether what a rule does in the end is to lead to HTTPS."""
    last = max(actions or (), key=lambda one: one.get("Order") or 0, default={})
    return bool((last.get("RedirectConfig") or {}).get("Protocol") == "HTTPS")


def _floor(listener: Mapping[str, Any], policy: Answer | None, *, plain_http: bool | None) -> str | None:
    if listener.get("Protocol") == "HTTP":
        return "redirect" if plain_http is False else None
    return oldest(policy["SslProtocols"]) if policy else None


def _policies(source: AwsSource, names: Collection[str]) -> Mapping[str, Answer]:
    """Those security policies that are in use, by name."""
    asked = [sorted(names)] if names else []
    read = source.each(asked, lambda them: list(source.list("elbv2", "DescribeSSLPolicies", "SslPolicies", Names=them)))
    return {one["Name"]: one for _, policies in read for one in policies}


def _firewalls(source: AwsSource, balancers: Sequence[Answer]) -> Firewalls:
    """What every web ACL of the region guards; not asked where there is nothing that one could be before."""
    if not any(one.get("Type") == "application" for one in balancers):
        return Firewalls({}, known=True)
    listed = list(source.each(["REGIONAL"], lambda scope: _web_acls(source, scope)))
    acls = [one for _, them in listed for one in them]
    reads = list(source.each(acls, lambda one: _guarded(source, one)))
    guarded = {one["value"]: one for _, them in reads for one in them}
    return Firewalls(guarded, known=bool(listed) and len(reads) == len(acls))


def _web_acls(source: AwsSource, scope: str) -> Sequence[Answer]:
    return list(source.list("wafv2", "ListWebACLs", "WebACLs", Scope=scope, Limit=100))


def _guarded(source: AwsSource, acl: Answer) -> Sequence[Answer]:
    """The load balancers that a web ACL is before: AWS lists one kind of resource at a time."""
    kind = "APPLICATION_LOAD_BALANCER"
    return list(source.list("wafv2", "ListResourcesForWebACL", "ResourceArns", WebACLArn=acl["ARN"], ResourceType=kind))


def _tags(source: AwsSource, balancers: Sequence[Answer]) -> Mapping[str, Tags]:
    """The tags of each load balancer, by its ARN; without those that could not be read."""
    arns = [one["LoadBalancerArn"] for one in balancers]
    chunks = [arns[start : start + _TAGGED_AT_ONCE] for start in range(0, len(arns), _TAGGED_AT_ONCE)]
    read = source.each(chunks, lambda them: source.get("elbv2", "DescribeTags", "TagDescriptions", ResourceArns=them))
    return {one["ResourceArn"]: plain(one.get("Tags")) for _, answer in read for one in answer["TagDescriptions"]}


def _distributions(source: AwsSource) -> Iterator[Resource]:
    listed = list(source.list("cloudfront", "ListDistributions", "DistributionList.Items"))
    on = [one for one in listed if one.get("Enabled") is not False]
    rows = 0
    for one, tags in source.each(on, lambda one: _distribution_tags(source, one)):
        rows += 1
        firewall = one.get("WebACLId")
        yield Resource(
            key=one["ARN"],
            seen=[one, tags],
            resource_id=one["ARN"],
            type="distribution",
            public=True,
            min_tls=viewers_floor(one.get("ViewerCertificate") or {}),
            plain_http=any_path_plain(one),
            waf=None if firewall is None else bool(firewall),
            **labels(source, tags.tell(lambda told: plain(told["Tags"].get("Items")))),
        )
    off = len(listed) - len(on)
    source.total("distributions listed = with a row + switched off", expected=len(listed), found=rows + off)


def _distribution_tags(source: AwsSource, distribution: Answer) -> Answer:
    return source.look("cloudfront", "ListTagsForResource", "Tags", Resource=distribution["ARN"])


def viewers_floor(certificate: Mapping[str, Any]) -> str | None:
    """The oldest TLS that a distribution takes from whoever asks it."""
    if certificate.get("CloudFrontDefaultCertificate"):
        return _DEFAULT
    policy, _, _ = str(certificate.get("MinimumProtocolVersion") or "").partition("_")
    return oldest([policy]) if policy else None


def any_path_plain(distribution: Mapping[str, Any]) -> bool | None:
    """Whether any path of a distribution may be asked without TLS; None when not all of that is given."""
    others = distribution.get("CacheBehaviors") or {}
    behaviours = [distribution.get("DefaultCacheBehavior") or {}, *(others.get("Items") or ())]
    told = {one.get("ViewerProtocolPolicy") for one in behaviours}
    if "allow-all" in told:
        return True
    return None if None in told or others.get("Quantity") != len(behaviours) - 1 else False
