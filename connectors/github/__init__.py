"""GitHub: every organisation that the App is installed in, or the token names; github.com or an Enterprise Server."""

from collector.connector import Connector
from collector.source.rest.base import Base
from connectors.github.at_hand import USUAL
from connectors.github.connection import sign_in
from connectors.github.policy import policy
from connectors.github.settings import GithubSettings
from connectors.github.within import within

github = Connector(
    "github",
    settings=GithubSettings,
    sign_in=sign_in,
    policy=policy,
    hosts=lambda settings, _: [Base(settings.base_url).place],
    usual=USUAL,
    within=within,
)
