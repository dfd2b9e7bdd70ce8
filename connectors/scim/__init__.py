"""SCIM 2.0 (RFC 7643, 7644): any identity provider that speaks it."""

from collector.connector import Connector
from collector.source.rest.base import Base
from connectors.scim.connection import sign_in
from connectors.scim.policy import policy
from connectors.scim.settings import ScimSettings

scim = Connector(
    "scim",
    settings=ScimSettings,
    sign_in=sign_in,
    policy=policy,
    hosts=lambda settings, _: [Base(settings.base_url).place],
)
