"""Okta: one org, read by an API token or as a service app with a private key."""

from collector.connector import Connector
from collector.source.rest.base import Base
from connectors.okta.at_hand import USUAL
from connectors.okta.connection import sign_in
from connectors.okta.policy import beyond_reading, policy
from connectors.okta.settings import OktaSettings

okta = Connector(
    "okta",
    settings=OktaSettings,
    sign_in=sign_in,
    policy=policy,
    hosts=lambda settings, _: [Base(settings.base_url).place],
    beyond_reading=beyond_reading,
    usual=USUAL,
)
