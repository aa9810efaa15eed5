"""Broadsheet: a bot that runs a community's weekly paper on Discord and Slack."""
