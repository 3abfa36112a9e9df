"""Measures of every architecture against transformers, direct differentiation and hooks of our own; the guide's table of it.

Written anew by: python tests/breadth.py --write (all architectures, about three minutes).
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
import zoo
from families import TEXT, words

import lensdoc
from lensdoc.core.errors import LensdocError
from lensdoc.models.forward import supported
from lensdoc.models.language_model import LanguageModel

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "architectures.md"
PROMPT, NEW = "w3 w14 w15", 8
N_INPUT = 7

MLP, ENCODER = "mlp.down_proj", "output.dense"
DENSE_FIRST = (MLP, None, None)
"""The module whose input the neurons' activations are, in each layer or in all: told here, and found by lensdoc itself."""
KNOWN = {
    ("model.layers", MLP): (
        "apertus arcee bitnet cohere cohere2 cwm diffllama doge ernie4_5 exaone4 gemma gemma2 gemma3_text gemma4_text "
        "glm glm4 granite granite_swa helium hunyuan_v1_dense hyperclovax jais2 llama minicpm3 ministral ministral3 "
        "mistral nemotron olmo olmo2 olmo3 olmo_hybrid phi3 qwen2 qwen3 qwen3_5_text seed_oss smollm3 stablelm "
        "vaultgemma"
    ),
    (
        "model.layers",
        DENSE_FIRST,
    ): "afmoe axk1 bailing_hybrid deepseek_v3 dots1 ernie4_5_moe exaone_moe glm4_moe glm4_moe_lite hy_v3 laguna",
    ("model.layers", None): (
        "aria_text cohere2_moe deepseek_v2 flex_olmo gpt_oss granitemoe granitemoehybrid granitemoeshared "
        "hunyuan_v1_moe jetmoe mellum minimax minimax_m2 mixtral olmoe phimoe qwen2_moe qwen3_5_moe_text qwen3_moe "
        "qwen3_next solar_open zaya"
    ),
    ("model.layers", "feed_forward.down_proj"): "bamba falcon_h1",
    ("model.layers", ("feed_forward.down_proj", None, "feed_forward.down_proj")): "jamba llama4 llama4_text",
    ("model.layers", "feed_forward.w2"): "lfm2",
    ("model.layers", ("feed_forward.w2", None, None)): "lfm2_moe",
    ("model.layers", "mlp.Wo"): "modernbert-decoder",
    ("model.layers", "mlp.fc2"): "moshi nanochat phi",
    ("model.layers", "mlp.c_proj"): "starcoder2",
    ("model.layers", "mlp.dense_4h_to_h"): "persimmon",
    ("model.layers", "mlp_block.down_proj"): "recurrent_gemma",
    ("model.layers", (None, None, "mixer.down_proj")): "nemotron_h",
    ("model.layers", (None, "shared_transformer.feed_forward.down_proj", None)): "zamba2",
    ("model.language_model.layers", MLP): "gemma3",
    ("model.language_model.layers", "mlp.dense_4h_to_h"): "fuyu",
    (
        "model.decoder.layers",
        "fc2",
    ): "bart bigbird_pegasus blenderbot blenderbot-small marian mbart mvp opt pegasus plbart trocr whisper",
    ("biogpt.layers", "fc2"): "biogpt",
    ("bert.encoder.layer", ENCODER): "bert bert-generation big_bird megatron-bert",
    ("roberta.encoder.layer", ENCODER): "camembert roberta xlm-roberta xlm-roberta-xl xmod",
    ("data2vec_text.encoder.layer", ENCODER): "data2vec-text",
    ("electra.encoder.layer", ENCODER): "electra",
    ("ernie.encoder.layer", ENCODER): "ernie",
    ("rembert.encoder.layer", ENCODER): "rembert",
    ("roberta_prelayernorm.encoder.layer", ENCODER): "roberta-prelayernorm",
    ("roformer.encoder.layer", ENCODER): "roformer",
    ("transformer.h", "mlp.dense_4h_to_h"): "bloom falcon",
    ("transformer.h", "mlp.c_proj"): "gpt-sw3 gpt2 gpt_bigcode gpt_neo openai-gpt",
    ("transformer.h", "mlp.fc_out"): "codegen gptj",
    ("transformer.h", "ffn.2"): "ctrl",
    ("transformer.blocks", "ffn.down_proj"): "mpt",
    ("gpt_neox.layers", "mlp.dense_4h_to_h"): "gpt_neox",
    ("gpt_neox_japanese.layers", "mlp.dense_4h_to_h"): "gpt_neox_japanese",
    ("rwkv.blocks", "feed_forward.value"): "rwkv",
    ("backbone.layers", None): "falcon_mamba mamba mamba2",
    ("backbone.blocks", "ffn.proj_down"): "xlstm",
    (None, None): "cpmant deepseek_v4 longcat_flash qwen4_exp_text xlm",
}
PARTS = {name: parts for parts, names in KNOWN.items() for name in names.split()}
"""Architecture to the path of its blocks, and that of the down-projection in each; None where there is no residual stream."""
SAMPLE = (
    *("bamba", "bert", "cohere", "ctrl", "gemma3", "gemma4_text", "gpt_oss", "llama4"),
    *("mamba", "minimax", "openai-gpt", "qwen4_exp_text", "roberta", "rwkv", "xlm"),
)
"""Those that differ most, for every run of the tests."""


