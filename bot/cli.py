"""The command line: run, demo, import, paper, refs, tldr, invite, manifest, check, preview, export."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from bot import logs, serving
from bot.adapters.discord.invite import application_id, invite_url
from bot.adapters.slack.manifest import manifest
from bot.app import Bot, SystemClock, build
from bot.config import Settings, load
from bot.core.ballots import ballot_posts
from bot.core.errors import BroadsheetError, NotANewsletter, Refused, Unreadable
from bot.core.issues import issue_posts
from bot.core.model import Newsletter
from bot.core.paper_pages import any_page, named
from bot.core.paper_post import choice_post, paper_post
from bot.core.papers import Lookup
from bot.core.parsed import ParsedIssue, to_json
from bot.core.plain import plain
from bot.core.ports import Chat, Store
from bot.core.post import Post
from bot.core.references import Reference, references
from bot.core.table import COMMANDS
from bot.core.text import clip, count, one_line
from bot.core.tldr_lines import tldr_lines
from bot.sides import slack_options
from bot.sources.feeds import is_feed
from bot.sources.fetching import Fetcher
from bot.sources.markdown import content_of
from bot.sources.newsletters import LARGEST, NewsletterReader, latest_first, read_document
from bot.store.checking import Checked, check_votes

app = typer.Typer(
    help="Broadsheet: a bot that runs a community's weekly paper.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration file; config.toml here when left out.")
]
NewsletterName = Annotated[
    str | None, typer.Option("--newsletter", help="The newsletter meant, where the store has several.")
]


def nowhere(_: Store) -> Mapping[str, Chat]:
    """No platform: for commands that only read and write the store."""
    return {}


def main() -> None:
    """Run the command line; an error is one line on standard error and exit code 1."""
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # a text stream
    try:
        app()
    except BroadsheetError as error:
        errors.print(str(error))
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _settings(config: Path | None, *, serving: bool = False) -> Settings:
    """The settings; a command that answers and ends logs its errors alone, as its answer says the rest."""
    settings = load(config or Path("config.toml"), required=config is not None)
    logs.set_up(settings.log.level if serving else "error", settings.log.form)
    return settings


@app.command()
def run(config: Config = None) -> None:
    """Run the bot on Discord and Slack, until SIGINT or SIGTERM."""
    settings = _settings(config, serving=True)
    serving.until_stopped(lambda stop: serving.run(settings, stop))


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the page.")] = 8440,
    data: Annotated[Path, typer.Option(help="The folder that keeps the demo.")] = Path("data/demo"),
    config: Config = None,
) -> None:
    """Run the bot in a chat on a web page: no token, no account, nothing but this machine."""
    settings = _settings(config, serving=True)
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{data} cannot be a folder for the demo's data: {error.strerror}.") from error

    async def serve(stop: asyncio.Event) -> None:
        async with serving.demonstration(settings, data, "127.0.0.1", port) as address:
            print(f"Broadsheet's demo is at {address}\nCtrl-C stops it; it is kept in {data}.", flush=True)
            await stop.wait()

    serving.until_stopped(serve)


@app.command("import")
def import_(
    sources: Annotated[
        list[str],
        typer.Argument(help="Newsletters: files of Markdown, HTML, mail or a feed, or links.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was read, one JSON object an issue.")] = False,
    newsletter: NewsletterName = None,
    config: Config = None,
) -> None:
    """Read newsletters in: keep each as an issue, or print it as JSON Lines.

    Of several issues in one file the latest alone is posted. What is no newsletter is named on standard error; the
    others still go in.
    """
    settings = _settings(config)
    read: list[tuple[str, tuple[ParsedIssue, ...]]] = []
    failed = False
    for source in _progress(sources, "Reading"):
        try:
            read.append((source, _read(source)))
        except (NotANewsletter, Unreadable) as error:
            errors.print(f"{one_line(source)}: {error}")
            failed = True
    if as_json:
        for _, issues in read:
            for issue in issues:
                print(json.dumps(to_json(issue), ensure_ascii=False))
    elif read:
        asyncio.run(_keep(settings, read, newsletter))
    if failed:
        raise typer.Exit(1)


def _read(source: str) -> tuple[ParsedIssue, ...]:
    """The issues that a link or a file holds, in its order."""
    reader = NewsletterReader(Fetcher(largest=LARGEST))
    if source.lower().startswith(("https://", "http://")):
        return asyncio.run(reader.read_link(source)).issues
    content = content_of(Path(source))
    if is_feed(content):
        return asyncio.run(reader.read_file(source, content)).issues
    return read_document(content, page=Path(source).suffix.lower() in (".html", ".htm", ".xhtml"))


def _progress(sources: list[str], doing: str) -> Iterable[str]:
    if len(sources) == 1 or not sys.stderr.isatty():
        return sources
    return track(sources, f"{doing} …", console=errors)


async def _keep(settings: Settings, read: list[tuple[str, tuple[ParsedIssue, ...]]], name: str | None) -> None:
    async with build(settings, nowhere, SystemClock(), alone=False) as bot:
        newsletter = await _newsletter(bot, name, create=True)
        for source, issues in read:
            latest, *earlier = latest_first(issues)
            # The oldest first, so that numbers given here follow each other.
            for parsed in (*reversed(earlier), latest):
                async with bot.store.transaction() as tx:
                    posted = parsed is latest
                    kept = await bot.desk.importer.keep_within(tx, newsletter, parsed, posted=posted)
                items = count(len(kept.issue.entries), "item")
                done = "read in" if kept.new else "brought up to date"
                where = f"issue {kept.issue.number} of {newsletter.name}"
                print(f"{one_line(source)}: {kept.issue.title}, {items}, {done} as {where}")


async def _newsletter(bot: Bot, name: str | None, *, create: bool = False) -> Newsletter:
    async with bot.store.transaction() as tx:
        there = await tx.newsletters.all()
        found = [each for each in there if name is None or each.name.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if not there and create:
            fresh = bot.desk.defaults
            return await tx.newsletters.add(replace(fresh, name=clip(name or fresh.name, 80)))
    if not there:
        raise Refused("The store has no newsletter yet.")
    names = ", ".join(clip(each.name, 80) for each in there[:20])
    raise Refused(f"Say which newsletter with --newsletter: there are {names}.")


@app.command()
def paper(
    reference_: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="An id or link, such as 2103.06255, or a title.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object a line.")] = False,
    config: Config = None,
) -> None:
    """Look a paper up; words that are no reference are looked for in titles."""
    settings = _settings(config)
    found = named(reference_) or any_page(reference_)
    if found is None and len(reference_.split()) == 1:
        raise Refused(f"“{reference_[:60]}” names no paper: give an arXiv id or link, such as 2103.06255, or a title.")

    async def look_up(paper: Reference) -> tuple[list[dict[str, Any]], Post]:
        async with build(settings, nowhere, SystemClock(), alone=False) as bot:
            lookup, extras = await bot.desk.library.look_up_with_extras(paper)
            post = paper_post(lookup, on_ballot=None, issues=(), now=bot.clock.now(), extras=extras)
            return [_paper_json(lookup)], post

    async def search() -> tuple[list[dict[str, Any]], Post]:
        async with build(settings, nowhere, SystemClock(), alone=False) as bot:
            papers = await bot.desk.library.search(reference_)
            return [_paper_json(Lookup(each, bot.clock.now())) for each in papers], choice_post(reference_, papers)

    papers, post = asyncio.run(look_up(found) if found else search())
    print("\n".join(json.dumps(each, ensure_ascii=False) for each in papers) if as_json else plain(post))


def _paper_json(lookup: Lookup) -> dict[str, Any]:
    known = lookup.paper
    times = {"published": known.published.isoformat(), "updated": known.updated.isoformat()}
    more = {"url": known.url, "withdrawn": known.withdrawn, "fetched_at": lookup.fetched_at.isoformat()}
    return asdict(known) | times | more


@app.command()
def refs() -> None:
    """Find the papers that a text names: for each line of standard input, a JSON list of {kind, id, version}."""
    for raw in sys.stdin.buffer:
        found = references(raw.decode("utf-8", "replace").rstrip("\n"))
        print(json.dumps([{"kind": each.kind, "id": each.id, "version": each.version} for each in found]))


@app.command()
def tldr() -> None:
    """Say in one sentence what papers do: reads JSON Lines {"title", "abstract"}, writes {"tldr"}."""
    lines = (raw.decode("utf-8", "replace") for raw in sys.stdin.buffer)
    for line in tldr_lines(lines):
        print(line)


@app.command()
def invite(
    client_id: Annotated[
        int | None, typer.Option(help="The application's id; told by the token in discord.token when left out.")
    ] = None,
    config: Config = None,
) -> None:
    """Print the link that adds the bot to a Discord server, with exactly the permissions that it needs."""
    token = _settings(config).discord.token.get_secret_value()
    known = client_id or application_id(token)
    if known is None:
        raise Refused("Set discord.token, or give the application's id: python -m bot invite --client-id 1234567890")
    print(invite_url(known))


@app.command("manifest")
def manifest_(
    platform: Annotated[str, typer.Argument(help="slack.")] = "slack",
    name: Annotated[str, typer.Option(help="What the app is called.")] = "Broadsheet",
    config: Config = None,
) -> None:
    """Print the manifest from which Slack makes the app: commands, shortcuts, events, and just the scopes needed."""
    if platform != "slack":
        raise Refused("Manifest takes slack: Discord needs none, python -m bot invite prints its link.")
    options = slack_options(_settings(config).slack)
    many = bool(options.client_id) and options.many
    print(
        manifest(
            COMMANDS,
            mode=options.mode,
            public_url=options.public_url,
            prefix=options.command_prefix,
            name=name,
            many=many,
        ),
        end="",
    )


@app.command()
def check(
    what: Annotated[str, typer.Argument(help="votes.")] = "votes",
    config: Config = None,
) -> None:
    """Prove that each ballot's standing is the number of its votes; exit code 1 where it is not."""
    settings = _settings(config)
    if what != "votes":
        raise Refused("Check takes votes.")

    async def checked() -> tuple[Checked, ...]:
        async with build(settings, nowhere, SystemClock(), alone=False) as bot:
            return await check_votes(bot.store)

    found = asyncio.run(checked())
    for each in found:
        print(each)
    print(f"{count(len(found), 'ballot')} checked, {sum(not each.right for each in found)} wrong")
    if not all(each.right for each in found):
        raise typer.Exit(1)


