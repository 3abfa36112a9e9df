"""The grammar of the authoring syntax, the source of a page, and the order of the Markdown processors."""
