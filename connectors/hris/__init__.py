"""The people list: exports of the company's HR system, attached by hand or dropped into a watched folder."""

from collector.connector import Connector
from collector.source.files.connection import opening, watched
from collector.source.files.policy import policy
from collector.source.files.settings import FileSettings

hris = Connector("hris", settings=FileSettings, sign_in=opening("hris"), policy=policy, collects=watched)
