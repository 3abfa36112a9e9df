"""Causal language models of every architecture that a small one can be built of, with random weights; nothing is downloaded."""

from __future__ import annotations

import torch
from families import VOCABULARY
from transformers import AutoConfig, AutoModelForCausalLM

HIDDEN, LAYERS, HEADS, FFN = 24, 3, 2, 40
BASE = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "n_embd": HIDDEN,
    "d_model": HIDDEN,
    "word_embed_proj_dim": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_layers": LAYERS,
    "n_layers": LAYERS,
    "n_layer": LAYERS,
    "decoder_layers": LAYERS,
    "encoder_layers": 1,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "n_heads": HEADS,
    "n_head": HEADS,
    "decoder_attention_heads": HEADS,
    "encoder_attention_heads": HEADS,
    "intermediate_size": FFN,
    "ffn_dim": FFN,
    "n_inner": FFN,
    "d_inner": FFN,
    "decoder_ffn_dim": FFN,
    "encoder_ffn_dim": FFN,
    "num_experts": 4,
    "num_local_experts": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 20,
    "shared_expert_intermediate_size": 20,
    "max_position_embeddings": 64,
    "n_positions": 64,
    "pad_token_id": 0,
    "is_decoder": True,
}
HEAD = {"head_dim": 12}
MAMBA = {
    "mamba_n_heads": 4,
    "mamba_d_head": 12,
    "mamba_n_groups": 1,
    "mamba_d_state": 8,
    "mamba_expand": 2,
    "mamba_chunk_size": 16,
}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}
_GROUPS = {"n_group": 1, "topk_group": 1, "first_k_dense_replace": 1}
_TEXT = {**BASE, **HEAD}
SPECIAL = {
    "axk1": _GROUPS,
    "bailing_hybrid": {**_GROUPS, "layer_group_size": 2},
    "bamba": {**MAMBA, "attn_layer_indices": [1]},
    "codegen": {"num_attention_heads": 4, "n_head": 4, "rotary_dim": 4},
    "cohere": HEAD,
    "ctrl": {"dff": FFN},
    "deepseek_v3": _GROUPS,
    "dots1": {"n_shared_experts": 1, **_GROUPS},
    "exaone4": {"sliding_window": 8, "sliding_window_pattern": 2},
    "falcon_h1": {**HEAD, **MAMBA, "mamba_d_ssm": 48},
    "gemma3": {
        "text_config": {**_TEXT, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]},
        "vision_config": VISION,
        "mm_tokens_per_image": 4,
        "image_token_index": 59,
        "boi_token_index": 58,
        "eoi_token_index": 57,
    },
    "gemma4_text": {
        **HEAD,
        "vocab_size_per_layer_input": VOCABULARY,
        "hidden_size_per_layer_input": 8,
        "num_kv_shared_layers": 0,
    },
    "gpt_neo": {"attention_types": [[["global", "local", "global"], 1]]},
    "gptj": {"rotary_dim": 4},
    "granitemoehybrid": {**MAMBA, "layer_types": ["mamba", "attention", "mamba"]},
    "helium": HEAD,
    "hunyuan_v1_dense": HEAD,
    "hunyuan_v1_moe": HEAD,
    "jamba": {
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "expert_layer_period": 2,
        "expert_layer_offset": 1,
        "mamba_d_state": 8,
        "mamba_dt_rank": 4,
    },
    "lfm2": {"layer_types": ["conv", "full_attention", "conv"], "block_auto_adjust_ff_dim": False},
    "lfm2_moe": {"layer_types": ["conv", "full_attention", "conv"], "num_dense_layers": 1},
    "llama4": {
        "text_config": {**_TEXT, "intermediate_size_mlp": FFN, "interleave_moe_layer_step": 2, "attention_chunk_size": 32},
        "vision_config": {**VISION, "vision_output_dim": 16, "projector_input_dim": 16, "projector_output_dim": 16},
        "image_token_index": 59,
        "boi_token_index": 58,
        "eoi_token_index": 57,
    },
    "llama4_text": {**HEAD, "intermediate_size_mlp": FFN, "interleave_moe_layer_step": 2, "attention_chunk_size": 32},
    "mamba2": {"num_heads": 4, "head_dim": 12, "n_groups": 1, "state_size": 8, "chunk_size": 16},
    "minimax": {"layer_types": ["linear_attention", "full_attention", "linear_attention"], **HEAD, "block_size": 16},
    "ministral": HEAD,
    "nemotron_h": {
        **HEAD,
        "layers_block_type": ["mamba", "attention", "mlp"],
        "n_groups": 1,
        "mamba_num_heads": 4,
        "mamba_head_dim": 12,
        "ssm_state_size": 8,
        "chunk_size": 16,
    },
    "qwen3_next": {"layer_types": ["linear_attention", "full_attention", "linear_attention"], **HEAD},
    "qwen3_5_text": {"layer_types": ["linear_attention", "full_attention", "linear_attention"], **HEAD},
    "qwen3_5_moe_text": {"layer_types": ["linear_attention", "full_attention", "linear_attention"], **HEAD},
    "stablelm": {"partial_rotary_factor": 0.5},
    "xlstm": {"num_heads": 2},
    "xmod": {"default_language": "en_XX"},
    "zamba2": {
        **MAMBA,
        "layers_block_type": ["mamba", "hybrid", "mamba"],
        "mamba_ngroups": 1,
        "n_mamba_heads": 4,
        "mamba_headdim": 12,
        "adapter_rank": 4,
        "chunk_size": 16,
    },
    "zaya": {"num_experts_per_tok": 1},
}


def config_of(name, **sizes):
    """The config of a small model."""
    return AutoConfig.for_model(name, **{**BASE, **SPECIAL.get(name, {}), **sizes})


def build(name, dtype=torch.float32, experts=None, **sizes):
    """A model whose weights are large enough that its logits differ and its norms matter."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    options = {} if experts is None else {"experts_implementation": experts}
    model = AutoModelForCausalLM.from_config(config_of(name, **sizes), **options).eval()
    for parameter_name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            norm = any(part in parameter_name for part in ("norm", "ln_", "Norm"))
            torch.nn.init.normal_(parameter, mean=1.0 if norm else 0.0, std=0.2)
        else:
            torch.nn.init.normal_(parameter, std=0.3)
    for setting in ("eos_token_id", "forced_eos_token_id", "forced_bos_token_id", "bad_words_ids"):
        setattr(model.generation_config, setting, None)  # they are `generate`'s, and end or bend a text
    return model.to(dtype)
