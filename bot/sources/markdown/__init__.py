"""Newsletters in Markdown, read into records: whatever converter, translator or person made the text."""

from bot.sources.markdown.files import content_of, read_newsletter_bytes, read_newsletter_file
from bot.sources.markdown.reading import read_newsletter

__all__ = ["content_of", "read_newsletter", "read_newsletter_bytes", "read_newsletter_file"]
