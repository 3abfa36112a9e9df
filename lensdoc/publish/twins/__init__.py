"""Pages as Markdown, for programs that read text: figures as tables of their numbers; and `llms.txt`, a list of them."""
