"""The table of commands: what Discord, Slack, the web page and the help text are projections of."""

from __future__ import annotations

from bot.core.commands import WEEKDAYS, Audience, Choice, Command, Option, OptionKind
from bot.core.handlers import editors, importing, items, members

_ITEM = Option("item", "Its number on the ballot, or in the draft", OptionKind.NOMINATION, required=True, minimum=1)

_SCHEDULE = (
    Option(
        "weekday",
        "The day issues come out",
        OptionKind.WEEKDAY,
        choices=tuple(Choice(d, d) for d in WEEKDAYS),
    ),
    Option("time", "The hour issues come out, such as 09:00", OptionKind.TIME),
    Option("zone", "The time zone of that hour, such as Europe/Berlin", OptionKind.ZONE),
)

_RULES = (
    Option("picks", "How many winners an issue takes", OptionKind.WHOLE, minimum=1, maximum=50),
    Option("threshold", "How many votes a winner needs", OptionKind.WHOLE, minimum=1, maximum=1000),
    Option("per_section", "How many winners one section takes", OptionKind.WHOLE, minimum=1, maximum=50),
)

_LATENESS = (
    Option("review", "Hours that editors have for the draft; 0 turns it off", OptionKind.WHOLE, maximum=168),
    Option("grace", "Hours after its slot at which an issue may still go out", OptionKind.WHOLE, maximum=168),
)

_LANGUAGES = tuple(Choice(label, value) for label, value in (("English", "en"), ("中文", "zh-CN"), ("日本語", "ja")))

_WHICH = tuple(
    Choice(label, value)
    for label, value in (
        ("The latest", "latest"),
        ("All", "all"),
        ("All, but only the latest is posted", "kept"),
        ("None", "none"),
    )
)

MEMBERS = (
    Command(
        "paper",
        "Look a paper up",
        members.paper,
        (
            Option("reference", "A paper's id, link or title, such as 2103.06255", OptionKind.REFERENCE, required=True),
            Option(
                "show",
                "What to show of it",
                OptionKind.CHOICE,
                choices=(Choice("Abstract", "abstract"), Choice("BibTeX", "bibtex")),
            ),
        ),
    ),
    Command(
        "nominate",
        "Propose something to read for the next issue",
        members.nominate,
        (
            Option("link", "What to read: a link or a paper's id", OptionKind.LINK, required=True),
            Option("section", "The section it belongs in", OptionKind.SECTION),
            Option("note", "Why it is worth reading", OptionKind.TEXT),
        ),
    ),
    Command("ballot", "See how the vote stands", members.ballot),
    Command(
        "issue",
        "Read an issue",
        members.issue,
        (Option("number", "Its number; the latest one when left out", OptionKind.ISSUE),),
    ),
    Command("help", "See what I can do", members.show_help),
)

EDITORS = (
    Command(
        "newsletter setup",
        "Start a newsletter in this channel, or change it",
        editors.setup,
        (
            Option("name", "What it is called"),
            *_SCHEDULE,
            Option("sections", "Its sections, parted by commas"),
            *_RULES,
            Option("language", "The language it is written in", OptionKind.CHOICE, choices=_LANGUAGES),
            Option("mention", "The role that an issue calls in this channel, or none", OptionKind.ROLE),
            Option("crosspost", "Whether issues are passed on to channels that follow this one", OptionKind.FLAG),
        ),
        Audience.EDITOR,
    ),
    Command(
        "newsletter schedule",
        "Change when issues come out",
        editors.schedule,
        (*_SCHEDULE, *_LATENESS),
        Audience.EDITOR,
    ),
    Command(
        "newsletter sections",
        "Name the sections",
        editors.sections,
        (Option("sections", "All of them in their order, parted by commas"),),
        Audience.EDITOR,
    ),
    Command(
        "newsletter editors",
        "Say who edits, and where they are told things",
        editors.editors,
        (
            Option("members", "The editors, mentioned by name", OptionKind.MEMBERS),
            Option("here", "Whether editors' notices go to this channel", OptionKind.FLAG),
        ),
        Audience.EDITOR,
    ),
    Command("newsletter preview", "See the issue as it would come out now", editors.preview, (), Audience.EDITOR),
    Command(
        "newsletter publish",
        "Publish the coming issue now",
        editors.publish,
        (Option("number", "The issue that is meant, to be sure", OptionKind.WHOLE, minimum=1),),
        Audience.EDITOR,
    ),
    Command("newsletter pause", "Publish nothing for a while", editors.pause, (), Audience.EDITOR),
    Command("newsletter resume", "Publish every week again", editors.resume, (), Audience.EDITOR),
    Command(
        "newsletter forget",
        "Delete the newsletter and all it has",
        editors.forget,
        (Option("confirm", "Its name, to delete it for good"),),
        Audience.EDITOR,
    ),
    Command(
        "newsletter import",
        "Read in a newsletter written elsewhere, and post it",
        importing.import_issue,
        (
            Option("link", "An issue, the newsletter's front page, or its feed", OptionKind.LINK),
            Option("file", "An issue as a file: Markdown, a web page or a mail", OptionKind.FILE),
            Option("follow", "Whether its new issues come here by themselves", OptionKind.FLAG),
            Option("issues", "Which ones, where there are several", OptionKind.CHOICE, choices=_WHICH),
            Option("preview", "The preview to post; its buttons name it"),
        ),
        Audience.EDITOR,
    ),
    Command(
        "newsletter status",
        "See what comes next, and what went wrong",
        editors.status,
        (),
        Audience.EDITOR,
    ),
    Command(
        "item edit",
        "Change an item's title or summary",
        items.edit,
        (_ITEM, Option("title", "Its title"), Option("summary", "What it says, in a sentence or three")),
        Audience.EDITOR,
    ),
    Command(
        "item move",
        "Move an item to another section",
        items.move,
        (_ITEM, Option("section", "Where it goes", OptionKind.SECTION, required=True)),
        Audience.EDITOR,
    ),
    Command("item drop", "Leave an item out, or take it back in", items.drop, (_ITEM,), Audience.EDITOR),
    Command("item pin", "Put an item in for certain, or no longer", items.pin, (_ITEM,), Audience.EDITOR),
)

COMMANDS: tuple[Command, ...] = (*MEMBERS, *EDITORS)
