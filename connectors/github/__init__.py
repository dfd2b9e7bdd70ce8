"""GitHub: every organisation that the App is installed in, or the token names; github.com or an Enterprise Server."""

from collector.connector import Connector
from connectors.github.connection import sign_in
from connectors.github.policy import policy
from connectors.github.settings import GithubSettings

github = Connector("github", settings=GithubSettings, sign_in=sign_in, policy=policy)
