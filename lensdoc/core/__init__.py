"""What all packages share and no result depends on: errors, strict parsing, files, and which files a model is.

Nothing here enters the key of a run, so it must compute nothing that a record holds but what the key observes by itself: the
revision of a model and its name for readers are components of the key.
"""
