"""Amazon Inspector in the home region: what it scans and what not, what it found, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU
from tests.doubles.aws.supplement.inspector2 import COVERED, FOUND, MEMBERS, STATUS

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_ON = {"ec2": "ENABLED", "ecr": "ENABLED", "lambda": "ENABLED"}
_DIGEST = "sha256:" + "{:064x}"

# Image -> why it is scanned or not, how many tasks and pods run it, and whether it should be a deviation.
_IMAGES: tuple[tuple[str, int, str, int, bool], ...] = (
    ("nw/shop", 1, "SUCCESSFUL", 2, False),
    ("nw/shop", 2, "SCAN_ELIGIBILITY_EXPIRED", 0, False),
    ("nw/shop", 3, "SCAN_ELIGIBILITY_EXPIRED", 1, True),
    ("nw/tools", 4, "SCAN_FREQUENCY_SCAN_ON_PUSH", 1, True),
)


def seed_scanning(ground: Ground) -> None:
    """On in the home region of every account, off elsewhere; management administers the others and sees theirs."""
    for account in ground.accounts:
        ground.put(STATUS, account.id, EU, _ON)
    for member in (ground.prod, ground.data):
        ground.put(MEMBERS, ground.management.id, EU, {"accountId": member.id})
    hosts = hosts_of(ground)
    _cover_hosts(ground, hosts)
    _cover_others(ground)
    _find(ground, hosts)


def image(ground: Ground, repository: str, number: int) -> str:
    """The name of an image."""
    return f"arn:aws:ecr:{EU}:{ground.prod.id}:repository/{repository}/{_DIGEST.format(number)}"


def hosts_of(ground: Ground) -> dict[str, str]:
    """The id of each instance, by its name."""
    reservations = ground.prod.client("ec2").describe_instances()["Reservations"]
    return {
        next(tag["Value"] for tag in one["Tags"] if tag["Key"] == "Name"): one["InstanceId"]
        for reservation in reservations
        for one in reservation["Instances"]
    }


def _cover_hosts(ground: Ground, hosts: dict[str, str]) -> None:
    """One is scanned; one only from the network, since no agent runs on it; one is not known to Inspector."""
    account = ground.prod.id
    _cover(ground, "AWS_EC2_INSTANCE", hosts["shop-1"], "SUCCESSFUL", scanMode="EC2_SSM_AGENT_BASED")
    _cover(ground, "AWS_EC2_INSTANCE", hosts["shop-2"], "UNMANAGED_EC2_INSTANCE")
    for name in ("shop-1", "shop-2"):
        _cover(ground, "AWS_EC2_INSTANCE", hosts[name], "SUCCESSFUL", scanType="NETWORK")
    ground.manifest.deviates("LOG-07", account, EU, f"host {hosts['shop-2']}", "no agent: its packages are not scanned")
    ground.manifest.deviates("LOG-07", account, EU, f"host {hosts['bastion']}", "not among what Inspector covers")
    ground.manifest.deviates("LOG-07", account, EU, "share of hosts that are scanned", "one of three")


def _cover_others(ground: Ground) -> None:
    account = ground.prod.id
    for repository, number, reason, used, deviates in _IMAGES:
        name = image(ground, repository, number)
        _cover(ground, "AWS_ECR_CONTAINER_IMAGE", name, reason, resourceMetadata={"ecrImage": {"inUseCount": used}})
        if deviates:
            ground.manifest.deviates("LOG-07", account, EU, f"image {name}", reason)
    ground.manifest.deviates("LOG-07", account, EU, "share of images that are scanned", "one of three in use")
    _cover(ground, "AWS_LAMBDA_FUNCTION", f"arn:aws:lambda:{EU}:{account}:function:checkout:$LATEST", "SUCCESSFUL")


def _cover(ground: Ground, kind: str, name: str, reason: str, **more: Any) -> None:
    active = reason == "SUCCESSFUL"
    item = {
        "resourceType": kind,
        "resourceId": name,
        "accountId": ground.prod.id,
        "scanType": "PACKAGE",
        "scanStatus": {"statusCode": "ACTIVE" if active else "INACTIVE", "reason": reason},
    }
    scanned = {"lastScannedAt": ground.ago(0.1)} if active else {}
    ground.put(COVERED, ground.prod.id, EU, item | scanned | more)
    ground.manifest.count(ground.prod.id, EU, "inspector2.covered")


def _find(ground: Ground, hosts: dict[str, str]) -> None:
    """Open and late, open and young, closed in time and late, suppressed, closed because nobody scans any more."""
    host, shop = ("AWS_EC2_INSTANCE", hosts["shop-1"]), ("AWS_ECR_CONTAINER_IMAGE", image(ground, "nw/shop", 1))
    lapsed = ("AWS_ECR_CONTAINER_IMAGE", image(ground, "nw/shop", 3))
    late = _finding(ground, 1, host, "CRITICAL", "ACTIVE", 40)
    _finding(ground, 2, host, "HIGH", "ACTIVE", 10)
    _finding(ground, 3, shop, "CRITICAL", "CLOSED", 20, changed=15)
    closed_late = _finding(ground, 4, host, "HIGH", "CLOSED", 60, changed=5)
    suppressed = _finding(ground, 5, shop, "MEDIUM", "SUPPRESSED", 30)
    _finding(ground, 6, lapsed, "CRITICAL", "CLOSED", 8, changed=2)
    _finding(ground, 7, shop, "UNTRIAGED", "ACTIVE", 50)
    _finding(ground, 8, ("AWS_EC2_INSTANCE", hosts["shop-2"]), "MEDIUM", "ACTIVE", 20, kind="NETWORK_REACHABILITY")
    for name, why in (
        (late, "critical, open for 40 days"),
        (closed_late, "high, closed after 55 days"),
        (suppressed, "suppressed, and by whom is told nowhere"),
    ):
        ground.manifest.deviates("LOG-08", ground.prod.id, EU, name, why)
    patches = f"patches of {hosts['shop-1']}"
    ground.manifest.deviates("LOG-07", ground.prod.id, EU, patches, "a critical one is missing for 40 days")


def _finding(
    ground: Ground,
    number: int,
    about: tuple[str, str],
    severity: str,
    status: str,
    days: float,
    *,
    changed: float = 1,
    kind: str = "PACKAGE_VULNERABILITY",
) -> str:
    name = f"arn:aws:inspector2:{EU}:{ground.prod.id}:finding/{number:032x}"
    item: dict[str, Any] = {
        "findingArn": name,
        "awsAccountId": ground.prod.id,
        "type": kind,
        "description": "made up",
        "title": f"finding {number}",
        "remediation": {"recommendation": {"text": "None Provided"}},
        "severity": severity,
        "firstObservedAt": ground.ago(days),
        "lastObservedAt": ground.ago(changed),
        "updatedAt": ground.ago(changed),
        "status": status,
        "resources": [{"type": about[0], "id": about[1], "region": EU}],
    }
    if kind == "PACKAGE_VULNERABILITY":
        item["packageVulnerabilityDetails"] = {"vulnerabilityId": f"CVE-2026-{number:04}", "source": "NVD"}
        item["fixAvailable"] = "YES"
    ground.put(FOUND, ground.prod.id, EU, item)
    ground.manifest.count(ground.prod.id, EU, "inspector2.findings")
    return name
