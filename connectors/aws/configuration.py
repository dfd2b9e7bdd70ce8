"""AWS Config: whether changes of configuration are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import LogSource
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource


@aws.evidence(
    "aws.config.recorder",
    yields=LogSource,
    needs=[
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeDeliveryChannels",
    ],
    per=Per.PLACE,
)
def recorder(source: AwsSource) -> Iterator[LogSource]:
    """Configuration recorders by region.

    Population: every enabled region of the account; one row each, also where AWS Config has no recorder (`enabled` is
    then false). Recorders that AWS services run for themselves record only those services' resources and are left out.

    `enabled` is true when the recorder is on and its last delivery did not fail. Which resource types it records, and
    how often, is in the raw answer (recordingGroup, recordingMode). `destination` is the bucket of the region's
    delivery channel. Where status or channel could not be read, their fields are null and a gap names the call.

    Complete when there is a row for every enabled region. A second recorder in one region, which AWS does not allow,
    would show as a gap.
    """
    listed = source.get("config", "DescribeConfigurationRecorders", "ConfigurationRecorders")
    names = [one.get("name") for one in listed["ConfigurationRecorders"] if not one.get("servicePrincipal")]
    status = source.look("config", "DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus")
    channels = source.look("config", "DescribeDeliveryChannels", "DeliveryChannels")
    for name in names or [None]:
        yield LogSource(
            key=source.place,
            seen=[listed, status, channels],
            source=f"configuration recorder in {source.place}",
            kind="configuration_history",
            enabled=records(status, name) if names else False,
            covers="region",
            place=source.place,
            all_regions=False,
            destination=next((channel.get("s3BucketName") for channel in channels.get("DeliveryChannels", ())), None),
        )


def records(status: Answer, name: str | None) -> bool | None:
    """Whether the recorder of that name is on and can deliver; None when that was not told."""
    for one in status.get("ConfigurationRecordersStatus", ()):
        if one.get("name") == name:
            recording: bool | None = one.get("recording")
            return recording and (one.get("lastStatus") or "").casefold() != "failure"
    return None
