"""Settings: config.toml and the environment, checked; an error names the key, what it got and what it takes."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bot.core.commands import time_of_day, weekday, zone
from bot.core.errors import BroadsheetError
from bot.core.model import Newsletter, Rules, Schedule

PREFIX = "BROADSHEET_"
DELIMITER = "__"


class BadConfig(BroadsheetError):
    """The configuration cannot be used; each line of the message names one thing to mend."""


def _weekday(value: object) -> int:
    found = weekday(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a weekday such as Monday")
    return found


def _time(value: object) -> dt.time:
    found = value if isinstance(value, dt.time) else time_of_day(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a time such as 09:00")
    return found


def _zone(value: str) -> str:
    found = zone(value)
    if found is None:
        raise ValueError("an IANA time zone such as Europe/Berlin")
    return found


class Section(BaseModel):
    """A table of config.toml; keys it does not know are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(Section):
    """Where everything is kept."""

    path: Path = Path("broadsheet.sqlite")


class ArxivSettings(Section):
    """Where papers are looked up."""

    api_url: HttpUrl = HttpUrl("https://export.arxiv.org/api/query")
    timeout: Annotated[float, Field(gt=0, le=120)] = 20


class OpenReviewSettings(Section):
    """Where papers of OpenReview are looked up: the newer API first, then the older one."""

    api2_url: HttpUrl = HttpUrl("https://api2.openreview.net")
    api1_url: HttpUrl = HttpUrl("https://api.openreview.net")
    timeout: Annotated[float, Field(gt=0, le=120)] = 10


class DoiSettings(Section):
    """Where papers are looked up by their DOIs."""

    crossref_url: HttpUrl = HttpUrl("https://api.crossref.org")
    datacite_url: HttpUrl = HttpUrl("https://api.datacite.org")
    contact: str = ""
    timeout: Annotated[float, Field(gt=0, le=120)] = 10


class SemanticScholarSettings(Section):
    """Where a paper's citations and venue are asked for."""

    api_url: HttpUrl | Literal[""] = HttpUrl("https://api.semanticscholar.org/graph/v1")
    api_key: SecretStr = SecretStr("")
    timeout: Annotated[float, Field(gt=0, le=120)] = 10


class PagesSettings(Section):
    """Whether and how pages are opened that members link to."""

    enabled: bool = True
    youtube_url: HttpUrl = HttpUrl("https://www.youtube.com/oembed")
    vimeo_url: HttpUrl = HttpUrl("https://vimeo.com/api/oembed.json")
    github_url: HttpUrl = HttpUrl("https://api.github.com")


class NewsletterSettings(Section):
    """What a newsletter is before anybody sets it up."""

    name: Annotated[str, Field(min_length=1, max_length=80)] = "Broadsheet"
    language: Literal["en", "zh-CN", "ja"] = "en"
    weekday: Annotated[int, BeforeValidator(_weekday)] = 0
    time: Annotated[dt.time, BeforeValidator(_time)] = dt.time(9)
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    sections: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(min_length=1, max_length=12)
    ] = ("Papers", "Articles", "Tools")
    picks: Annotated[int, Field(ge=1, le=50)] = 5
    threshold: Annotated[int, Field(ge=1, le=1000)] = 2
    per_section: Annotated[int, Field(ge=1, le=50)] = 3
    carry: Annotated[int, Field(ge=0, le=52)] = 4
    review_hours: Annotated[int, Field(ge=0, le=168)] = 0
    grace_hours: Annotated[int, Field(ge=0, le=168)] = 48

    def newsletter(self) -> Newsletter:
        """These settings as a newsletter that nobody has set up yet."""
        return Newsletter(
            id=0,
            name=self.name,
            schedule=Schedule(self.weekday, self.time, self.zone),
            language=self.language,
            sections=self.sections,
            rules=Rules(self.picks, self.threshold, self.per_section, self.carry),
            review=timedelta(hours=self.review_hours) if self.review_hours else None,
            grace=timedelta(hours=self.grace_hours),
        )


class DiscordSettings(Section):
    """How Discord is reached."""

    token: SecretStr = SecretStr("")
    api_url: str = ""
    gateway_url: str = ""
    proxy: str = ""
    guild_id: Annotated[int, Field(ge=0)] = 0
    shard_ids: tuple[Annotated[int, Field(ge=0)], ...] = ()
    shard_count: Annotated[int, Field(ge=0)] = 0
    message_content: bool = False


