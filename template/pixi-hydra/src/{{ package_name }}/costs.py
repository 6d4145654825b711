"""What a decoder's passes cost, in floating-point operations and bytes.

A multiply-add counts as two operations. Attention counts every query with every key, without a
discount for the causal mask, as is usual for model FLOPs utilisation (PaLM, 2022, appendix B).
Norms, rotations and activations are left out: less than a hundredth in these models.
"""

from .config import ModelConfig


def layer_weights(model: ModelConfig) -> int:
    """Return the weights of one layer's matrices."""
    kv_width = model.num_kv_heads * model.head_dim
    attention = 2 * model.d_model**2 + 2 * model.d_model * kv_width
    return attention + 3 * model.d_model * model.d_ff


def parameters(model: ModelConfig) -> int:
    """Return the number of all parameters: layers, norms, embedding and head."""
    norms = (2 * model.num_layers + 1) * model.d_model
    return model.num_layers * layer_weights(model) + norms + 2 * model.vocab_size * model.d_model


def prefill_flops(model: ModelConfig, batch_size: int, prompt_len: int) -> int:
    """Return the operations from prompts to their first tokens; the head sees the last position."""
    matrices = 2 * prompt_len * model.num_layers * layer_weights(model)
    attention = 4 * prompt_len**2 * model.d_model * model.num_layers
    return batch_size * (matrices + attention + _head_flops(model))


def decode_flops(model: ModelConfig, batch_size: int, context: int) -> int:
    """Return the operations of one step, one token a sequence, attending to `context` tokens."""
    matrices = 2 * model.num_layers * layer_weights(model)
    attention = 4 * context * model.d_model * model.num_layers
    return batch_size * (matrices + attention + _head_flops(model))


def _head_flops(model: ModelConfig) -> int:
    return 2 * model.d_model * model.vocab_size


def kv_bytes(model: ModelConfig, batch_size: int, tokens: int, element: int) -> int:
    """Return the bytes of keys and values of all layers; `element` is the bytes of a number."""
    kv_width = model.num_kv_heads * model.head_dim
    return 2 * batch_size * tokens * model.num_layers * kv_width * element


def pass_bytes(
    model: ModelConfig, batch_size: int, new_tokens: int, context: int, element: int
) -> int:
    """Return the bytes that one pass must move at least.

    Weights are read once, an embedding row for each token, and the KV cache of `context` tokens,
    the new ones among them, once. Activations are taken to stay in the cache of the device.
    """
    rows = batch_size * new_tokens * model.d_model
    weights = parameters(model) - model.vocab_size * model.d_model + rows
    return weights * element + kv_bytes(model, batch_size, context, element)
