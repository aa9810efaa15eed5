"""Where everything is kept: the Store port over SQLAlchemy Core, and the file it writes to."""

from bot.store.checking import Checked, check_votes
from bot.store.database import SqlStore, SqlTransaction, open_store

__all__ = ["Checked", "SqlStore", "SqlTransaction", "check_votes", "open_store"]
