"""The pipeline: which run is stale, how it is executed, how its files come into place.

The part that tells freshness is light: it reads notebooks as JSON and imports neither torch nor Papermill.
"""
