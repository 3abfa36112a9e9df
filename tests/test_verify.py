"""What `lensdoc verify` calls the same, and what it writes."""

from __future__ import annotations

import copy
import json
import platform
from pathlib import Path

import builders
import pytest
from click.testing import CliRunner
from running import call_fresh

from lensdoc.cli import lensdoc
from lensdoc.core.errors import DataError, RunError
from lensdoc.core.tolerances import RELATIVE
from lensdoc.pipeline.compare import DIFFERENT, EXACT, WITHIN, compare
from lensdoc.pipeline.job import Execution
from lensdoc.pipeline.kernel_queries import device, processor
from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.pipeline.verify import FAILED, verify
from lensdoc.records.writing import dumps

DATA = Path(__file__).parent / "article" / "docs" / "data"


def committed(name):
    return json.loads((DATA / f"{name}.json").read_text())


def put(data, path, change):
    *way, last = path
    for step in way:
        data = data[step]
    data[last] = change(data[last]) if callable(change) else change


def compared(record, *changes):
    """A record, as JSON or a model, with itself changed at some places."""
    old = record if isinstance(record, dict) else json.loads(dumps(record))
    new = copy.deepcopy(old)
    for path, change in changes:
        put(new, path, change)
    return compare(json.dumps(old).encode(), json.dumps(new).encode())


def scaled(factor):
    return lambda number: number * factor


