"""boto3 clients for seeding: one account's credentials, one shared model loader, no retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOADER = create_loader()
_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
MANAGEMENT_KEY = "AKIAMANAGEMENT000000"
HOME_REGION = "eu-central-1"


class Account:
    """One AWS account as seen with one set of credentials."""

    def __init__(self, endpoint: str, credentials: Mapping[str, str], account_id: str) -> None:
        self.endpoint = endpoint
        self.id = account_id
        session = botocore.session.Session()
        session.register_component("data_loader", _LOADER)
        self._session = boto3.Session(botocore_session=session, **credentials)
        self._clients: dict[tuple[str, str], Any] = {}

    @classmethod
    def management(cls, endpoint: str, access_key: str = MANAGEMENT_KEY) -> Account:
        """The account that unknown access keys belong to."""
        known = {"aws_access_key_id": access_key, "aws_secret_access_key": "loopback-only"}
        account = cls(endpoint, known, "")
        account.id = account.client("sts").get_caller_identity()["Account"]
        return account

    def member(self, account_id: str, role: str = "OrganizationAccountAccessRole") -> Account:
        """An account this one may enter."""
        arn = f"arn:aws:iam::{account_id}:role/{role}"
        session = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="estate")["Credentials"]
        known = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }
        return Account(self.endpoint, known, account_id)

    # Any: a client's methods exist only at run time.
    def client(self, service: str, region: str = HOME_REGION) -> Any:
        """A client, made once."""
        if (service, region) not in self._clients:
            # The account id that boto3 puts before this host becomes part of the user name in the URL.
            endpoint = self.endpoint.replace("//", "//double@") if service == "s3control" else self.endpoint
            self._clients[service, region] = self._session.client(
                service,
                region_name=region,
                endpoint_url=endpoint,
                config=_ONCE,
            )
        return self._clients[service, region]
