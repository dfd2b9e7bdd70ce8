"""The double's own endpoints, under `/_double/`: what a test reads of it and turns in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.moving import happen, plan_move
from tests.doubles.github.tokens import CLIENT_ID, TOKEN, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.github.front import Front


def controls(front: Front) -> dict[str, Callable[[Any], Any]]:  # noqa: C901 - a table of small doings, not one large one
    """By method and name; each takes what the body holds."""
    world, tokens = front.world, front.world.tokens
    usual = dict(tokens.permissions)
    plan = world.org.plan

    def credentials(_: object) -> dict[str, Any]:
        named = {"app_id": tokens.app_id, "client_id": CLIENT_ID, "installation_id": tokens.installation_id}
        return named | {"token": TOKEN, "private_key": tokens.pem}

    def permissions(given: dict[str, str]) -> dict[str, str]:
        tokens.permissions.clear()
        tokens.permissions.update(given)
        return given

    def personal(given: dict[str, Any]) -> None:
        """A token with only these permissions: fine-grained; null takes a token away."""
        if given.get("permissions") is None:
            tokens.personal.pop(given["token"])
        else:
            tokens.personal[given["token"]] = Caller("user", given["token"][-6:], given["permissions"])

    def installation(given: dict[str, Any]) -> None:
        for name, value in given.items():
            if name not in {"suspended", "revoked", "life_seconds"}:
                raise ValueError(f"unknown of an installation: {name}")
            setattr(tokens, name, value)

    def publish(given: str) -> None:
        """Where clients reach it from, when something stands in between: links then lead there."""
        front.public = given

    def plan_moves(given: list[dict[str, Any]]) -> None:
        for one in given:
            plan_move(world, one)

    def set_plan(given: str) -> None:
        if given not in {"free", "team", "enterprise"}:
            raise ValueError(f"no plan {given}")
        world.org.plan = given

    def settings(given: dict[str, Any]) -> None:
        if unknown := set(given) - set(world.org.settings):
            raise ValueError(f"unknown settings {sorted(unknown)}")
        world.org.settings.update(given)

    def mend(_: object) -> None:
        """Everything that a control turned, except what has happened, is as it was at first."""
        front.plan.clear()
        front.journal.clear()
        front.public = ""
        world.moves.clear()
        world.limits.set({"core": 5000, "graphql": 5000, "search": 30, "window": 3600, "at_once": 0, "retry_after": 1})
        tokens.suspended = tokens.revoked = False
        tokens.life_seconds = 3600
        world.org.plan = plan
        permissions(usual)

    return {
        "GET manifest": lambda _: world.ground.manifest.as_json(),
        "GET credentials": credentials,
        "GET requests": lambda _: front.journal.listing(),
        "DELETE requests": lambda _: front.journal.clear(),
        "GET faults": lambda _: front.plan.fired(),
        "POST faults": front.plan.add,
        "DELETE faults": lambda _: front.plan.clear(),
        "POST limits": world.limits.set,
        "GET permissions": lambda _: dict(tokens.permissions),
        "POST permissions": permissions,
        "POST token": personal,
        "POST installation": installation,
        "POST plan": set_plan,
        "POST settings": settings,
        "POST moves": plan_moves,
        "POST happen": lambda given: happen(world, given),
        "POST public": publish,
        "POST mend": mend,
    }
