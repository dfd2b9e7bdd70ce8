from __future__ import annotations

from pathlib import Path

import pytest

from collector import config
from collector.errors import UsageError
from connectors.aws.settings import AwsSettings

PROVIDERS = ["aws"]


def read(tmp_path: Path, text: str) -> config.Config:
    file = tmp_path / "collector.toml"
    file.write_text(text)
    return config.read(file, PROVIDERS)


def test_every_setting_has_a_default(tmp_path: Path) -> None:
    assert read(tmp_path, "") == config.Config()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = '[archive]\npath = "/a"\n[collect]\nthreads = 3\n[aws]\nrole = "R"\n[controls.IAM-10]\nmax_age = 180\n'
    found = read(tmp_path, text)
    assert found.archive.keys_path == Path("/a.keys")
    assert found.collect.threads == 3
    assert found.controls == {"IAM-10": {"max_age": 180}}
    assert config.table(found.providers["aws"], AwsSettings, "[aws]").role == "R"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[archve]\n", "unknown key 'archve'; did you mean 'archive'?"),
        ('[archive]\npth = "x"\n', "unknown key 'pth'; did you mean 'path'?"),
        ("[zzz]\n", "unknown key 'zzz'; known are: approved_by, archive, aws, collect"),
        ('[collect]\nthreads = "many"\n', "Expected `int`, got `str` - at `$.collect.threads`"),
        ("[collect]\nthreads = 0\n", "threads must be from 1 to 256, not 0"),
        ("[archive\n", "is not valid TOML"),
        ('[[archive.witnesses]]\nkye = "x"\n', "[archive] [[witnesses]]: unknown key 'kye'; did you mean 'key'?"),
        ("archive = 3\n", "Expected `object`"),
    ],
)
def test_a_mistake_is_named_with_the_way_out(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(tmp_path, text)
    assert sentence in str(raised.value)
    assert "collector.toml" in str(raised.value)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`collector init` writes one"):
        config.read(tmp_path / "none.toml", PROVIDERS)


def test_a_mistake_in_a_connectors_table_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, '[aws]\nrol = "x"\n')
    with pytest.raises(UsageError, match=r"\[aws\]: unknown key 'rol'; did you mean 'role'\?"):
        config.table(found.providers["aws"], AwsSettings, "[aws]")


def test_the_commented_configuration_names_every_setting_with_its_default() -> None:
    text = (Path(config.__file__).parent / "cli" / "collector.toml").read_text()
    shown = "\n".join(line.removeprefix("# ") for line in text.splitlines())
    for name in AwsSettings.__dataclass_fields__:
        assert name in shown, f"collector.toml does not mention [aws] {name}"
    assert "threads = 16" in shown
