"""Measures: pure functions from a trace to a record, one file each."""
