"""Records: what a measure found, as typed, frozen data with one JSON file each.

`kinds` is the registry; `record` says what every record holds; `reading` and `writing` are their files.
"""
