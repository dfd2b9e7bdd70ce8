"""Records that people make: registers, reviews, approvals and signed documents, attached by hand or dropped daily."""

from collector.connector import Connector
from collector.source.files.connection import opening, watched
from collector.source.files.policy import policy
from collector.source.files.settings import FileSettings

records = Connector("records", settings=FileSettings, sign_in=opening("records"), policy=policy, collects=watched)
