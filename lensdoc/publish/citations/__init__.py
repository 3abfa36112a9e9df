"""Citations: Pandoc's syntax, BibTeX files, CSL styles, and the list of references."""
