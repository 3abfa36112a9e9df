"""`lensdoc fit-lens`: fit a lens for a model and keep it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click


@click.command("fit-lens")
@click.argument("model")
@click.argument("text", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "path", required=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="The lens.")
@click.option("--method", default="jacobian", show_default=True, type=click.Choice(["jacobian", "tuned"]), help="Which lens.")
@click.option("--length", default=128, show_default=True, type=click.IntRange(2), help="Tokens of a passage.")
@click.option("--skip", default=16, show_default=True, type=click.IntRange(0), help="First tokens of a passage to leave out.")
@click.option("--steps", default=400, show_default=True, type=click.IntRange(1), help="Of Adam, for a tuned lens.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the order of states, for a tuned lens.")
def fit_lens(  # noqa: PLR0913 - the options of the command
    *, model: str, text: Path, path: Path, method: Literal["jacobian", "tuned"], length: int, skip: int, steps: int, seed: int
) -> None:
    """Fit a lens for MODEL on the passages of TEXT, a file, and write it as a safetensors file.

    MODEL is a bundled or local model, or a name in analyses/runs.yml. Every fifth passage is held out; there the lens is measured
    beside the logit lens. Declare the file as an input of the runs that read by it.
    """
    from lensdoc.core.errors import ModelError
    from lensdoc.models.lens_fitting import fit_lens as fit
    from lensdoc.models.loading import load_model

    try:
        sample = text.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{text}: cannot be read as UTF-8 text: {error}") from None
    lens = fit(load_model(model), [sample], method=method, length=length, skip=skip, steps=steps, seed=seed)
    lens.save(path)
    info = lens.info
    click.echo(f"{path}: {method} lens of {lens.model}, fitted on {info.tokens:,} tokens; {info.hash}")
    click.echo("layer  divergence (nats)  by logit lens")
    for layer, (own, plain) in enumerate(zip(info.divergences, info.logit_divergences, strict=True)):
        click.echo(f"{layer:5}  {own:17.4g}  {plain:13.4g}")
