"""The MkDocs plugin; the only package that imports mkdocs, mkdocs-jupyter and what the latter is built on.

It uses these parts of others that they do not promise to keep, each in one module; tests fail when one of them changes:

- MkDocs, `watching`: the class of its server is replaced, with `_watched_paths` and `_want_rebuild`. It rebuilds after any event
  and has no way to ask first whether a file holds anything new.
- MkDocs, `live_reload`: how the script begins that reloads pages. It offers no other mark of it, and no nonce.
- MkDocs, `dead_links`: the words of its warnings about links, which name no line.
- MkDocs, `notebook_pages`: the method `render` of a page is replaced, as mkdocs-jupyter does.
- mkdocs-jupyter, `jupyter`: `should_include`, `NotebookFile`, `get_nbconvert_app`, `mk_custom_highlight_code`, and its options.
- Material, `engines/theme`: classes in its templates.

Of Zensical `engines/zensical` reads the preprocessor `rendering_context` and the command line, as it tells extensions neither the
page in another way nor that the build is strict.
"""
