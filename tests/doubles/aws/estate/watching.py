"""What watches: log groups and how long they keep, Config recorders, GuardDuty detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, IRELAND, REGIONS, US
from tests.doubles.aws.supplement.guardduty import MEMBERS, ORGANISATION

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_NEVER = 0


def seed_log_groups(ground: Ground) -> None:
    """Kept a year and encrypted, kept for ever, kept too short."""
    account = ground.prod.id
    key = f"arn:aws:kms:{EU}:{account}:alias/nw-data"
    for region, name, days, encrypted in (
        (EU, "/nw/audit", 400, True),
        (EU, "/nw/shop", _NEVER, False),
        (EU, "/aws/lambda/checkout", 30, False),
        (US, "/nw/edge", 365, False),
    ):
        logs = ground.prod.client("logs", region)
        logs.create_log_group(logGroupName=name, **({"kmsKeyId": key} if encrypted else {}))
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
        ground.manifest.count(account, region, "logs.groups")
    ground.manifest.deviates("LOG-03", account, EU, "/aws/lambda/checkout", "kept for 30 days")


def seed_recorders(ground: Ground) -> None:
    """Recording everywhere but in Ireland of production; stopped in the data account's us-east-1."""
    for account in (ground.prod, ground.data):
        for region in REGIONS:
            if (account, region) != (ground.prod, IRELAND):
                _record(ground, account, region)
    ground.manifest.deviates("LOG-09", ground.prod.id, IRELAND, "configuration recorder", "missing")
    ground.data.client("config", US).stop_configuration_recorder(ConfigurationRecorderName="default")
    ground.manifest.deviates("LOG-09", ground.data.id, US, "configuration recorder", "stopped")


def seed_detectors(ground: Ground) -> None:
    """Detectors in every account and region but one; suspended in another. Management administers."""
    for account in ground.accounts:
        for region in REGIONS:
            if (account, region) != (ground.data, IRELAND):
                _detect(ground, account, region)
    ground.manifest.deviates("LOG-06", ground.data.id, IRELAND, "detector", "missing")
    suspended = ground.data.client("guardduty", US)
    detector = suspended.list_detectors()["DetectorIds"][0]
    suspended.update_detector(DetectorId=detector, Enable=False)
    ground.manifest.deviates("LOG-06", ground.data.id, US, "detector", "suspended")


def _record(ground: Ground, account: Account, region: str) -> None:
    config = account.client("config", region)
    role = f"arn:aws:iam::{account.id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    what = {"allSupported": True, "includeGlobalResourceTypes": region == EU}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": what}
    )
    bucket = {ground.prod.id: "nw-prod-assets", ground.data.id: "nw-data-lake"}[account.id]
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    # moto leaves it for ever at PENDING, which is not even a word of the API.
    status = ["recorders", "default", "status", "last_status"]
    ground.edit("config", account.id, region, status, "Success")
    ground.manifest.count(account.id, region, "config.recorders")


def _detect(ground: Ground, account: Account, region: str) -> None:
    features = [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]
    detector = account.client("guardduty", region).create_detector(Enable=True, Features=features)
    ground.manifest.count(account.id, region, "guardduty.detectors")
    management = ground.management.id
    if account.id == management:
        settings = {"AutoEnable": True, "AutoEnableOrganizationMembers": "ALL"}
        settings |= {"MemberAccountLimitReached": False}
        ground.put(ORGANISATION, management, region, settings)
        return
    member = {
        "AccountId": account.id,
        "DetectorId": detector["DetectorId"],
        "MasterId": management,
        "AdministratorId": management,
        "Email": f"{account.id}@northwind.example",
        "RelationshipStatus": "Enabled",
        "InvitedAt": ground.ago(300),
        "UpdatedAt": ground.ago(10),
    }
    ground.put(MEMBERS, management, region, member)
