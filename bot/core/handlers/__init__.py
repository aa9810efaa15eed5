"""What each command does: a request in, a post out."""
