"""A small decoder with random weights and a KV cache."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import ModelConfig


class KVCache:
    """Keys and values of all layers, for `length` tokens so far.

    Shape of `keys` and `values`: [layers, batch, kv_heads, capacity, head_dim].
    """

    def __init__(self, config: ModelConfig, batch_size: int, capacity: int, like: Tensor) -> None:
        shape = (
            config.num_layers,
            batch_size,
            config.num_kv_heads,
            capacity,
            config.head_dim,
        )
        self.keys = torch.zeros(shape, dtype=like.dtype, device=like.device)
        self.values = torch.zeros_like(self.keys)
        self.length = 0

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store what a layer computed for new tokens; return all it has, the new ones last."""
        end = self.length + keys.shape[2]
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]


class Layer(nn.Module):
    """One pre-norm block: attention, then SwiGLU."""

    def __init__(self, config: ModelConfig, index: int) -> None:
        super().__init__()
        self.index, self.head_dim = index, config.head_dim
        width, kv_width = config.d_model, config.num_kv_heads * config.head_dim
        self.attention_norm = nn.RMSNorm(width)
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, kv_width, bias=False)
        self.value = nn.Linear(width, kv_width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.feed_forward_norm = nn.RMSNorm(width)
        self.gate = nn.Linear(width, config.d_ff, bias=False)
        self.up = nn.Linear(width, config.d_ff, bias=False)
        self.down = nn.Linear(config.d_ff, width, bias=False)

    def forward(self, x: Tensor, rotation: Tensor, cache: KVCache) -> Tensor:
        """Map activations [batch, tokens, width] to the same shape, and extend the cache."""
        normed = self.attention_norm(x)
        query = rotate(self._heads(self.query(normed)), rotation)
        new_keys = rotate(self._heads(self.key(normed)), rotation)
        keys, values = cache.extend(self.index, new_keys, self._heads(self.value(normed)))
        attended = functional.scaled_dot_product_attention(
            query, keys, values, is_causal=query.shape[2] > 1, enable_gqa=True
        )
        x = x + self.output(attended.transpose(1, 2).flatten(2))
        normed = self.feed_forward_norm(x)
        gated: Tensor = self.down(functional.silu(self.gate(normed)) * self.up(normed))
        return x + gated

    def _heads(self, projected: Tensor) -> Tensor:
        batch, tokens, _ = projected.shape
        return projected.view(batch, tokens, -1, self.head_dim).transpose(1, 2)


class Decoder(nn.Module):
    """Token ids in, logits of the last position out."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Layer(config, index) for index in range(config.num_layers))
        self.norm = nn.RMSNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        # No buffer, which would follow the weights to their precision: angles need float32.
        self.rotations = rotary_angles(config.max_seq_len, config.head_dim)

    def forward(self, tokens: Tensor, cache: KVCache) -> Tensor:
        """Map new tokens [batch, tokens] to logits [batch, vocab_size], and extend the cache.

        Several tokens at once are a prompt: the cache must then be empty.
        """
        end = cache.length + tokens.shape[1]
        x = self.embedding(tokens)
        rotation = self.rotations[:, cache.length : end].to(x.device, x.dtype)
        for layer in self.layers:
            x = layer(x, rotation, cache)
        cache.length = end
        logits: Tensor = self.head(self.norm(x[:, -1]))
        return logits


def build(config: ModelConfig, dtype: torch.dtype, device: torch.device) -> Decoder:
    """Make a decoder with random weights, the same for the same seed on every device."""
    torch.manual_seed(config.seed)
    decoder = Decoder(config).to(device=device, dtype=dtype).eval()
    decoder.rotations = decoder.rotations.to(device)
    return decoder


def rotary_angles(length: int, head_dim: int) -> Tensor:
    """Return cosines and sines of rotary positions, [2, length, head_dim / 2] (RoFormer, 2021)."""
    frequencies = 10_000.0 ** (-torch.arange(0, head_dim, 2) / head_dim)
    angles = torch.outer(torch.arange(length), frequencies)
    return torch.stack([angles.cos(), angles.sin()])


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Turn each pair of channels of [batch, heads, tokens, head_dim] by its position's angle."""
    cosine, sine = rotation
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
