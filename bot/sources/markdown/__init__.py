"""Newsletters in Markdown, read into records: whatever converter, translator or person made the text."""

from bot.sources.markdown.files import read_newsletter_bytes, read_newsletter_file
from bot.sources.markdown.reading import read_newsletter

__all__ = ["read_newsletter", "read_newsletter_bytes", "read_newsletter_file"]
