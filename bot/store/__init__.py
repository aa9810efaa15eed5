"""Where everything is kept: the Store port over SQLAlchemy Core, and the file it writes to."""

from bot.store.database import SqlStore, SqlTransaction, open_store

__all__ = ["SqlStore", "SqlTransaction", "open_store"]
