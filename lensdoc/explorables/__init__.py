"""Explorables: the interactive figure of each kind.

Python writes a figure's first state as HTML, readable without scripts and on paper; the custom element in `web/` takes it over.
"""
