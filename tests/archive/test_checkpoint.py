from __future__ import annotations

import pytest

from collector.archive.checkpoint import Checkpoint
from collector.archive.notes import to_base64

# The example of C2SP tlog-checkpoint.
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_example_of_the_specification() -> None:
    checkpoint = Checkpoint.parse(TEXT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text() == TEXT


def test_extension_lines_are_ignored() -> None:
    assert Checkpoint.parse(f"{TEXT}something else\n") == Checkpoint.parse(TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "\nextension\n",
        "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "٣"),
        TEXT.replace("20852163", ""),
        TEXT.replace("q2I=", "q2J="),
        "example.com/x\n1\n" + to_base64(b"x" * 31) + "\n",
        "example.com/x\n1\n" + to_base64(b"x" * 33) + "\n",
        "example.com/x\n1\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Checkpoint.parse(text)