# Record, place, a change that is within, one that is not.
NUMBERS = [
    ("counting/sequence", ["probs", 3], scaled(0.999), scaled(0.99)),
    ("counting/sequence", ["facts", "lowest_prob"], scaled(0.997), scaled(0.99)),
    ("hidden-states/eu-list-raw", ["probs", 2, 0], scaled(1.0015), scaled(1.01)),
    ("hidden-states/eu-list-raw", ["ranks", 0, 0], lambda rank: rank + 1, lambda rank: rank + 2 + rank // 50),
    ("hidden-states/agreement", ["probs", 1, 0], scaled(0.999), scaled(1.01)),
    ("hidden-states/agreement", ["beside", 0, "probs", 1, 0], scaled(0.999), scaled(1.01)),
    ("hidden-states/predictions", ["probs", 0, 1, 0], scaled(0.999), scaled(0.99)),
    ("saliency/eu-list", ["totals", 4], scaled(1.002), scaled(1.005)),
    ("saliency/fact-integrated", ["convergence", 0], scaled(1.003), scaled(1.2)),
    ("factor-saliency/driven", ["activations", 0, 0], scaled(1.002), scaled(0.9)),
    ("factors/eu-six", ["activations", 2, 26], lambda v: v + 0.001, lambda v: v + 0.1),
    ("factors/eu-six", ["explained", 1], scaled(1.002), scaled(1.01)),
    ("factors/eu-six", ["facts", "factor_1_neurons"], lambda n: n + 1, lambda n: n + 1 + n // 50),
    ("factors/eu-six", ["facts", "overlap_1_2"], lambda n: n + 1, lambda n: n + 2 + n // 50),
    ("factors/eu-six", ["facts", "factor_1_share"], scaled(1.005), scaled(1.1)),
    ("factors/eu-six", ["facts", "first_token_share"], scaled(1.003), scaled(1.01)),
    ("factors/eu-six", ["neurons", 0, 0, "loading"], scaled(1.001), scaled(1.01)),
    ("neurons/five-tokens", ["values", 0, 7, 2], lambda v: v + 0.0005, lambda v: v + 0.05),
    ("neurons/clustered", ["facts", "active"], scaled(1.009), scaled(1.02)),
]


@pytest.mark.parametrize(
    ("name", "path", "little", "much"), NUMBERS, ids=[f"{n}-{'.'.join(map(str, p))}" for n, p, *_ in NUMBERS]
)
def test_each_kind_of_number_may_change_a_little_and_not_much(name, path, little, much):
    record = committed(name)
    within, beyond = compared(record, (path, little)), compared(record, (path, much))
    assert (within.word, beyond.word) == (WITHIN, DIFFERENT), (within, beyond)
    assert within.first is None
    assert 0 < within.worst.share <= 1 < beyond.worst.share


@pytest.mark.parametrize(
    ("name", "path", "change"),
    [
        ("counting/sequence", ["tokens", 4, "text"], " x"),
        ("counting/sequence", ["tokens", 4, "id"], lambda i: i + 1),
        ("counting/sequence", ["model", "revision"], "sha256:1"),
        ("counting/sequence", ["provenance", "dtype"], "bfloat16"),
        ("counting/sequence", ["facts", "produced"], lambda n: n + 1),
        ("factors/eu-six", ["facts", "factor_1_tokens"], "‘x’"),
        ("factors/eu-six", ["rule"], "another"),
        ("factors/eu-six", ["neurons", 0, 0, "neuron"], lambda n: n + 1 if n else 1),
        ("neurons/clustered", ["clusters", 0, 3], lambda c: c % 2 + 1),
        ("saliency/verb-contrast", ["scores", 0, 2], lambda v: -v),
    ],
)
def test_what_is_no_measured_number_may_not_change_at_all(name, path, change):
    found = compared(committed(name), (path, change))
    assert found.word == DIFFERENT
    assert found.first.field.startswith(path[0])


def integrated(gap, flag, count=None):
    """Integrated gradients of one token that miss 10 by a gap, which may be 1, and 0.02 apart on two machines."""
    data = committed("saliency/fact-integrated")
    data |= {"totals": [100.0], "differences": [10.0], "convergence": [gap], "unreliable": [flag]}
    data["facts"]["unreliable"] = int(flag) if count is None else count
    return json.dumps(data).encode()


def test_a_flag_may_flip_where_its_number_lies_at_the_limit():
    found = compare(integrated(0.999, flag=False), integrated(1.001, flag=True))
    assert found.word == WITHIN
    assert str(found.worst) == "facts.unreliable: 0 -> 1, at most 1 apart"
    only = compare(integrated(0.999, flag=False, count=0), integrated(1.001, flag=True, count=0))
    assert str(only.worst).startswith("convergence[0]: ")
    flags = compare(integrated(0.999, flag=False, count=0), integrated(0.999, flag=True, count=0))
    assert (flags.word, str(flags.worst)) == (WITHIN, "unreliable[0]: False -> True, since its number lies at the limit")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ((0.9, False, 0), (0.9, True, 0), "unreliable[0]"),  # far from the limit
        ((-0.9, False, 0), (-0.9, True, 0), "unreliable[0]"),
        ((0.9, False, 0), (0.9, False, 1), "facts.unreliable"),
        ((0.999, False, 0), (1.001, True, 2), "facts.unreliable"),  # one number lies there
        ((0.999, False, 0), (1.2, True, 1), "convergence[0]"),
    ],
)
def test_a_flag_or_count_whose_number_is_certain_may_not_change(old, new, field):
    found = compare(*(integrated(gap, flag=flag, count=count) for gap, flag, count in (old, new)))
    assert (found.word, found.first.field) == (DIFFERENT, field)


@pytest.mark.parametrize(("ratio", "word"), [(1.999, WITHIN), (1.9, DIFFERENT)])
def test_a_factor_may_become_one_of_first_tokens_where_its_ratio_lies_at_the_limit(ratio, word):
    data = committed("factors/eu-six")
    data["facts"] |= {"factor_1_first_ratio": ratio, "first_token_factors": 1}
    assert compared(data, (["facts", "first_token_factors"], 2), (["facts", "factor_1_first_ratio"], scaled(1.001))).word == word


def test_the_first_and_the_worst_field_are_named_with_both_values_and_the_bound():
    found = compared(
        committed("saliency/verb-contrast"), (["totals", 0], 20.0), (["scores", 0, 1], 0.5), (["facts", "targets"], 7)
    )
    assert found.word == DIFFERENT
    assert (found.first.field, str(found.worst)) == ("facts.targets", "facts.targets: 1 -> 7")
    found = compared(builders.rankings([[900, 31], [12, 2]]), (["ranks", 0, 0], 920), (["ranks", 1, 0], 90))
    assert str(found.first) == "ranks[0][0]: 900 -> 920, at most 9 apart"
    assert str(found.worst) == "ranks[1][0]: 12 -> 90, at most 1 apart"


def test_other_shapes_kinds_and_versions_are_different():
    old, other = builders.factors([[1, 2], [3, 1]]), builders.factors([[1, 2]])
    found = compare(dumps(old).encode(), dumps(other).encode())
    assert (found.word, str(found.first)) == (DIFFERENT, "activations: '2 values' -> '1 values'")
    found = compare(dumps(old).encode(), dumps(builders.sequence()).encode())
    assert str(found.first) == "format: 'lensdoc/factors' -> 'lensdoc/sequence'"
    assert str(compared(old, (["version"], [1, 0])).first) == f"version[1]: {old.VERSION[1]} -> 0"


def test_factors_in_another_order_or_with_another_sign_are_different():
    order = compare(*(dumps(builders.factors(v)).encode() for v in ([[1, 2], [3, 1]], [[3, 1], [1, 2]])))
    sign = compare(*(dumps(builders.factors(v, method="pca")).encode() for v in ([[1, -2], [3, 1]], [[-1, 2], [3, 1]])))
    assert (order.word, sign.word) == (DIFFERENT, DIFFERENT)


def test_codes_may_differ_by_one_step():
    rows = [[0.5, 1.0], [0.25, 0.1]]
    old, near, far = (builders.activations([[v, 1.0], rows[1]], encoded="int8") for v in (0.5, 0.508, 0.53))
    assert compare(dumps(old).encode(), dumps(near).encode()).word == WITHIN
    found = compare(dumps(old).encode(), dumps(far).encode())
    assert (found.word, found.first.field) == (DIFFERENT, "encoding.data[0][0]")


def test_halves_may_differ_as_numbers_do_each_by_its_own_neuron():
    rows = [[0.05, 0.02], [2800.0, 0.1]]
    old, near, far = (builders.activations([[v, 0.02], rows[1]], encoded="float16") for v in (0.05, 0.05005, 0.051))
    assert compare(dumps(old).encode(), dumps(near).encode()).word == WITHIN
    found = compare(dumps(old).encode(), dumps(far).encode())
    assert (found.word, found.first.field) == (DIFFERENT, "encoding.rows[0][0]")


def predicted(*ranked):
    return (
        dumps(builders.predictions([[text for text, _ in ranked]], [[prob for _, prob in ranked]]))
        .replace('"top"', '"x"')
        .encode()
    )


def test_predictions_that_tie_may_change_places_and_others_not():
    def with_ids(*ranked):
        data = json.loads(predicted(*ranked))
        data["ids"] = [[[ord(text) for text, _ in ranked]]]
        data["facts"] = {}
        return json.dumps(data).encode()

    old = with_ids(("a", 0.5), ("b", 0.2001), ("c", 0.2))
    assert compare(old, with_ids(("a", 0.5), ("c", 0.2001), ("b", 0.2))).word == WITHIN
    assert compare(old, with_ids(("a", 0.5), ("b", 0.2001), ("d", 0.2))).word == WITHIN  # another tied with the last one told
    assert compare(old, with_ids(("d", 0.5), ("a", 0.5), ("b", 0.2001))).word == DIFFERENT  # it tied with the first
    assert compare(old, with_ids(("b", 0.5), ("a", 0.2001), ("c", 0.2))).word == DIFFERENT
    assert compare(old, with_ids(("d", 0.5), ("b", 0.2001), ("c", 0.2))).word == DIFFERENT


def test_a_file_that_breaks_the_format_is_refused():
    good = dumps(builders.sequence()).encode()
    with pytest.raises(DataError, match="the record just made: NaN is not a finite number"):
        compare(good, good.replace(b"0.5", b"NaN", 1))


def test_the_same_bytes_are_exact():
    content = (DATA / "factors" / "eu-six.json").read_bytes()
    assert compare(content, content).word == EXACT


@pytest.fixture
def article(project):
    call_fresh(Project(project))
    return Project(project)


def again(change=None, device=None, versions=None):
    """Executes nothing: hands back what is committed, changed."""

    def execute(run, project):
        entry = read_lock(project.lock_file)[run.name]
        components = dict(entry.components) | ({"versions": versions} if versions else {})
        made = {}
        for record, path in run.outputs(project).items():
            data = json.loads(path.read_text())
            made[record] = path.read_bytes() if not (change and change(record, data)) else json.dumps(data).encode()
        return Execution(components, device or entry.device, made, b"")

    return execute


def nudged(by):
    def change(record, data):
        if record == "sequence":
            data["probs"][0] *= by
            return True
        return None

    return change


def state(article):
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in article.data.rglob("*") if p.is_file()}


