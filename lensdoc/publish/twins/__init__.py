"""Pages once more as Markdown, for programs that read text: figures as tables of their numbers; and `llms.txt`, which lists them."""
