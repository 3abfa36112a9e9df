"""Engines without plugin events: what an extension does there by itself, and what is put into the finished site."""
