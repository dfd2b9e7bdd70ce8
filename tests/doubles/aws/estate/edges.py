"""What the internet reaches in production: load balancers, distributions, their certificates and firewalls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.doubles.aws.estate.ground import EU, GLOBAL, US

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_NEW, _OLD = "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"
_TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
_SAYS = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}
_PRODUCTION = [{"Key": "Environment", "Value": "production"}]


def seed_edges(ground: Ground) -> None:
    """A shop as it should be; an old load balancer and an old distribution, as they should not."""
    lasting, ending = (_certificate(ground, name, days) for name, days in (("shop", 300), ("old-shop", 12)))
    _certificate(ground, "unused", 5)
    ground.manifest.count(ground.prod.id, EU, "acm.certificates", 3)
    ground.manifest.deviates("IAM-17", ground.prod.id, EU, _end(ending), "certificate ends in 12 days")
    shop, old = (_balancer(ground, name, "application", "internet-facing") for name in ("shop", "old-shop"))
    _guard(ground, shop)
    _listen(ground, shop, 443, "HTTPS", _SAYS, policy=_NEW, certificate=lasting)
    _listen(ground, shop, 80, "HTTP", _TO_HTTPS)
    weak = _listen(ground, old, 443, "HTTPS", _SAYS, policy=_OLD, certificate=ending)
    bare = _listen(ground, old, 80, "HTTP", _SAYS)
    for listener, why in ((weak, "accepts TLS 1.0"), (bare, "answers without TLS")):
        ground.manifest.deviates("IAM-17", ground.prod.id, EU, _end(listener), why)
        ground.manifest.deviates("IAM-14", ground.prod.id, EU, _end(listener), "no web firewall")
    _inside(ground, lasting)
    _distribute(ground)


def _inside(ground: Ground, certificate: str) -> None:
    """A network load balancer that only the inside reaches, which ends TLS."""
    elb = ground.prod.client("elbv2")
    vpc = ground.prod.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elb.create_target_group(Name="ledger", Protocol="TCP", Port=5000, VpcId=vpc)["TargetGroups"][0]
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    ledger = _balancer(ground, "ledger", "network", "internal")
    _listen(ground, ledger, 443, "TLS", forward, policy=_NEW, certificate=certificate)


def _balancer(ground: Ground, name: str, kind: str, scheme: str) -> str:
    subnets = ground.prod.client("ec2").describe_subnets()["Subnets"][:2]
    made = ground.prod.client("elbv2").create_load_balancer(
        Name=name, Type=kind, Scheme=scheme, Subnets=[one["SubnetId"] for one in subnets], Tags=_PRODUCTION
    )
    ground.manifest.count(ground.prod.id, EU, "elbv2.load_balancers")
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def _listen(
    ground: Ground,
    balancer: str,
    port: int,
    protocol: str,
    action: dict[str, Any],
    *,
    policy: str = "",
    certificate: str = "",
) -> str:
    ends_tls = {"SslPolicy": policy, "Certificates": [{"CertificateArn": certificate}]} if policy else {}
    made = ground.prod.client("elbv2").create_listener(
        LoadBalancerArn=balancer, Port=port, Protocol=protocol, DefaultActions=[action], **ends_tls
    )
    ground.manifest.count(ground.prod.id, EU, "elbv2.listeners")
    return str(made["Listeners"][0]["ListenerArn"])


def _guard(ground: Ground, balancer: str) -> None:
    waf = ground.prod.client("wafv2")
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "shop"}
    acl = waf.create_web_acl(Name="shop", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)
    waf.associate_web_acl(WebACLArn=acl["Summary"]["ARN"], ResourceArn=balancer)


def _distribute(ground: Ground) -> None:
    """One guarded and modern; one old, plain and bare; one old that is switched off."""
    acl = f"arn:aws:wafv2:{US}:{ground.prod.id}:global/webacl/shop/0b8e32a1"
    modern: dict[str, Any] = {"MinimumProtocolVersion": "TLSv1.2_2021", "SSLSupportMethod": "sni-only"}
    modern |= {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": f"arn:aws:acm:{US}:{ground.prod.id}:x"}
    own_name = {"CloudFrontDefaultCertificate": True}
    for name, certificate, viewers, firewall, on in (
        ("shop", modern, "redirect-to-https", acl, True),
        ("old-shop", own_name, "allow-all", "", True),
        ("gone", own_name, "allow-all", "", False),
    ):
        made = ground.prod.client("cloudfront").create_distribution_with_tags(
            DistributionConfigWithTags={
                "DistributionConfig": _distribution(name, certificate, viewers, firewall, on=on),
                "Tags": {"Items": _PRODUCTION},
            }
        )["Distribution"]
        ground.manifest.count(ground.prod.id, GLOBAL, "cloudfront.distributions", int(on))
        if name == "old-shop":
            ground.manifest.deviates("IAM-17", ground.prod.id, GLOBAL, made["Id"], "answers without TLS")
            ground.manifest.deviates("IAM-14", ground.prod.id, GLOBAL, made["Id"], "no web firewall")


def _distribution(name: str, certificate: dict[str, Any], viewers: str, firewall: str, *, on: bool) -> dict[str, Any]:
    origin: dict[str, Any] = {"Id": name, "DomainName": "origin.northwind.example"}
    origin |= {"CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}
    return {
        "CallerReference": name,
        "Comment": name,
        "Enabled": on,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": name,
            "ViewerProtocolPolicy": viewers,
            "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            "MinTTL": 0,
        },
        "ViewerCertificate": certificate,
        "WebACLId": firewall,
    }


def _certificate(ground: Ground, name: str, days: int) -> str:
    """Imported, on a curve: AWS's own list leaves such out unless it is asked for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.northwind.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ground.now - timedelta(days=30))
        .not_valid_after(ground.now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    imported = ground.prod.client("acm").import_certificate(
        Certificate=made.public_bytes(serialization.Encoding.PEM),
        PrivateKey=key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain),
    )
    return str(imported["CertificateArn"])


def _end(arn: str) -> str:
    return arn.rpartition("/")[2]
