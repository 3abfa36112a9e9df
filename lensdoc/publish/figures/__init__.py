"""Figures: the block that draws a record, its footer, tables, embeds, links to states, and coloured phrases."""
