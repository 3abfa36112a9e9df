from __future__ import annotations

import builders
import pytest
from states import page_state

from lensdoc.core.errors import LensdocError
from lensdoc.publish.values.lookup import read_value
from lensdoc.records.writing import write_record

HARD = "\N{NO-BREAK SPACE}"
"""A space at which no line ends, and which HTML does not fold."""


@pytest.fixture
def context(tmp_path):
    write_record(builders.factors([[1, 2.5]]), tmp_path / "eu" / "seed-1.5" / "two-factors.json")
    counted = builders.sequence().with_facts(quoted="‘\n    ’, ‘ a b’")
    write_record(counted, tmp_path / "counting" / "sequence.json")
    return page_state(tmp_path)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("eu/seed-1.5/two-factors.facts.factor_1_neurons", "10"),
        ("eu/seed-1.5/two-factors.facts.factor_1_share:.1%", "12.5%"),
        ("eu/seed-1.5/two-factors.activations[0][1]:.2f", "2.50"),
        ("eu/seed-1.5/two-factors.rule", "loading > 1 / sqrt(neurons)"),
        ("counting/sequence.model.parameters:,", "1,234"),
        ("counting/sequence.model.id:>10", f"{3 * HARD}made/up"),
        ("counting/sequence.facts.quoted", f"‘⏎{4 * HARD}’, ‘{HARD}a b’"),
        ("counting/sequence.tokens[1].text", ","),
        ("  counting/sequence.targets[0] ", "1"),
    ],
)
def test_a_value_is_looked_up_and_formatted(context, reference, text):
    assert read_value(reference, context) == text


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("counting", "a value is written `{val} RUN/NAME.field:format`, not 'counting'"),
        ("counting/sequence", "a value is written"),
        ("counting/sequenze.facts.tokens", "no record 'counting/sequenze' .*did you mean counting/sequence"),
        ("counting/sequence.fact.tokens", "unknown field 'fact'; did you mean facts"),
        ("counting/sequence.facts.token", "unknown field 'token'; did you mean tokens"),
        ("counting/sequence.targets[9]", r"\[9\] is out of range; the last item is \[1\]"),
        ("counting/sequence.targets.x", "nothing has a field 'x' in a tuple"),
        ("counting/sequence.facts[0]", r"\[0\] asks for an item of a dict"),
        ("counting/sequence.targets", "is a tuple; a value in prose is one number or string"),
        ("counting/sequence.model", "is a record part"),
        ("counting/sequence.facts.tokens:x>999999999", "format 'x>999999999' is invalid"),
        ("counting/sequence.facts.tokens:.999f", "is invalid"),
        ("counting/sequence.facts.tokens:{0}", "is invalid"),
        ("counting/sequence.model.id:.1%", "does not fit 'made/up'"),
        ("counting/sequence.facts.tokens:c", "format 'c' is invalid"),
        ("counting/sequence.provenance.run", "is a null; a value in prose"),
        ("counting/sequence.__class__", "unknown field '__class__'"),
        ("counting/sequence.model_fields", "unknown field 'model_fields'"),
        ("../x/sequence.facts.tokens", "no record"),
        ("/etc/passwd.facts", "no record"),
    ],
)
def test_a_value_that_cannot_be_had_says_why(context, reference, message):
    with pytest.raises(LensdocError, match=message):
        read_value(reference, context)


def test_only_records_below_the_data_folder_are_read(context, tmp_path):
    outside = tmp_path.parent / "outside.json"
    write_record(builders.sequence(), outside)
    with pytest.raises(LensdocError, match="no record"):
        read_value("../outside.facts.tokens", context)


def test_a_link_that_leads_out_of_the_data_folder_is_not_followed(context, tmp_path):
    outside = tmp_path.parent / "secret"
    write_record(builders.sequence(), outside / "x.json")
    (tmp_path / "run").symlink_to(outside)
    (tmp_path / "counting" / "y.json").symlink_to(outside / "x.json")
    for record in ("run/x", "counting/y"):
        with pytest.raises(LensdocError, match="no record"):
            read_value(f"{record}.facts.tokens", context)
