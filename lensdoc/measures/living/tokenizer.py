"""The tokenizer of a live model as one file: how text becomes ids, and the exact text of every token."""

from __future__ import annotations

import json
from typing import Any

from lensdoc.core.errors import MeasureError
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.tokens import read_tokens

_CONFIG = ("tokenizer_class", "add_prefix_space", "legacy", "clean_up_tokenization_spaces", "do_lower_case")
"""What of a tokenizer's settings changes how it reads."""


def tokenizer_file(lm: LanguageModel) -> bytes:
    """JSON with `tokenizer` (tokenizer.json), `config`, `texts` of all tokens, `bytes` of those that are not whole UTF-8, `rows`.

    Raises:
        MeasureError: The tokenizer is not one of the library tokenizers, whose file the browser reads.
    """
    backend = getattr(lm.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise MeasureError(
            f"the tokenizer of {lm.id}, {type(lm.tokenizer).__name__}, is written in Python and cannot run in a browser; take a "
            "model whose tokenizer has a tokenizer.json"
        )
    inner: dict[str, Any] = json.loads(backend.to_str())
    inner["truncation"] = inner["padding"] = None
    rows = lm.model.get_input_embeddings().get_parameter("weight").shape[0]
    tokens = read_tokens(lm.tokenizer, range(rows), n_input=0)
    said = {
        "tokenizer": inner,
        "config": {name: value for name in _CONFIG if (value := lm.tokenizer.init_kwargs.get(name)) is not None},
        "texts": [token.text for token in tokens],
        "bytes": {str(token.id): token.bytes for token in tokens if token.bytes},
        "rows": rows,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
