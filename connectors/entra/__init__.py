"""Entra ID: one tenant, read through Microsoft Graph v1.0 in any of Microsoft's clouds."""

from collector.connector import Connector
from collector.source.rest.base import Base
from connectors.entra.at_hand import USUAL
from connectors.entra.connection import sign_in
from connectors.entra.policy import policy
from connectors.entra.settings import EntraSettings

entra = Connector(
    "entra",
    settings=EntraSettings,
    sign_in=sign_in,
    policy=policy,
    hosts=lambda settings, _: [settings.login_host, Base(settings.graph).place],
    usual=USUAL,
)
