"""AWS Config: whether changes of configuration are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.answer import UNSEEN
from collector.connector import Per
from collector.records import LogSource
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

    `enabled` is true when the recorder is on and its last delivery did not fail. `events` are the resource types that
    it records: `*` for all that AWS Config supports, with `NOT TYPE` for each that is left out. How often it records is
    in the raw answer (recordingMode). `destination` is the bucket of the region's delivery channel. Where status or
    channel could not be read, their fields are null and a gap names the call.

    Complete when there is a row for every enabled region. A second recorder in one region, which AWS does not allow,
    would show as a gap.
    """
    listed = source.get("config", "DescribeConfigurationRecorders", "ConfigurationRecorders")
    own = [one for one in listed["ConfigurationRecorders"] if not one.get("servicePrincipal")]
    status = source.look("config", "DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus")
    channels = source.look("config", "DescribeDeliveryChannels", "DeliveryChannels")
    for one in own or [UNSEEN]:
        yield LogSource(
            key=source.place,
            seen=[listed, status, channels],
            source=f"configuration recorder in {source.place}",
            kind="configuration_history",
            enabled=records(status, one.get("name")) if own else False,
            covers="region",
            place=source.place,
            all_regions=False,
            destination=next((channel.get("s3BucketName") for channel in channels.get("DeliveryChannels", ())), None),
            events=recorded(one.get("recordingGroup") or {}),
        )


def records(status: Answer, name: str | None) -> bool | None:
    """Whether the recorder of that name is on and can deliver; None when that was not told."""
    for one in status.get("ConfigurationRecordersStatus", ()):
        if one.get("name") == name:
            recording: bool | None = one.get("recording")
            return recording and (one.get("lastStatus") or "").casefold() != "failure"
    return None


def recorded(group: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The resource types that a recorder records; None when that was not told."""
    strategy = (group.get("recordingStrategy") or {}).get("useOnly")
    if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
        left_out = (group.get("exclusionByResourceTypes") or {}).get("resourceTypes")
        # Without the list of what is left out nobody knows what remains.
        return ("*", *(f"NOT {one}" for one in left_out)) if left_out else None
    if group.get("allSupported"):
        return ("*",)
    return tuple(group["resourceTypes"]) if group.get("resourceTypes") else None
