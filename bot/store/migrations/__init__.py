"""Alembic's migrations; `bot.store.upgrading` runs them when the store is opened."""