def test_the_lock_takes_what_was_found_and_data_stay_as_they_were(article):
    before = state(article)
    said = []
    (verdict,) = verify(article, ["counting"], said.append, again())
    assert said == ["counting: verified: exact"]
    assert verdict.is_verified
    found = read_lock(article.lock_file)["counting"].verified
    assert (found.how, found.device) == ("exact", read_lock(article.lock_file)["counting"].device)
    assert found.versions["torch"]
    assert state(article) == before
    assert {s.word for s in status(article)} == {FRESH}
    assert read_lock(article.lock_file)["saliency"].verified is None


def test_another_machine_is_held_to_the_tolerances_and_the_same_one_to_the_byte(article):
    (verdict,) = verify(article, ["counting"], print, again(nudged(1 - RELATIVE / 2), device="another"))
    assert verdict.word == WITHIN
    assert verdict.detail.startswith("most in sequence probs[0]: ")
    assert read_lock(article.lock_file)["counting"].verified.how == "tolerance"
    assert read_lock(article.lock_file)["counting"].verified.device == "another"
    (verdict,) = verify(article, ["counting"], print, again(nudged(1 - RELATIVE / 2), versions={"torch": "9.9"}))
    assert verdict.word == WITHIN
    (verdict,) = verify(article, ["counting"], print, again(nudged(1 - RELATIVE / 2)))
    assert verdict.word == DIFFERENT
    assert "the same machine class and versions should make the same bytes" in verdict.detail
    assert read_lock(article.lock_file)["counting"].verified is None


