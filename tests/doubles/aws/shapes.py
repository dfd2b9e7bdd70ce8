"""Whether an output is one that the provider's own description allows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (datetime,),
    "blob": (bytes,),
}


def problems(shape: Shape, value: Any, where: str = "") -> list[str]:
    """Every member that the shape does not know, and every value of another type, by path."""
    if shape.type_name == "structure":
        return _structure_problems(shape, value, where)
    if shape.type_name == "list":
        items = enumerate(value) if isinstance(value, list) else [("not a list", value)]
        return [text for index, item in items for text in problems(shape.member, item, f"{where}[{index}]")]
    if shape.type_name == "map":
        return [text for key, item in value.items() for text in problems(shape.value, item, f"{where}.{key}")]
    wrong = not isinstance(value, _TYPES[shape.type_name])
    wrong |= isinstance(value, bool) and shape.type_name != "boolean"
    if wrong:
        return [f"{where or 'value'} is {type(value).__name__}, not {shape.type_name}"]
    choices = getattr(shape, "enum", None)
    return [f"{where} is {value!r}, not one of {choices}"] if choices and value not in choices else []


def _structure_problems(shape: Any, value: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is {type(value).__name__}, not a structure"]
    found = [f"{where}.{name} is unknown to {shape.name}" for name in value if name not in shape.members]
    found += [f"{where}.{name} is missing" for name in shape.required_members if name not in value]
    for name, item in value.items():
        if name in shape.members:
            found += problems(shape.members[name], item, f"{where}.{name}")
    return found
