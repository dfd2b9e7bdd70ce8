"""Azure: the subscriptions of one tenant, read through Azure Resource Manager in any of Microsoft's clouds."""

from collector.connector import Connector
from collector.source.rest.base import Base
from connectors.azure.at_hand import USUAL
from connectors.azure.connection import sign_in
from connectors.azure.policy import beyond_reading, policy
from connectors.azure.settings import AzureSettings

azure = Connector(
    "azure",
    settings=AzureSettings,
    sign_in=sign_in,
    policy=policy,
    beyond_reading=beyond_reading,
    hosts=lambda settings, _: [
        settings.login_host,
        Base(settings.manager).place,
        *([Base(settings.graph).place] if settings.entra_connected else []),
    ],
    usual=USUAL,
)