@app.command()
def preview(
    what: Annotated[str, typer.Argument(help="issue or ballot.")] = "issue",
    number: Annotated[int | None, typer.Option(help="The issue's number; the coming one when left out.")] = None,
    platform: Annotated[str, typer.Option(help="text, web, discord or slack.")] = "text",
    newsletter: NewsletterName = None,
    config: Config = None,
) -> None:
    """Show an issue or the ballot as a platform would get it."""
    settings = _settings(config)
    renderers = serving.RENDERERS
    if what not in ("issue", "ballot") or platform not in renderers:
        raise Refused(f"Preview shows issue or ballot, for {' or '.join(renderers)}.")

    async def posts() -> tuple[Post, ...]:
        async with build(settings, nowhere, SystemClock(), alone=False) as bot:
            return await _previewed(bot, await _newsletter(bot, newsletter), what, number)

    for post in asyncio.run(posts()):
        print(renderers[platform](post), end="\n\n")


async def _previewed(bot: Bot, newsletter: Newsletter, what: str, number: int | None) -> tuple[Post, ...]:
    async with bot.store.snapshot() as tx:
        if what == "ballot":
            ballot = await tx.ballots.current(newsletter.id)
            if ballot is None:
                raise Refused("No ballot is open just now.")
            return ballot_posts(newsletter, ballot, await tx.ballots.nominations(ballot.id))
        if number is None:
            issue = await bot.desk.week.coming(tx, newsletter) or await tx.issues.latest(newsletter.id)
        else:
            issue = await tx.issues.numbered(newsletter.id, number)
    if issue is None:
        raise Refused("There is no such issue.")
    return issue_posts(newsletter, issue)


@app.command()
def export(config: Config = None) -> None:
    """Print everything that is kept, as JSON Lines: one object a row, its table named in it."""
    settings = _settings(config)

    async def rows() -> None:
        async with build(settings, nowhere, SystemClock(), alone=False) as bot:
            async for row in bot.store.rows():
                print(json.dumps(row, ensure_ascii=False))

    asyncio.run(rows())
