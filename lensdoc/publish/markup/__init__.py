"""Rendered HTML, read tag by tag."""
