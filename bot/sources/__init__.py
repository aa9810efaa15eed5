"""Where facts come from: each source turns what it reads into the records of the core."""
