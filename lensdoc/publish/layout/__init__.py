"""Where things stand on a page: layouts, margin notes, opening bands, columns, and phrases in the colours of a figure."""
