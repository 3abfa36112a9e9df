"""What the Markdown processors know: of the whole build, and of the page that is rendered."""
