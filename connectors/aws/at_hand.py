"""Whether boto3 finds credentials by itself: the account that they belong to can then be collected from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError

from collector.connector import AtHand, Usual
from collector.errors import UsageError
from collector.source.aws.session import core_session

if TYPE_CHECKING:
    from collector.connector import Outside


def session() -> boto3.Session:
    """With whatever boto3 finds by its own rules; UsageError when what it is pointed to is not there."""
    try:
        found = boto3.Session(botocore_session=core_session())
        found.get_credentials()
    except BotoCoreError as error:
        raise UsageError(f"boto3 cannot use the credentials that it is pointed to: {error}") from error
    return found


def look(outside: Outside) -> AtHand | None:
    """The credentials that boto3 finds."""
    del outside  # boto3 reads the environment by its own rules
    credentials = session().get_credentials()
    return AtHand(f"boto3, by {credentials.method}") if credentials else None


USUAL = Usual("AWS_PROFILE, AWS_ACCESS_KEY_ID, a role that is attached", look)
