"""Numbered figures, tables, equations and sections, and the references to them."""
