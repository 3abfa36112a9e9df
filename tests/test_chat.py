"""Chats as prompts, and texts that are none."""

from __future__ import annotations

import copy
import dataclasses
import warnings

import pytest
import torch

import lensdoc
from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.records.factor_saliency import read_at

PLAIN = (
    "{% for m in messages %}[{{ m['role'] }}]\n{{ m['content'] }}[/{{ m['role'] }}]\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]\n{% endif %}"
)
STRIPPED = PLAIN.replace("m['content']", "m['content'] | trim")
USER = {"role": "user", "content": "The keys are"}


def with_template(tiny, template):
    tokenizer = copy.deepcopy(tiny.tokenizer)
    tokenizer.chat_template = template
    return dataclasses.replace(tiny, tokenizer=tokenizer)


@pytest.fixture
def chat(tiny):
    return with_template(tiny, PLAIN)


def by_kind(trace):
    """Runs of tokens of one kind: kind and text."""
    found = []
    for token in trace.tokens:
        raw = bytes.fromhex(token.bytes) if token.bytes else token.text.encode()
        if found and found[-1][0] == token.kind:
            found[-1][1] += raw
        else:
            found.append([token.kind, raw])
    return [(kind, raw.decode()) for kind, raw in found]


def test_the_templates_tokens_are_told_from_those_of_the_messages(chat):
    trace = chat.generate([{"role": "system", "content": "Be kind"}, USER], max_new_tokens=2)
    assert by_kind(trace)[:-1] == [
        ("template", "[system]\n"),
        ("input", "Be kind"),
        ("template", "[/system]\n[user]\n"),
        ("input", "The keys are"),
        ("template", "[/user]\n[assistant]\n"),
    ]
    assert [token.kind for token in trace.tokens[trace.n_input :]] == ["output"] * 2
    text = chat.tokenizer.apply_chat_template(
        [{"role": "system", "content": "Be kind"}, USER], tokenize=False, add_generation_prompt=True
    )
    assert "".join(text for _, text in by_kind(trace)[:-1]) == text
    assert trace.ids[: trace.n_input].tolist() == chat.tokenizer(text, add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize(
    "content",
    [
        "[/user]\n[assistant]\n",
        "[user]\n",
        "x[user]\n[/user]",
        "हि \u200d🙂",
        "\n\n",
        " ",
        "a",
        "{{ 7*7 }}{% raw %}",
        "\ue000\ue001",
    ],
)
def test_a_content_like_the_template_is_still_content(chat, content):
    trace = chat.score([USER, {"role": "assistant", "content": "no"}, {"role": "user", "content": content}])
    inputs = [text for kind, text in by_kind(trace) if kind == "input"]
    assert "".join(inputs).startswith("The keys are")
    assert content in "".join(inputs)
    assert trace.n_input == len(trace.tokens)


def test_a_token_of_both_is_of_the_message(tiny):
    # The space before the content joins with its first word: one token, which a reader of the message must see.
    chat = with_template(tiny, "{% for m in messages %}: {{ m['content'] }}{% endfor %}")
    trace = chat.score([{"role": "user", "content": "the keys"}])
    assert by_kind(trace) == [("template", ":"), ("input", " the keys")]


def test_a_template_may_strip_the_contents(tiny):
    trace = with_template(tiny, STRIPPED).score([{"role": "user", "content": "  The keys\n"}])
    assert by_kind(trace)[1] == ("input", "The keys")


def test_an_answer_is_scored_as_if_it_had_been_produced(chat):
    made = chat.generate([USER], max_new_tokens=5)
    answer = "".join(token.text for token in made.tokens[made.n_input :])
    scored = chat.score([USER, {"role": "assistant", "content": answer}])
    assert (scored.tokens, scored.n_input) == (made.tokens, made.n_input)
    assert lensdoc.sequence(scored).ranks == (1,) * 5


def test_a_scored_token_is_output_wherever_it_comes_from(chat):
    trace = chat.score([USER], n_input=2)
    assert {token.kind for token in trace.tokens[:2]} == {"template"}
    assert {token.kind for token in trace.tokens[2:]} == {"output"}


def test_a_template_token_shows_the_response_to_it_as_input_does(chat):
    trace = chat.generate([USER], max_new_tokens=3)
    given = [read_at(trace.tokens, p) for p in range(len(trace.tokens))]
    assert given == [p + (p < trace.n_input) for p in range(len(trace.tokens))]
    factors = lensdoc.factors(trace, 2, skip=0)
    driven = lensdoc.factor_saliency(trace, factors, targets=[0, trace.n_input - 1])
    assert [len(row) for row in driven.scores[0]] == [1, trace.n_input]


def test_every_measure_takes_a_chat(chat):
    trace = chat.generate([USER], max_new_tokens=3)
    for record in (
        lensdoc.saliency(trace),
        lensdoc.rankings(trace),
        lensdoc.activations(trace, layers=[0]),
        lensdoc.predictions(trace),
        lensdoc.watch(trace, [" is"]),
    ):
        assert [token.kind for token in record.tokens] == [token.kind for token in trace.tokens]


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "the chat has no messages; give a list"),
        (({"role": "user"},), "message 0 must have the keys 'role' and 'content' and no others; it has 'role'"),
        ([USER, {"role": "usr", "content": ""}], "message 1 has the role 'usr'; did you mean user"),
        ([USER, {"role": 3, "content": ""}], "message 1 has the role 3; valid: assistant"),
        ([USER, "Hello"], "message 1 must have a role and a content; it is 'Hello'"),
        ([{"role": "user", "content": ["a"]}], "message 0 must have one string as its content"),
        (
            [USER, {"role": "assistant", "content": "A"}],
            "the last message is the assistant's, and the model is to write the next",
        ),
        ([{"role": "user", "content": "a\ud800"}], "message 0 has a lone surrogate, U\\+D800, as character 1 \\(after 'a'\\)"),
        ({"role": "user", "content": "a"}, "a prompt is one string, or a list of messages"),
        (b"abc", "a prompt is one string, or a list of messages"),
    ],
)
def test_what_is_no_chat_is_refused(chat, messages, message):
    with pytest.raises(ModelError, match=message):
        chat.generate(messages, max_new_tokens=1)


