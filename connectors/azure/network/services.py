"""What is looked at from outside, what speaks HTTP, and what is artificial intelligence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import AiSystem, Monitor, Resource
from connectors.azure import azure
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import AI, MONITORS, SITES
from connectors.azure.labels import labels, parts, properties
from connectors.azure.resource_operations import MODELS, SITE_CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_TESTS, _SCALING = MONITORS.types


@azure.evidence("azure.availability.monitors", yields=Monitor, needs=MONITORS.needs)
def monitors(source: AzureSource) -> Iterator[Monitor]:
    """Availability tests and scaling.

    Every availability test of Application Insights in the subscription, with what it watches and whether it is on; and
    every setting by which something scales with its load.

    Complete when Resource Graph and the subscription's own list have the same tests and settings.
    """
    rows = resources(source, MONITORS)
    for kind, table, name in (("availability", _TESTS, "Enabled"), ("scaling", _SCALING, "enabled")):
        for row in of_type(rows, table):
            known = properties(row)
            enabled = known.get(name)
            yield Monitor(
                key=row["id"],
                seen=[row],
                monitor=row["name"],
                kind=kind,
                covers=_watched(known),
                state=None if enabled is None else "enabled" if enabled else "disabled",
            )


def _watched(known: dict[str, Any]) -> str | None:
    return (known.get("Request") or {}).get("RequestUrl") or known.get("targetResourceUri")


@azure.evidence("azure.web.tls", yields=Resource, needs=[*SITES.needs, SITE_CONFIG])
def sites(source: AzureSource) -> Iterator[Resource]:
    """App Service HTTPS and TLS floor.

    Population: every app and function app of App Service in the subscription: whether it answers without TLS, and the
    oldest TLS it accepts. Deployment slots are not in here.

    Complete when Resource Graph and the subscription's own list have the same apps. Where the configuration of one
    could not be read, its floor is null and a gap names the call.
    """
    for row, config in source.each(resources(source, SITES), lambda one: source.look(SITE_CONFIG, **_at(one))):
        known = properties(row)
        only = known.get("httpsOnly")
        access = known.get("publicNetworkAccess")
        yield Resource(
            key=row["id"],
            seen=[row, config],
            resource_id=row["id"],
            type="web_app",
            public=None if access is None else access != "Disabled",
            min_tls=properties(config).get("minTlsVersion"),
            plain_http=None if only is None else not only,
            **labels(source, row),
        )


def _at(row: Answer) -> dict[str, str]:
    names = parts(row["id"])
    return {"group": names["resourcegroups"], "site": names["sites"]}


@azure.evidence("azure.ai.systems", yields=AiSystem, needs=[*AI.needs, MODELS])
def ai_systems(source: AzureSource) -> Iterator[AiSystem]:
    """AI services and model deployments.

    Population: every account of Azure AI services in the subscription, and every model that is deployed in one.

    Complete when Resource Graph and the subscription's own list have the same accounts, and the deployments of each
    were read to their end. Models that run on machines of the customer's own are not in here.
    """
    rows = resources(source, AI)
    for row in rows:
        yield AiSystem(
            key=row["id"],
            seen=[row],
            system=row["id"],
            provider_role="deployer",
            kind=row.get("kind"),
            owner=labels(source, row)["owner"],
        )
    for row, found in source.each(rows, lambda one: list(source.list(MODELS, **_account(one)))):
        for one in found:
            model = properties(one).get("model") or {}
            yield AiSystem(
                key=one["id"],
                seen=[one, row],
                system=one["id"],
                provider_role="deployer",
                kind=" ".join(str(part) for part in (model.get("name"), model.get("version")) if part) or None,
                owner=labels(source, row)["owner"],
            )


def _account(row: Answer) -> dict[str, str]:
    names = parts(row["id"])
    return {"group": names["resourcegroups"], "account": names["accounts"]}