class SlackSettings(Section):
    """How Slack is reached."""

    mode: Literal["socket", "http"] = "socket"
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    encryption_keys: tuple[SecretStr, ...] = ()
    command_prefix: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,20}$")] = ""
    api_url: str = ""
    proxy: str = ""
    ping_interval: Annotated[float, Field(ge=1, le=120)] = 10
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 3000
    public_url: str = ""


class LogSettings(Section):
    """What is logged, and how it looks."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["text", "json"] = "text"


class Settings(BaseSettings):
    """All settings; the environment wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True, env_ignore_empty=True
    )

    store: StoreSettings = StoreSettings()
    arxiv: ArxivSettings = ArxivSettings()
    openreview: OpenReviewSettings = OpenReviewSettings()
    doi: DoiSettings = DoiSettings()
    semantic_scholar: SemanticScholarSettings = SemanticScholarSettings()
    pages: PagesSettings = PagesSettings()
    newsletter: NewsletterSettings = NewsletterSettings()
    discord: DiscordSettings = DiscordSettings()
    slack: SlackSettings = SlackSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what the file said; nothing else is read."""
        return env_settings, init_settings


def load(path: Path | None, *, required: bool = False) -> Settings:
    """The settings of a file and the environment; a file that is absent is an empty one unless required.

    Raises `BadConfig` with a line for each thing to mend.
    """
    name = str(path) if path else "config.toml"
    content = _read(path, required=required) if path else {}
    unknown = [key for key in os.environ if key.startswith(PREFIX) and not _known(key)]
    if unknown:
        known = ", ".join(f"{PREFIX}{table.upper()}{DELIMITER}…" for table in Settings.model_fields)
        raise BadConfig(f"environment: {unknown[0]} is not known; there are {known}.")
    try:
        return Settings(**content)
    except SettingsError as error:
        lists = f'a list is written as in JSON: {PREFIX}NEWSLETTER__SECTIONS=["Papers", "Tools"]'
        raise BadConfig(f"environment: a {PREFIX}… variable cannot be read; {lists}.") from error
    except ValidationError as error:
        lines = [_line(name, each) for each in error.errors(include_url=False)]
        raise BadConfig("\n".join(lines)) from error


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if not required:
            return {}
        raise BadConfig(f"{path}: there is no such file; config.example.toml shows what goes into it.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: is not TOML: {error}.") from error


def _known(variable: str) -> bool:
    table = variable.removeprefix(PREFIX).split(DELIMITER)[0].casefold()
    return table in Settings.model_fields


def _line(file: str, error: ErrorDetails) -> str:
    keys = [str(part) for part in error["loc"]]
    variable = PREFIX + DELIMITER.join(keys[:2]).upper()
    where = f"environment: {variable}" if variable in os.environ else f"{file}: {'.'.join(keys)}"
    if error["type"] == "extra_forbidden":
        return f"{where} is not known; {_alternatives(keys)}."
    return f"{where} is {_shown(keys, error['input'])}; it takes {_takes(error)}."


def _alternatives(keys: list[str]) -> str:
    table = Settings.model_fields.get(keys[0])
    fields: Mapping[str, Any] = Settings.model_fields
    if len(keys) > 1 and table is not None and isinstance(table.annotation, type):
        fields = getattr(table.annotation, "model_fields", {})
    return "there are " + ", ".join(fields)


def _shown(keys: list[str], value: object) -> str:
    hushed = ("token", "secret", "_key")
    secret = keys[-1] in ("discord", "slack") or any(word in key for key in keys for word in hushed)
    return "(a secret)" if secret else repr(value)[:80]


_TAKES = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "path_type": "a path in quotes",
    "path_not_a_file": "a path in quotes",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "float_parsing": "a number",
    "string_type": "text in quotes",
    "tuple_type": "a list",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "at least {min_length} character",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "at most 20 small letters, digits, hyphens and underscores",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "url_scheme": "an address that begins with http:// or https://",
    "url_parsing": "an address that begins with http:// or https://",
    "model_type": "a table",
    "literal_error": "{expected}",
    "value_error": "{error}",
}


def _takes(error: ErrorDetails) -> str:
    takes = _TAKES.get(error["type"])
    return takes.format(**error.get("ctx", {})) if takes else error["msg"]
