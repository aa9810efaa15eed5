"""Adapters: each takes a platform's events in, calls the core, and renders posts out."""
