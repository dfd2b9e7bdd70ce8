"""ECR: repositories whose images are scanned continuously, when they are pushed, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, IRELAND

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground


def seed_registries(ground: Ground) -> None:
    """Production has rules for its registry; in the data account one repository has the older setting of its own."""
    rules = [("CONTINUOUS_SCAN", "nw/shop"), ("SCAN_ON_PUSH", "nw/tools*")]
    ground.prod.client("ecr").put_registry_scanning_configuration(
        scanType="ENHANCED",
        rules=[
            {"scanFrequency": how, "repositoryFilters": [{"filter": which, "filterType": "WILDCARD"}]}
            for how, which in rules
        ],
    )
    _repository(ground, ground.prod, EU, "nw/shop")
    tools = _repository(ground, ground.prod, EU, "nw/tools")
    legacy = _repository(ground, ground.prod, EU, "nw/legacy")
    reports = _repository(ground, ground.data, IRELAND, "nw/reports", on_push=True)
    for account, region, name, why in (
        (ground.prod.id, EU, tools, "scanned when pushed, and never again"),
        (ground.prod.id, EU, legacy, "no filter is for it"),
        (ground.data.id, IRELAND, reports, "scanned when pushed, and never again"),
    ):
        ground.manifest.deviates("LOG-07", account, region, f"images in {name}", why)
    ground.manifest.deviates("CHG-08", ground.prod.id, EU, f"{legacy}: image scanning", "no filter is for it")
    for account, region in ((ground.prod.id, EU), (ground.data.id, IRELAND)):
        share = "share of repositories that are scanned"
        ground.manifest.deviates("LOG-07", account, region, share, "one of three, and none of one")


def _repository(ground: Ground, account: Account, region: str, name: str, *, on_push: bool = False) -> str:
    made = account.client("ecr", region).create_repository(
        repositoryName=name, imageScanningConfiguration={"scanOnPush": on_push}
    )
    ground.manifest.count(account.id, region, "ecr.repositories")
    return str(made["repository"]["repositoryArn"])
