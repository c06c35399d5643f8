"""Learning from larger networks: what they find likely teaches more than the label alone.

Reference:
    Hinton et al. 2015, "Distilling the Knowledge in a Neural Network".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows

from ocrdigits.records import NOT_A_DIGIT


class Teachers:
    """Trained digit networks whose mean answer is taught where it names the right digit.

    Elsewhere, and on what is no digit, the label alone counts: a teacher need not know every set.

    Args:
        networks: Of any architecture; without one, the labels alone count.
        share: Of a digit's loss that they give; the label gives the rest.
        temperature: Divides all logits; above 1 what is unlikely counts for more.
        device: Where the training runs.
    """

    def __init__(
        self,
        networks: Sequence[nn.Module],
        share: float,
        temperature: float,
        device: torch.device,
    ) -> None:
        self._share = share
        self._temperature = temperature
        self._networks = [
            network.to(device).to(memory_format=torch.channels_last).eval() for network in networks
        ]

    def mix(self, losses: Tensor, logits: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        """Let the teachers take their share of the loss of every digit that they know.

        What they add is how far the learner's probabilities of the ten digits lie from their mean
        (Kullback–Leibler), both at `temperature`.

        Args:
            losses: (N,) cross entropy against the labels.
            logits: (N, 11) of the network that learns.
            inputs: (N, 1, 28, 28), what it saw.
            targets: (N,) classes.

        Returns:
            (N,) losses.
        """
        if not self._networks:
            return losses
        heat = self._temperature
        with torch.no_grad():
            answers = [network(inputs)[:, :NOT_A_DIGIT].float() for network in self._networks]
            taught = torch.stack([F.softmax(answer / heat, 1) for answer in answers]).mean(0)
        share = self._share * (taught.argmax(1) == targets).float()
        learned = F.log_softmax(logits[:, :NOT_A_DIGIT] / heat, 1)
        divergence = heat**2 * F.kl_div(learned, taught, reduction="none").sum(1)
        return (1 - share) * losses + share * divergence
