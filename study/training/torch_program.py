"""Training on torch: an eager loop on the device with torch's fused Adam."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import numpy as np
import torch

from study.config import VAEConfig
from study.models import VAE
from study.models.initial import Weights
from study.training.contract import Chunk, Trace


class TorchProgram:
    """See :class:`study.training.contract.Program`."""

    def __init__(self, config: VAEConfig, replicas: int) -> None:
        """Build the model; its parameters are those of the Keras variables."""
        self.model = VAE(config.replace(kl_weight=1.0), replicas)
        self.parameters = [variable.value for variable in self.model.named_variables().values()]
        self.device = self.parameters[0].device.type
        self.adam = keras.optimizers.Adam(config.learning_rate)  # only for its defaults: one source for both loops

    def load(self, weights: Weights, kl_weights: Sequence[float]) -> None:
        """Set the weights and forget the optimiser's state."""
        self.model.load_stacked(weights)
        self.model.kl_weight.assign(np.asarray(kl_weights, np.float32)[:, None])
        betas = (self.adam.beta_1, self.adam.beta_2)
        rate = float(self.adam.learning_rate)
        self.optimizer = torch.optim.Adam(self.parameters, lr=rate, betas=betas, fused=True)
        self.steps = 0

    def run(self, chunk: Chunk) -> Trace:
        """Take one step per row of the chunk."""
        device = self.parameters[0].device
        images, noise = (torch.from_numpy(a).to(device) for a in (chunk.images, chunk.noise))
        order = torch.from_numpy(chunk.order).long().to(device)
        elbos, rates, warmup = [], [], None
        for i, factor in enumerate(chunk.warmup.tolist()):
            if factor != warmup:
                self.model.warmup.assign(factor)
                warmup = factor
            self.steps += 1
            # Keras adds epsilon outside the bias correction, torch inside it.
            self.optimizer.param_groups[0]["eps"] = self.adam.epsilon / math.sqrt(1 - self.adam.beta_2**self.steps)
            total, negative_elbo, rate = self.model.loss_stacked(images[order[i]], noise[i])
            gradients = torch.autograd.grad(total, self.parameters)
            for parameter, gradient in zip(self.parameters, gradients, strict=True):
                parameter.grad = gradient
            self.optimizer.step()
            elbos.append(negative_elbo.detach())
            rates.append(rate.detach())
        return Trace(torch.stack(elbos).cpu().numpy(), torch.stack(rates).cpu().numpy())

    def weights(self) -> Weights:
        """Return the present weights."""
        return self.model.stacked_weights()
