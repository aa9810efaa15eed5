"""What the bot knows: rules and records, free of platforms, SQL, HTTP and files."""
