"""AWS: every account of an organisation, every enabled region."""

from collector.connector import Connector
from connectors.aws.at_hand import USUAL
from connectors.aws.connection import sign_in
from connectors.aws.hosts import hosts
from connectors.aws.policy import beyond_reading, policy
from connectors.aws.settings import AwsSettings

aws = Connector(
    "aws",
    settings=AwsSettings,
    sign_in=sign_in,
    policy=policy,
    hosts=hosts,
    beyond_reading=beyond_reading,
    ambient=True,
    usual=USUAL,
)
