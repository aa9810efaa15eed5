"""Settings: what the file and the environment give, and what is said of a mistake."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import time, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.config import BadConfig, Settings, load

EXAMPLE = Path(__file__).resolve().parents[1] / "config.example.toml"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine that runs the tests stay out of them."""
    for key in [key for key in os.environ if key.startswith("BROADSHEET_")]:
        monkeypatch.delenv(key)


def written(folder: Path, text: str) -> Path:
    """A configuration file with this text."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_shows_every_key_with_its_default() -> None:
    """Loading the example gives the defaults, and no key is missing from it."""
    assert load(EXAMPLE, required=True) == Settings()
    shown = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    tables = {
        name: set(field.annotation.model_fields)
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    assert {name: set(table) for name, table in shown.items()} == tables


def test_the_example_has_a_sentence_for_every_key() -> None:
    """A comment stands above each key or the group that it belongs to."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"[a-z_]+ =", line)]
    assert all(lines[number - 1].startswith("#") or re.match(r"[a-z_]+ =", lines[number - 1]) for number in keys)


def test_settings_become_a_newsletter(tmp_path: Path) -> None:
    """Weekday, time and hours are read as what they mean."""
    text = '[newsletter]\nweekday = "fri"\ntime = 17:30:00\nzone = "asia/tokyo"\nreview_hours = 4\ngrace_hours = 0'
    newsletter = load(written(tmp_path, text)).newsletter.newsletter()
    assert (newsletter.schedule.weekday, newsletter.schedule.at, newsletter.schedule.zone) == (
        4,
        time(17, 30),
        "Asia/Tokyo",
    )
    assert (newsletter.review, newsletter.grace) == (timedelta(hours=4), timedelta(0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[newsletter]\nweekday = "Moonday"', "newsletter.weekday is 'Moonday'; it takes a weekday such as Monday."),
        ('[newsletter]\nzone = "Mars"', "newsletter.zone is 'Mars'; it takes an IANA time zone such as Europe/Berlin."),
        ('[newsletter]\ntime = "25:00"', "newsletter.time is '25:00'; it takes a time such as 09:00."),
        ("[newsletter]\npicks = 0", "newsletter.picks is 0; it takes 1 or more."),
        ('[newsletter]\npicks = "few"', "newsletter.picks is 'few'; it takes a whole number."),
        ("[newsletter]\nsections = []", "newsletter.sections is []; it takes at least 1 of them."),
        ('[arxiv]\napi_url = "ftp://a"', "arxiv.api_url is 'ftp://a'; it takes an address that begins with http:// or https://."),
        ("[arxiv]\nurl = 1", "arxiv.url is not known; there are api_url, timeout."),
        ("[arxive]\nurl = 1", f"arxive is not known; there are {', '.join(Settings.model_fields)}."),
        ("arxiv = 5", "arxiv is 5; it takes a table."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_file_key_value_and_what_would_do(
    tmp_path: Path, text: str, said: str
) -> None:
    """The line begins with the file and the key, and ends with what the key takes."""
    path = written(tmp_path, text)
    with pytest.raises(BadConfig) as bad:
        load(path)
    assert str(bad.value) == f"{path}: {said}"


def test_each_mistake_has_its_line(tmp_path: Path) -> None:
    """Two mistakes are told at once, so that they can be mended at once."""
    with pytest.raises(BadConfig) as bad:
        load(written(tmp_path, '[newsletter]\nzone = "x"\npicks = 0'))
    assert len(str(bad.value).splitlines()) == 2


def test_the_environment_wins_and_is_named_when_it_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable takes the place of the file's key; a mistake in it is told as the variable's."""
    path = written(tmp_path, '[newsletter]\nzone = "Asia/Tokyo"')
    monkeypatch.setenv("BROADSHEET_NEWSLETTER__ZONE", "Europe/Berlin")
    assert load(path).newsletter.zone == "Europe/Berlin"
    monkeypatch.setenv("BROADSHEET_NEWSLETTER__ZONE", "Mars")
    with pytest.raises(BadConfig, match="environment: BROADSHEET_NEWSLETTER__ZONE is 'Mars'; it takes an IANA"):
        load(path)


def test_an_unknown_variable_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable with our prefix that means nothing is a mistake, not silence."""
    monkeypatch.setenv("BROADSHEET_TOKEN", "x")
    with pytest.raises(BadConfig, match="environment: BROADSHEET_TOKEN is not known"):
        load(written(tmp_path, ""))


@pytest.mark.parametrize("variable", ["BROADSHEET_NEWSLETTER__SECTIONS", "BROADSHEET_NEWSLETTER", "BROADSHEET_DISCORD"])
def test_a_variable_that_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A list that is not written as JSON, or a table given as one word, is told without its value."""
    monkeypatch.setenv(variable, "hush, Tools")
    with pytest.raises(BadConfig, match="environment: ") as bad:
        load(written(tmp_path, ""))
    assert "hush" not in str(bad.value)
    assert len(str(bad.value).splitlines()) == 1


def test_a_secret_never_prints(tmp_path: Path) -> None:
    """Neither the settings nor a mistake about a secret shows it."""
    settings = load(written(tmp_path, '[discord]\ntoken = "hush"'))
    assert "hush" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    with pytest.raises(BadConfig) as bad:
        load(written(tmp_path, '[discord]\ntoken = ["hush"]'))
    assert "hush" not in str(bad.value)
    with pytest.raises(BadConfig) as bad:
        load(written(tmp_path, 'discord = "hush"'))
    assert "hush" not in str(bad.value)
    with pytest.raises(BadConfig) as bad:
        load(written(tmp_path, '[slack]\nencryption_keys = [{ a = "hush" }]'))
    assert "hush" not in str(bad.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """An absent file that was asked for, a folder, bad TOML and bad bytes each get their sentence."""
    with pytest.raises(BadConfig, match="there is no such file"):
        load(tmp_path / "none.toml", required=True)
    with pytest.raises(BadConfig, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(BadConfig, match="is not TOML"):
        load(written(tmp_path, "a ="))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadConfig, match="cannot be read"):
        load(binary)
    assert load(tmp_path / "none.toml") == Settings()
