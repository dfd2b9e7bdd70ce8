"""What AWS Config has of the estate: all that is tagged, and security groups that nobody tagged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND, REGIONS, US
from tests.doubles.aws.supplement.config import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_TYPES = {"s3": "AWS::S3::Bucket", "dynamodb": "AWS::DynamoDB::Table", "elasticfilesystem": "AWS::EFS::FileSystem"}


def seed_inventory(ground: Ground) -> None:
    """Where a recorder is, it has both; nothing has an owner, and a bucket for development is in production."""
    for account in (ground.prod, ground.data):
        for region in REGIONS:
            if (account, region) != (ground.prod, IRELAND):
                for item in (*_tagged(account, region), *_groups(account, region)):
                    known = {"awsRegion": region, "configurationItemCaptureTime": ground.ago(20)} | item
                    ground.put(RESOURCES, account.id, region, known)
        ground.manifest.deviates("GOV-12", account.id, EU, "owners", "no resource carries an owner")
    verdict = {"resourceType": "AWS::Config::ResourceCompliance", "resourceId": "AWS::S3::Bucket/nw-prod-orders"}
    ground.put(RESOURCES, ground.prod.id, EU, verdict)
    ground.manifest.deviates("CHG-06", ground.prod.id, US, "nw-dev-scratch", "development in a production account")


def _tagged(account: Account, region: str) -> Iterator[dict[str, Any]]:
    pages = account.client("resourcegroupstaggingapi", region).get_paginator("get_resources").paginate()
    for mapping in (one for page in pages for one in page["ResourceTagMappingList"]):
        arn = mapping["ResourceARN"]
        service, _, _, rest = arn.split(":", 5)[2:]
        tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in mapping["Tags"]]
        yield {
            "arn": arn,
            "resourceType": _TYPES.get(service, f"AWS::{service.upper()}::{rest.replace('/', ':').partition(':')[0]}"),
            "resourceId": rest.replace("/", ":").rpartition(":")[2],
            "tags": [tag | {"tag": f"{tag['key']}={tag['value']}"} for tag in tags],
        }


def _groups(account: Account, region: str) -> Iterator[dict[str, Any]]:
    for group in account.client("ec2", region).describe_security_groups()["SecurityGroups"]:
        yield {
            "arn": f"arn:aws:ec2:{region}:{account.id}:security-group/{group['GroupId']}",
            "resourceType": "AWS::EC2::SecurityGroup",
            "resourceId": group["GroupId"],
            "resourceCreationTime": "2025-03-04T05:06:07.000Z",
            "tags": [],
        }
