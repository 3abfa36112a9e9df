"""Publishing: the Markdown extension that holds the authoring syntax, and the thin MkDocs plugin around it."""
