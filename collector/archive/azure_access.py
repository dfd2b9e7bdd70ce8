"""Which logs Azure keeps of an account's blobs: the resource logs that a diagnostic setting sends somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.archive.access import AccessLog, Kept
from collector.archive.azure_management import diagnostic_settings
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.azure_calls import AzureCalls

RESOURCE_LOGS = "resource logs of the blob service"
_CHANGES = {"StorageWrite", "StorageDelete"}
_WHOLE = "allLogs"
_PLACES = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")


def access_logs(calls: AzureCalls) -> tuple[AccessLog, ...]:
    """As `Place.access_logs`."""
    if not calls.container.subscription:
        told = "Azure's management alone tells; add ?subscription=…&group=… to the archive's URL"
        return (AccessLog(RESOURCE_LOGS, Kept.UNKNOWN, told),)
    try:
        settings = diagnostic_settings(calls)
    except ArchiveError as error:
        told = f"{error}; it takes Microsoft.Insights/DiagnosticSettings/Read"
        return (AccessLog(RESOURCE_LOGS, Kept.UNKNOWN, told),)
    sent = {f"{', '.join(found)} to {place}": place for one in settings for found, place in _sent(one)}
    logged = {name for one in settings for found, _ in _sent(one) for name in found}
    if _WHOLE in logged or logged >= _CHANGES:
        owners = ", ".join(dict.fromkeys(sent.values()))
        return (AccessLog(RESOURCE_LOGS, Kept.ON, "; ".join(sent), f"ask whoever keeps {owners} for them"),)
    if logged - _CHANGES - {"StorageRead"}:  # a group of categories, whose members Azure chooses
        told = f"whether these have every write and deletion: {'; '.join(sent)}"
        return (AccessLog(RESOURCE_LOGS, Kept.UNKNOWN, told),)
    lacking = f"no diagnostic setting logs {' and '.join(sorted(_CHANGES - logged))} of the account's blobs"
    return (AccessLog(RESOURCE_LOGS, Kept.OFF, "; ".join([lacking, *sent])),)


def _sent(setting: Mapping[str, Any]) -> Iterator[tuple[list[str], str]]:
    """What a setting logs, and each place that it sends that to."""
    logged = [str(one.get("category") or one.get("categoryGroup")) for one in setting["logs"] if one.get("enabled")]
    if logged:
        yield from ((logged, str(setting[place])) for place in _PLACES if setting.get(place))
