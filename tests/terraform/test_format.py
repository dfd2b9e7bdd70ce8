"""Every Terraform file stands as `terraform fmt` would leave it.

HashiCorp's formatter itself says so. `terraform fmt` makes two changes more, of forms from before Terraform 0.12: of
quotes around the type of a variable, and of a string that is one interpolation and nothing else. These are looked for.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

import pytest

from tests.doubles.hcl import formatted, formatter_missing
from tests.terraform.modules import DEPLOY

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(DEPLOY.rglob("*.tf"))
OLD_FORMS = (r'(?m)^variable .*\n(?:  .*\n)*?  type\s*=\s*"', r'(?m)=\s*"\$\{[^{}"]*\}"\s*$')

HEREDOC = r"(?ms)<<-?(\w+)$.*?^\s*\1$"
"""What stands in one is text of another language."""

npm = pytest.mark.skipif(bool(formatter_missing()), reason=formatter_missing())


@npm
def test_each_file_is_formatted() -> None:
    assert len(FILES) > 20
    texts = {str(path.relative_to(DEPLOY)): path.read_text("utf-8") for path in FILES}
    made = formatted(texts)
    assert made.keys() == texts.keys()
    wrong = [
        line
        for name, text in texts.items()
        for line in difflib.unified_diff(text.splitlines(), made[name].splitlines(), name, "terraform fmt", lineterm="")
    ]
    assert wrong == [], "\n".join(wrong)


@npm
def test_what_is_not_formatted_would_be_seen() -> None:
    made = formatted({"a": 'resource "x" "y" {\na=1\n  longer = 2\n}\n'})
    assert made == {"a": 'resource "x" "y" {\n  a      = 1\n  longer = 2\n}\n'}


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(DEPLOY)) for path in FILES])
def test_no_file_has_a_form_that_fmt_would_rewrite(path: Path) -> None:
    text = re.sub(HEREDOC, "", path.read_text("utf-8"))
    assert [found[0] for form in OLD_FORMS for found in re.finditer(form, text)] == []
    assert text.endswith("\n")
