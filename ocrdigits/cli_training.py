"""The `train` commands: options → settings → one library call → print."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ocrdigits.console import exit_codes, needs_extra
from ocrdigits.errors import UsageError
from ocrdigits.training_progress import training_progress


class LookName(Enum):
    """`looks.Look`, apart from it because that imports half the program."""

    INK = "ink"
    PLAIN = "plain"


train_app = typer.Typer(help="Build weights from labelled data.", no_args_is_help=True)

OutOption = Annotated[Path, typer.Option(metavar="DIR", help="Where everything is written.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Same seed, same machine: same weights.")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Bf16Option = Annotated[
    bool, typer.Option(help="Compute in bfloat16; faster on processors that have it.")
]
InitOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Start from these weights (fine-tuning).")
]
ResumeOption = Annotated[bool, typer.Option(help="Go on from the checkpoint in --out.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")]
StringDataOption = Annotated[
    list[Path],
    typer.Option(
        metavar="PATH",
        help="Folder of labelled strings (labels.csv: file,text), or of digit sets to compose "
        "strings of (MNIST/, usps.bz2, *.npz, folders 0 … 9). Repeat for more.",
    ),
]
DigitDataOption = Annotated[
    list[Path],
    typer.Option(
        metavar="PATH",
        help="Folder with MNIST/, usps.bz2, *.npz, labelled digits (labels.csv or folders 0 … 9, "
        "x) or labelled strings (labels.csv); or one .npz file. Repeat for more.",
    ),
]
DrawnOption = Annotated[int, typer.Option(min=0, help="Printed digits to draw; 0 for none.")]
FontsOption = Annotated[
    list[Path] | None,
    typer.Option(metavar="PATH", help="Typefaces (or folders) for them. Repeatable."),
]
ComposedShareOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Share of composed lines. [default: 0.6 beside labelled strings, 0.3 if no digit set "
        "is named]",
    ),
]
LeftOutOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="CSV file whose column file names pictures not to train on, such as the "
        "suspects.csv of `train suspects`. Repeatable.",
    ),
]
StringArchOption = Annotated[
    str, typer.Option("--arch", help="stringnet, or stringnet-large as a teacher.")
]
ProcessesOption = Annotated[
    int, typer.Option(min=0, help="Processes that prepare lines ahead; 0 for none.")
]


@train_app.command("digits")
def train_digits(
    data: DigitDataOption,
    out: OutOption,
    *,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Take mnist, qmnist, emnist or usps from the first --data. Repeatable."
        ),
    ] = None,
    download: Annotated[
        bool, typer.Option(help="Fetch missing sets named with --set into the first --data.")
    ] = False,
    architecture: Annotated[
        str,
        typer.Option(
            "--arch",
            help="digitnet; digitnet-slim for one source, to be joined with it (`train join`); "
            "digitnet-pair, what that gives; digitnet-large as a teacher; lenet5 as the reference.",
        ),
    ] = "digitnet",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the data.")] = 30,
    batch_size: Annotated[int, typer.Option(min=16, help="Cells a step.")] = 256,
    optimizer: Annotated[str, typer.Option(help="adamw, or sgd with momentum.")] = "adamw",
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest rate. [default: 0.002 adamw, 0.1 sgd]")
    ] = None,
    augmentation: Annotated[
        float, typer.Option(min=0, max=2, help="How far samples are changed; 0 for not at all.")
    ] = 1.0,
    light_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of samples that are changed half as far.")
    ] = 0.0,
    one_source: Annotated[
        bool,
        typer.Option(
            help="As one source needs it: samples are rotated, slanted and stretched, their "
            "strokes and picture stay; the rate is kept to the end."
        ),
    ] = False,
    repeat: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SET=TIMES",
            help="Use the cells of a set so often in an epoch: mnist=2. Repeatable.",
        ),
    ] = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    bf16: Bf16Option = False,
    init: InitOption = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Learn from these larger weights too. Repeatable."),
    ] = None,
    resume: ResumeOption = False,
    drawn: DrawnOption = 12_000,
    fonts: FontsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Train the network that reads single digits."""
    with exit_codes(verbose=verbose), needs_extra("train digits", "train"):
        from ocrdigits.model.augment import AugmentSettings
        from ocrdigits.model.digit_training import DigitTrainingJob, render_card
        from ocrdigits.model.digit_training import train_digits as train
        from ocrdigits.model.train import TrainSettings

        settings = TrainSettings(
            architecture=architecture,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            seed=seed,
            device=device,
            bf16=bf16,
            augment=AugmentSettings().scaled(augmentation),
            light_share=light_share,
            set_repeats=_repeats_by_set(repeat or ()),
        )
        if one_source:
            settings = settings.for_one_source()
        job = DigitTrainingJob(
            data=tuple(data),
            out=out,
            settings=settings,
            torchvision_sets=None if sets is None else tuple(sets),
            download=download,
            init=init,
            teachers=tuple(teacher or ()),
            resume=resume,
            drawn=drawn,
            fonts=tuple(fonts or ()),
        )
        with training_progress(wanted=not quiet) as (report, say):
            card = train(job, report, say)
        typer.echo(render_card(card))


