"""What labels say: environment, class of data, owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.settings import GcpSettings


class Labels(NamedTuple):
    """The fields of a record that labels speak for."""

    environment: str | None
    data_class: str | None
    owner: str | None


def labels(settings: GcpSettings, own: Mapping[str, str] | None, project: Unit | None) -> dict[str, Any]:
    """What the configured labels say, by field; what a resource does not say of itself, its project says for it."""
    own, of_project = own or {}, project.labels if project else {}
    return Labels(
        environment=own.get(settings.environment_label) or environment(settings, project),
        data_class=own.get(settings.data_class_label) or of_project.get(settings.data_class_label) or None,
        owner=own.get(settings.owner_label) or of_project.get(settings.owner_label) or None,
    )._asdict()


def environment(settings: GcpSettings, project: Unit | None) -> str | None:
    """The environment of a project: its own label, or the configuration's word."""
    if project is None:
        return None
    return project.labels.get(settings.environment_label) or settings.environments.get(project.id)
