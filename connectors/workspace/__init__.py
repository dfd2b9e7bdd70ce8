"""Google Workspace: one organisation (Google's "customer"), read in the name of an administrator."""

from collector.connector import Connector
from connectors.workspace.api import hosts
from connectors.workspace.connection import sign_in
from connectors.workspace.policy import beyond_reading, policy
from connectors.workspace.settings import WorkspaceSettings

workspace = Connector(
    "gws", settings=WorkspaceSettings, sign_in=sign_in, policy=policy, hosts=hosts, beyond_reading=beyond_reading
)