def test_processors_with_the_same_instructions_are_not_one_class(tmp_path, monkeypatch):
    described = tmp_path / "cpuinfo"
    described.write_text("processor : 0\nvendor_id : One\ncpu family : 25\nmodel : 17\nmodel name : X\n\nvendor_id : Two\n")
    assert processor(described) == "One 25 17"
    assert device().startswith(f"cpu {platform.machine()} {processor()}".rstrip())
    described.write_text("Hardware : board\n")
    monkeypatch.setattr("platform.processor", lambda: "arm")
    assert processor(described) == processor(tmp_path / "none") == "arm"


def test_a_run_that_differs_fails_or_is_stale_is_said_and_the_others_go_on(article):
    def execute(run, project):
        if run.name == "saliency":
            raise RunError("run 'saliency' failed: cell 3")
        return again(nudged(0.5))(run, project)

    runs = article.runs_file
    runs.write_text(runs.read_text().replace("refits: 5", "refits: 6"))
    verdicts = {v.run: v for v in verify(article, [], print, execute)}
    assert {name: v.word for name, v in verdicts.items()} == {
        "counting": DIFFERENT,
        "saliency": FAILED,
        "hidden-states": EXACT,
        "neurons": EXACT,
        "factors": STALE,
        "factor-saliency": EXACT,
    }
    assert verdicts["counting"].detail.startswith("sequence probs[0]: ")
    assert "execute it first: lensdoc run factors" in verdicts["factors"].detail
    assert verdicts["saliency"].detail == "run 'saliency' failed: cell 3"


def test_a_new_execution_takes_the_verification_away(article):
    verify(article, ["counting"], print, again())
    entry = read_lock(article.lock_file)["counting"]
    from lensdoc.pipeline.lock import Verified, write_entry, write_verified

    executed = entry.model_copy(update={"key": "another", "verified": None})
    write_entry(article.lock_file, "counting", executed)
    found = Verified(how="exact", device="cpu", versions={})
    assert write_verified(article.lock_file, "counting", entry, found) is False
    assert read_lock(article.lock_file)["counting"].verified is None


def test_the_command_executes_really_and_changes_no_record(article, monkeypatch):
    monkeypatch.chdir(article.root)
    before = state(article)
    # The article may have been executed on a machine of another class than this one.
    article.lock_file.write_text(article.lock_file.read_text().replace('"device": "', '"device": "not '))
    done = CliRunner().invoke(lensdoc, ["verify", "saliency"])
    assert done.output.startswith("saliency: verified: "), done.output
    assert done.exit_code == 0
    assert state(article) == before
    assert not list((article.private / "scratch").iterdir())
    path = article.data / "saliency" / "fact.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    done = CliRunner().invoke(lensdoc, ["verify", "saliency"])
    assert (done.exit_code, "saliency: stale: record fact" in done.output) == (1, True)