@dataclass(frozen=True)
class Row:
    """What was found of one architecture: `right`, or why it is refused."""

    name: str
    greedy: str
    saliency: str
    lens: str
    neurons: str

    @property
    def wrong(self):
        return [cell for cell in (self.greedy, self.saliency, self.lens, self.neurons) if cell.startswith("WRONG")]


def row_of(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a config that names ids beyond the small vocabulary; a cache that cannot be used
        single = LanguageModel(zoo.build(name), words(), name, "none")
        double = LanguageModel(zoo.build(name, torch.float64, "eager"), words(), name, "none")
        return Row(
            name,
            said(greedy, single),
            said(saliency, single, double),
            said(lens, double, PARTS[name][0]),
            said(neurons, double, *PARTS[name]),
        )


def said(check, *of):
    try:
        return check(*of)
    except LensdocError as error:
        return f"refused: {error}"
    except Exception as error:  # noqa: BLE001 - a bare error of torch or transformers is what must not come
        return f"WRONG: {type(error).__name__}: {error}"


def greedy(lm):
    """The text against that of a loop without a cache, and against transformers' `generate`."""
    ids = lm.tokenizer(PROMPT, return_tensors="pt")["input_ids"]
    expected = ids
    with torch.no_grad():
        for _ in range(NEW):
            expected = torch.cat([expected, plain(lm.model, input_ids=expected)[:, -1:].argmax(-1)], 1)
    found = lm.generate(PROMPT, max_new_tokens=NEW)
    if not torch.equal(found.ids, expected[0]):
        return f"WRONG: {found.ids.tolist()} in place of {expected[0].tolist()}"
    others = [generated(lm.model, ids, use_cache=use_cache) for use_cache in (True, False)]
    if all(other is not None and torch.equal(other, expected) for other in others):
        return "right"
    differs = " and ".join(
        f"{'fails' if other is None else 'differs'} {how} a cache"
        for other, how in zip(others, ("with", "without"), strict=True)
        if other is None or not torch.equal(other, expected)
    )
    return f"right; transformers' `generate` {differs}"


def plain(model, **text):
    """The model's own logits, without a cache."""
    return model(**text, **supported(model, use_cache=False)).logits


def generated(model, ids, *, use_cache):
    options = {"max_new_tokens": NEW, "do_sample": False, "use_cache": use_cache, "pad_token_id": 0}
    try:
        return model.generate(ids, attention_mask=torch.ones_like(ids), **options)
    except Exception:  # noqa: BLE001 - whatever it raises, it is not what is tested
        return None


def saliency(single, double):
    """Gradient × input and occlusion in float64, and gradient × input in float32, as it is loaded."""
    worst = max(off_by(double, "gradient_x_input"), off_by(double, "occlusion"))
    rounded = off_by(single, "gradient_x_input")
    return (
        "right"
        if worst < 1e-3 and rounded < 1e-2
        else f"WRONG: off by {worst:.2g}, in float32 {rounded:.2g} of the largest score"
    )


def off_by(lm, method):
    """Largest difference to the direct computation, as a share of the largest score of the same token."""
    trace = lm.score(TEXT, n_input=N_INPUT)
    record = lensdoc.saliency(trace, method=method, signed=method == "occlusion")
    direct = {"gradient_x_input": by_autograd, "occlusion": by_occlusion}[method]
    worst = 0.0
    for t, total, row in zip(record.targets, record.totals, record.scores, strict=True):
        exact = direct(lm.model, trace.ids[:t], trace.ids[t])
        found = torch.tensor(row, dtype=torch.double) * (1 if record.signed else total)
        worst = max(worst, float((found - exact).abs().max() / exact.abs().max()))
    return worst


def by_autograd(model, ids, target):
    embeddings = model.get_input_embeddings()(ids).detach().requires_grad_()
    logit = plain(model, inputs_embeds=embeddings[None].clone())[0, -1, target]
    return (torch.autograd.grad(logit, embeddings)[0] * embeddings).norm(dim=1).detach().double()


@torch.no_grad()
def by_occlusion(model, ids, target):
    embeddings = model.get_input_embeddings()(ids)

    def logit(left_out):
        some = embeddings.clone()
        some[left_out] = 0
        return plain(model, inputs_embeds=some[None])[0, -1, target]

    whole = plain(model, inputs_embeds=embeddings[None].clone())[0, -1, target]
    return torch.stack([whole - logit(i) for i in range(len(ids))]).double()


def lens(lm, path):
    """Ranks after every layer, against the model's own logits when its last block hands on that layer's state."""
    trace = lm.score(TEXT, n_input=3)
    record = lensdoc.rankings(trace)
    if path is None:
        return "WRONG: an architecture without a residual stream is measured"
    blocks, states = lm.model.get_submodule(path), []
    handles = [b.register_forward_hook(lambda _, __, out: states.append(state(out))) for b in blocks]
    with torch.no_grad():
        plain(lm.model, input_ids=trace.ids[None])
    for handle in handles:
        handle.remove()
    wrong = 0
    for layer, ranks in zip(record.layers, record.ranks, strict=True):
        handle = blocks[-1].register_forward_hook(lambda _, __, out, layer=layer: put(out, states[layer]))
        with torch.no_grad():
            z = plain(lm.model, input_ids=trace.ids[None])[0, [t - 1 for t in record.targets]]
        handle.remove()
        exact = 1 + (z > z.gather(1, trace.ids[list(record.targets)][:, None])).sum(1)
        wrong += int((exact != torch.tensor(ranks)).sum())
    return f"WRONG: {wrong} ranks" if wrong else "right"


def state(out):
    return out[0] if isinstance(out, tuple) else out


def put(out, other):
    return (other, *out[1:]) if isinstance(out, tuple) else other


def neurons(lm, path, down):
    """Activations against hooks on the module that is known to be the down-projection."""
    info, trace = lm.info, lm.score(TEXT, n_input=3)
    each = list(down) if isinstance(down, tuple) else [down] * info.layers
    found, refused = [], {}
    for layer, known in enumerate(each):
        try:
            activations = trace.ffn_activations([layer])[0]
        except LensdocError as error:
            refused.setdefault(reason(error), []).append(layer)
            if known is not None:
                return f"WRONG: layer {layer} is refused: {error}"
            continue
        if known is None:
            return f"WRONG: layer {layer} has {activations.shape[1]} of what are no FFN neurons, {info.neuron_module}"
        if not torch.equal(activations, given_to(lm.model, f"{path}.{layer}.{known}", trace.ids)):
            return f"WRONG: layer {layer} gives something else than what {known} is given"
        found.append((layer, known, activations.shape[1]))
    return told(info, found, refused)


def reason(error):
    return str(error).split(": ", 1)[-1].split(";")[0]


def told(info, found, refused):
    if found and info.neuron_module != found[0][1]:
        return f"WRONG: the record names {info.neuron_module}"
    if len(found) == info.layers:
        return f"right: input of `{info.neuron_module}`"
    parts = [f"right in layers {', '.join(str(layer) for layer, *_ in found)}: input of `{info.neuron_module}`"] if found else []
    parts += [f"refused{' in layers ' + ', '.join(map(str, layers)) if found else ''}: {why}" for why, layers in refused.items()]
    return "; ".join(parts)


def given_to(model, path, ids):
    seen = []
    handle = model.get_submodule(path).register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    with torch.no_grad():
        plain(model, input_ids=ids[None])
    handle.remove()
    return seen[-1].reshape(len(ids), -1)


HEAD = """---
title: Architectures
description: Which measures are right on which architectures of transformers, and which are refused
---

<!-- Made by tests/breadth.py; made again by: python tests/breadth.py --write -->

# Architectures

## Which measures work on which kind of model

A masked model sees the tokens on both sides of what it predicts; an [encoder with a decoder](encoder-decoders.md) reads a source
and writes a target. What is refused is refused in a sentence; `tests/test_paired.py` asks every measure of a small model of each
kind.

| measure | causal | masked | encoder with decoder |
|---|---|---|---|
| `sequence` | yes | yes | yes |
| `saliency` | yes | yes | yes |
| `rankings` | yes | yes | yes |
| `watch` | yes | yes | yes |
| `predictions` | yes | yes | yes |
| `activations` | yes | yes | yes |
| `factors` | yes | yes | yes |
| `factor_saliency` | yes | yes | refused |
| `attention` | yes | yes | yes |
| `similarity` | yes | yes | yes |
| `attention_flow` | yes | refused | refused |
| `logit_attribution` | yes | refused | refused |
| `exchange` | yes | refused | refused |
| `patching` | yes | yes | yes |
| `ablation` | yes | yes | refused |
| `faithfulness` | yes | refused | refused |
| `mask` | yes | refused | refused |
| `decoding` | yes | refused | refused |

## Causal architectures

Measures find the blocks, the head and the neurons of a model by running it, without a table of models. This table is what the
tests find of {count} causal architectures of transformers, built small with random weights. {right} of them are right in all
columns; what is refused is refused in the sentence that stands here. Nothing in the table is silently wrong. Two of these,
`cpmant` and `xlm`, see the tokens after a position too as they are built here, so they are taken for masked models.

- **Greedy text**: the same tokens as a loop that reads the whole text each time, and as transformers' own `generate` unless it
  is said. Where an architecture's cache of earlier tokens leads to another text than reading it whole, lensdoc reads it whole.
- **Saliency**: gradient × input and occlusion, in float64, are within a thousandth of the largest score of direct
  differentiation; gradient × input in float32 within a hundredth.
- **Hidden states**: each rank after each layer, in float64, is that of the model's own logits when its last block hands on that
  layer's state.
- **Neurons**: which module's input is called the activations of neurons, checked by hooks on that module. A mixture of experts
  has no neurons that could be followed from token to token, and a state-space layer has none: activations and factors of such
  layers are refused, and every other measure works.

| architecture | greedy text | saliency | hidden states | neurons |
|---|---|---|---|---|
"""


def line(row):
    return f"| `{row.name}` | {row.greedy} | {row.saliency} | {row.lens} | {row.neurons} |\n"


def page(rows):
    right = sum(all(cell.startswith("right") for cell in (row.greedy, row.saliency, row.lens, row.neurons)) for row in rows)
    return HEAD.format(count=len(rows), right=right) + "".join(map(line, rows))


if __name__ == "__main__":
    rows = []
    for name in sorted(PARTS):
        rows.append(row_of(name))
        print(line(rows[-1]), end="", flush=True)
    if "--write" in sys.argv:
        PAGE.write_text(page(rows))
    sys.exit(any(row.wrong for row in rows))
