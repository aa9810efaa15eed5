"""The Slack adapter: slash commands, shortcuts, buttons, forms and reactions in, messages out."""
