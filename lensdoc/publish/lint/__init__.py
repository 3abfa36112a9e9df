"""Mistakes that Python-Markdown and pymdownx do not report."""
