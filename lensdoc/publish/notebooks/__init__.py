"""Executed notebooks as pages: their cells, their outputs, and the sanitizing of their HTML."""
