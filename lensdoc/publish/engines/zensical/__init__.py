"""Zensical, which runs Markdown extensions and no plugins: what it says of a page, and `lensdoc assets`."""
