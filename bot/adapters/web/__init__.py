"""The web adapter: a chat on a web page, platform and adapter in one, for trying the bot without any account."""