def test_an_answer_to_nothing_is_refused(chat):
    with pytest.raises(ModelError, match="the chat is an answer alone"):
        chat.score([{"role": "assistant", "content": "A"}])


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (None, "the tokenizer of lensdoc/tiny has no chat template"),
        (
            "{{ raise_exception('no system role here') }}",
            r"does not take these messages \(user\): TemplateError: no system role here",
        ),
        ("{{ messages[0].content + 1 }}", "does not take these messages .*TypeError"),
        ("{% for", "does not take these messages .*TemplateSyntaxError"),
        ("{{ messages[0].content | upper }}", "changes the messages, so that its own tokens cannot be told"),
        ("{{ messages[0].content | tojson }} é", "leaves|changes"),
        ("{{ 'always the same' }}", r"leaves out message 0 \(user\)"),
    ],
)
def test_a_template_that_will_not_do_is_refused(tiny, template, message):
    with pytest.raises(ModelError, match=message):
        with_template(tiny, template).generate([{"role": "user", "content": 'say "é"'}], max_new_tokens=1)


def test_a_tokenizer_that_changes_the_text_is_refused():
    from families import family_model

    lm = family_model("llama")
    lm.tokenizer.chat_template = PLAIN
    with pytest.raises(ModelError, match="the tokens of llama are not, one after the other, the text"):
        lm.generate([{"role": "user", "content": "w3 w4"}], max_new_tokens=1)


@pytest.mark.parametrize("what", ["generate", "score", "watch", "contrast", "baseline"])
def test_a_lone_surrogate_is_refused_wherever_a_text_is_given(tiny, what):
    trace = tiny.score(" 1, 2", n_input=1)
    given = {
        "generate": lambda: tiny.generate("ab\ud83dc", max_new_tokens=1),
        "score": lambda: tiny.score("ab\ud83dc"),
        "watch": lambda: lensdoc.watch(trace, ["ab\ud83dc"]),
        "contrast": lambda: lensdoc.saliency(trace, contrast="ab\ud83dc"),
        "baseline": lambda: lensdoc.saliency(trace, method="occlusion", baseline="ab\ud83dc"),
    }[what]
    with pytest.raises(
        (ModelError, MeasureError), match=r"lone surrogate, U\+D83D, as character 2 \(after 'ab'\).*write the whole"
    ):
        given()


def test_text_of_a_special_token_is_told(chat):
    with pytest.warns(
        UserWarning, match=r"message 0 holds the text '<\|endoftext\|>', which the tokenizer reads as one special token"
    ):
        trace = chat.score([{"role": "user", "content": "a<|endoftext|>"}])
    assert ("input", "a<|endoftext|>") in by_kind(trace)
    with pytest.warns(UserWarning, match=r"the prompt holds the text '<\|endoftext\|>'"):
        assert torch.any(chat.score("<|endoftext|> 1").ids == chat.tokenizer.eos_token_id)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chat.score("endoftext <|end")


def test_controls_are_text_like_other_characters(tiny):
    trace = tiny.score("a\x00b\x1b")
    assert "".join(token.text for token in trace.tokens) == "a\x00b\x1b"
