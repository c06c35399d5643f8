import pytest
import torch

from ocrdigits.ctc import CLASS_COUNT
from ocrdigits.model.network import count_parameters
from ocrdigits.model.strings.lines import FRAME_PX, frame_count
from ocrdigits.model.strings.network import ARCHITECTURES, StringNet, StringNetLarge


@pytest.mark.parametrize("width_px", [4, 8, 20, 64, 132, 1000])
def test_any_width_gives_log_probabilities_for_every_frame(
    untrained_strings: StringNet, width_px: int
):
    with torch.inference_mode():
        scores = untrained_strings(torch.rand(2, 1, 32, width_px))
    assert scores.shape == (2, frame_count(width_px), CLASS_COUNT)
    torch.testing.assert_close(scores.exp().sum(2), torch.ones(scores.shape[:2]))


def test_the_network_that_is_shipped_keeps_to_its_size():
    assert count_parameters(StringNet()) < 2_500_000
    assert count_parameters(StringNetLarge()) > 3 * count_parameters(StringNet())
    assert set(ARCHITECTURES) == {"stringnet", "stringnet-large"}


def test_the_shipped_network_keeps_to_its_work():
    work = []
    network = StringNet().eval()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(
                lambda conv, _, maps: work.append(maps.numel() * conv.weight[0].numel())
            )
    with torch.inference_mode():
        network(torch.zeros(1, 1, 32, 128))
    assert sum(work) <= 87_000_000


def test_ink_only_changes_the_frames_around_it(untrained_strings: StringNet):
    lines = torch.zeros(2, 1, 32, 512)
    lines[1, :, 8:24, 252:260] = 1
    with torch.inference_mode():
        blank, inked = untrained_strings(lines)
    changed = (blank != inked).any(dim=1).nonzero()[:, 0] * FRAME_PX
    assert 120 < changed.min() < 252 and 258 < changed.max() < 392


def test_narrow_ones_have_frames_enough_for_the_blanks_between():
    assert frame_count(4 * 6) >= 7  # `1111` written 6 px apart
