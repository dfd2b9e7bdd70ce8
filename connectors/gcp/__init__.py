"""Google Cloud: organisations read whole, from folders down to projects, through the asset inventory first."""

from collector.connector import Connector
from connectors.gcp.api import hosts
from connectors.gcp.at_hand import USUAL
from connectors.gcp.connection import sign_in
from connectors.gcp.policy import policy
from connectors.gcp.settings import GcpSettings
from connectors.gcp.within import within

gcp = Connector("gcp", settings=GcpSettings, sign_in=sign_in, policy=policy, hosts=hosts, usual=USUAL, within=within)
