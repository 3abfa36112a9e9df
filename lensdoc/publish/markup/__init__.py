"""Rendered HTML: as a tree, and tag by tag where it must stay byte for byte."""
