"""Who wrote an article, when, and how it is cited: read from the front matter, told to readers and indexers."""
