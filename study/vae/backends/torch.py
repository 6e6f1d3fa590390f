"""Training on torch: the loss and its gradients, traced once to a flat list of kernels, and torch's fused Adam."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import keras
import numpy as np
import torch
from numpy.typing import NDArray
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from study.types import Weights
from study.vae.config import VAEConfig
from study.vae.model import VAE
from study.vae.training.program import Chunk, Trace

ATEN = torch.ops.aten
IDLE = {ATEN.expand.default, ATEN.view.default, ATEN._unsafe_view.default, ATEN.detach.default}
"""Kernels that do nothing when the shape stays as it is."""


def device() -> str:
    """Return what programs run on, e.g. ``cpu`` or ``cuda``."""
    return keras.ops.zeros(()).device.type


class Program:
    """See :class:`study.vae.training.program.Program`.

    A step of a small VAE is a hundred short kernels, and eager Keras spends more time on finding them than they
    take. So the step is traced, forward and backward, and replayed without Keras and without autograd; then one fused
    kernel updates all the weights.
    """

    def __init__(self, config: VAEConfig, replicas: int) -> None:
        """Build the model; tracing waits for the first chunk."""
        self.model = VAE(config.replace(kl_weight=1.0), replicas)
        self.variables = self.model.named_variables()
        self.at = self.model.kl_weight.value.device
        self.device = device()
        self.adam = keras.optimizers.Adam()  # only for its defaults: one source for all backends
        self.step: GraphModule | None = None

    def load(self, weights: Weights, kl_weights: Sequence[float], held: Collection[str] = ()) -> None:
        """Set the weights and forget the optimiser's state."""
        self.optimizer: Any = None  # the last block's state goes before this one's comes
        self.values = [torch.tensor(weights[path], device=self.at) for path in self.variables]
        # The same memory, for the optimiser, which is given only those that are free.
        self.parameters = [
            None if p in held else torch.nn.Parameter(v) for p, v in zip(self.variables, self.values, strict=True)
        ]
        self.kl_weights = torch.tensor(kl_weights, dtype=torch.float32, device=self.at)[:, None]
        betas = (self.adam.beta_1, self.adam.beta_2)
        free = [parameter for parameter in self.parameters if parameter is not None]
        self.optimizer = torch.optim.Adam(free, lr=1.0, betas=betas, fused=True)
        self.steps = 0

    def place(self, images: NDArray[np.float32]) -> Any:
        """Return the images as an array of the device, for many chunks."""
        return torch.tensor(images, device=self.at)

    def run(self, chunk: Chunk) -> Trace:
        """Take one step per row of the chunk."""
        images = chunk.images if isinstance(chunk.images, torch.Tensor) else self.place(chunk.images)
        noise, warmup, order = (torch.tensor(a, device=self.at) for a in (chunk.noise, chunk.warmup, chunk.order))
        if self.step is None:
            copies = [value.clone() for value in self.values]
            first = (copies, self.kl_weights, warmup[0], images, order[0], noise[0])
            self.step = _without_idle_kernels(make_fx(lambda *given: self._step(*given))(*first))
        negative_elbos, rates = [], []
        (group,) = self.optimizer.param_groups
        with torch.no_grad():
            rows = zip(warmup.unbind(), order.unbind(), noise.unbind(), chunk.learning_rate.tolist(), strict=True)
            for factor, indices, draws, learning_rate in rows:
                gradients, negative_elbo, rate = self.step(self.values, self.kl_weights, factor, images, indices, draws)
                self.steps += 1
                # Keras adds epsilon outside the bias correction, torch inside it.
                group["lr"] = learning_rate
                group["eps"] = self.adam.epsilon / math.sqrt(1 - self.adam.beta_2**self.steps)
                for parameter, gradient in zip(self.parameters, gradients, strict=True):
                    if parameter is not None:
                        parameter.grad = gradient
                self.optimizer.step()
                negative_elbos.append(negative_elbo)
                rates.append(rate)
        return Trace(torch.stack(negative_elbos).cpu().numpy(), torch.stack(rates).cpu().numpy())

    def weights(self) -> Weights:
        """Return the present weights."""
        return {path: value.cpu().numpy().copy() for path, value in zip(self.variables, self.values, strict=True)}

    def _step(self, values: Any, kl_weights: Any, warmup: Any, images: Any, order: Any, noise: Any) -> Any:
        """Return the gradients of the loss, and per replica the negative ELBO and the rate."""
        x = images.index_select(0, order.flatten()).view(*order.shape, -1).to(torch.float32)
        values = [value.requires_grad_() for value in values]
        mapping = [
            *zip(self.variables.values(), values, strict=True),
            (self.model.kl_weight, kl_weights),
            (self.model.warmup, warmup),
        ]
        with keras.StatelessScope(state_mapping=mapping):
            total, negative_elbo, rate = self.model.loss_stacked(x, noise)
        gradients = torch.autograd.grad(total, values)
        # The fused kernel reads them in the order of the weights.
        return [gradient.contiguous() for gradient in gradients], negative_elbo, rate


def _without_idle_kernels(traced: GraphModule) -> GraphModule:
    """Drop reshapes to the same shape and copies of constants; each costs as much as a small product."""
    for node in traced.graph.nodes:
        if node.op != "call_function" or not node.args:
            continue
        source = node.args[0]
        if node.target is ATEN.lift_fresh_copy.default:
            node.replace_all_uses_with(source)
        elif node.target in IDLE:
            before, after = source.meta.get("val"), node.meta.get("val")
            if before is not None and (before.shape, before.stride()) == (after.shape, after.stride()):
                node.replace_all_uses_with(source)
    traced.graph.eliminate_dead_code()
    traced.recompile()
    return traced