@train_app.command("join")
def train_join(
    main: Annotated[Path, typer.Argument(metavar="MAIN", help="Weights of a digitnet.")],
    slim: Annotated[
        Path, typer.Argument(metavar="SLIM", help="Weights of a digitnet-slim for one source.")
    ],
    data: DigitDataOption,
    out: OutOption,
    *,
    steps: Annotated[int, typer.Option(min=1, help="Steps of the gate's training.")] = 1500,
    seed: SeedOption = 0,
    drawn: DrawnOption = 12_000,
    fonts: FontsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Join a digit network with a slim one; a gate learns when to ask the latter."""
    with exit_codes(verbose=verbose), needs_extra("train join", "train"):
        from ocrdigits.model.digit_training import render_card
        from ocrdigits.model.join import JoinJob, join_networks

        job = JoinJob(
            main,
            slim,
            tuple(data),
            out,
            steps=steps,
            seed=seed,
            drawn=drawn,
            fonts=tuple(fonts or ()),
        )
        with training_progress(wanted=not quiet) as (report, say):
            card = join_networks(job, report, say)
        typer.echo(render_card(card))


@train_app.command("strings")
def train_strings(
    data: StringDataOption,
    out: OutOption,
    *,
    composed_share: ComposedShareOption = None,
    left_out: LeftOutOption = None,
    architecture: StringArchOption = "stringnet",
    look: Annotated[
        LookName,
        typer.Option(
            help="What it is shown: `ink`, the line alone (strings.*), or `plain`, a "
            "crop as it is (plain.*)."
        ),
    ] = LookName.INK,
    epochs: Annotated[
        int, typer.Option(min=1, help="Times to measure and to write a checkpoint.")
    ] = 40,
    steps: Annotated[int, typer.Option(min=1, help="Steps an epoch.")] = 500,
    batch_size: Annotated[int, typer.Option(min=2, help="Lines a step.")] = 64,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest rate. [default: 0.002, with --init 0.0005]")
    ] = None,
    processes: ProcessesOption = 1,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    bf16: Bf16Option = False,
    init: InitOption = None,
    teacher: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also learn what these weights answer.")
    ] = None,
    resume: ResumeOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Train the network that reads whole strings."""
    with exit_codes(verbose=verbose), needs_extra("train strings", "train"):
        from ocrdigits.model import string_training as training
        from ocrdigits.model.strings.gather import LineDataSettings
        from ocrdigits.model.strings.looks import Look
        from ocrdigits.model.strings.training import StringTrainSettings

        usual_rate = training.NEW_RATE if init is None else training.FINE_TUNING_RATE
        settings = StringTrainSettings(
            architecture=architecture,
            epochs=epochs,
            steps_per_epoch=steps,
            batch_size=batch_size,
            learning_rate=usual_rate if learning_rate is None else learning_rate,
            processes=processes,
            seed=seed,
            device=device,
            bf16=bf16,
        )
        job = training.StringTrainingJob(
            data=LineDataSettings(
                tuple(data),
                composed_share,
                tuple(left_out or ()),
                look=Look(look.value),
                seed=seed,
            ),
            out=out,
            settings=settings,
            init=init,
            teacher=teacher,
            resume=resume,
        )
        with training_progress(wanted=not quiet) as (report, say):
            card = training.train_string_network(job, report, say)
        typer.echo(training.render_string_card(card))


@train_app.command("glance")
def train_glance(
    data: Annotated[
        list[Path],
        typer.Option(metavar="DIR", help="Folder of pages that `synth` drew. Repeat for more."),
    ],
    out: OutOption,
    *,
    digits: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="The --digits that pages were drawn with, for the card. Repeatable."
        ),
    ] = None,
    epochs: Annotated[
        int, typer.Option(min=1, help="Times to measure and to write a checkpoint.")
    ] = 12,
    steps: Annotated[int, typer.Option(min=1, help="Steps an epoch.")] = 500,
    batch_size: Annotated[int, typer.Option(min=2, help="Fields a step.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Highest rate.")] = 4e-3,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    init: InitOption = None,
    resume: ResumeOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Train the network that tells the words of a page from what may be a number."""
    with exit_codes(verbose=verbose), needs_extra("train glance", "train"):
        from ocrdigits.model.glance import training

        job = training.GlanceTrainingJob(
            data=tuple(data),
            out=out,
            settings=training.GlanceTrainSettings(
                epochs=epochs,
                steps_per_epoch=steps,
                batch_size=batch_size,
                learning_rate=learning_rate,
                seed=seed,
                device=device,
            ),
            init=init,
            resume=resume,
            digits=tuple(digits or ()),
        )
        with training_progress(wanted=not quiet) as (report, say):
            card = training.train_glance(job, report, say)
        typer.echo(training.render_glance_card(card))


@train_app.command("average")
def train_average(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Weights of trainings that started from the same."),
    ],
    out: OutOption,
    *,
    shares: Annotated[
        list[float] | None,
        typer.Option(
            "--share", help="How much a folder counts, once for each, in order. [default: equally]"
        ),
    ] = None,
    non_digit_logit: Annotated[
        float, typer.Option(help='Added to the digit network\'s logit of "not a digit".')
    ] = 0.0,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Measure the digit network on the test sets in this folder. Repeatable.",
        ),
    ] = None,
    verbose: VerboseOption = False,
) -> None:
    """Write the mean of the weights of several trainings."""
    with exit_codes(verbose=verbose), needs_extra("train average", "train"):
        from ocrdigits.model.average import AverageJob, average_weights, render_average

        job = AverageJob(
            tuple(folders), out, tuple(shares or ()), non_digit_logit, tuple(data or ())
        )
        for card in average_weights(job):
            typer.echo(render_average(card))


@train_app.command("suspects")
def find_suspects(
    data: StringDataOption,
    out: OutOption,
    *,
    init: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Weights to start from, best such as never saw these pictures. "
            "[default: the built-in]",
        ),
    ] = None,
    folds: Annotated[
        int, typer.Option(min=2, help="Parts; each is read by a network trained on the others.")
    ] = 5,
    digit_odds: Annotated[
        float | None,
        typer.Option(
            min=0, help="Least logarithm of the odds against a label's digits. [default: 4]"
        ),
    ] = None,
    separator_odds: Annotated[
        float | None, typer.Option(min=0, help="The same for its separators. [default: 3]")
    ] = None,
    composed_share: ComposedShareOption = None,
    left_out: LeftOutOption = None,
    architecture: StringArchOption = "stringnet",
    steps: Annotated[int, typer.Option(min=1, help="Steps of each network.")] = 300,
    batch_size: Annotated[int, typer.Option(min=2, help="Lines a step.")] = 64,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest rate. [default: 0.0005]")
    ] = None,
    processes: ProcessesOption = 1,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    bf16: Bf16Option = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """List labels that are probably wrong, because networks read something else."""
    with exit_codes(verbose=verbose), needs_extra("train suspects", "train"):
        from ocrdigits.model import suspect_search as search
        from ocrdigits.model.string_training import FINE_TUNING_RATE
        from ocrdigits.model.strings.gather import LineDataSettings
        from ocrdigits.model.strings.suspects import SuspectSettings
        from ocrdigits.model.strings.training import StringTrainSettings

        usual = SuspectSettings()
        job = search.SuspectJob(
            data=LineDataSettings(tuple(data), composed_share, tuple(left_out or ()), seed=seed),
            out=out,
            init=init,
            settings=SuspectSettings(
                folds,
                usual.digits_log_odds if digit_odds is None else digit_odds,
                usual.separator_log_odds if separator_odds is None else separator_odds,
            ),
            training=StringTrainSettings(
                architecture=architecture,
                epochs=1,
                steps_per_epoch=steps,
                batch_size=batch_size,
                learning_rate=FINE_TUNING_RATE if learning_rate is None else learning_rate,
                processes=processes,
                seed=seed,
                device=device,
                bf16=bf16,
            ),
        )
        with training_progress(wanted=not quiet) as (report, say):
            found = search.find_suspects(job, report, say)
        typer.echo(search.render_suspects(found))


def _repeats_by_set(given: Iterable[str]) -> dict[str, float]:
    """`SET=TIMES` of the command line as numbers by the name's beginning."""
    repeats = {}
    for entry in given:
        name, _, times = entry.partition("=")
        try:
            repeats[name] = float(times if name else "")
        except ValueError as error:
            raise UsageError(f"--repeat {entry}: not SET=TIMES, such as mnist=2") from error
    return repeats
