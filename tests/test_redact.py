"""No secret gets through, in whatever form an answer carries it; everything else stays as it came."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st

from collector.redact import Redactor, masked

REDACTOR = Redactor(b"k" * 32)
FIELDS = frozenset({"UserData", "Variables", "sts:ExternalId"})
# Not a real token; only its shape counts.
TOKEN = "ghp_" + "a1B2" * 9
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="<>&"), min_size=6)


def redact(parsed: Any, text: bytes) -> tuple[Any, str]:
    clean, body = REDACTOR.redact(parsed, text, FIELDS)
    return clean, body.decode()


@given(SECRETS)
def test_a_secret_field_in_json_is_replaced_on_both_sides(secret: str) -> None:
    parsed = {"Name": "f", "Environment": {"Variables": {"PASSWORD": secret, "DEPTH": [secret, 3]}}}
    clean, body = redact(parsed, json.dumps(parsed).encode())
    token = REDACTOR.token(secret)
    assert clean == {"Name": "f", "Environment": {"Variables": {"PASSWORD": token, "DEPTH": [token, 3]}}}
    assert json.loads(body) == clean


@given(SECRETS)
def test_a_secret_in_a_policy_inside_an_answer_is_replaced(secret: str) -> None:
    policy, expected = (
        {"Statement": [{"Condition": {"StringEquals": {"sts:ExternalId": value}}, "Effect": "Allow"}]}
        for value in (secret, REDACTOR.token(secret))
    )
    in_json = json.dumps({"Policy": json.dumps(policy)}).encode()
    clean, body = redact({"Policy": json.dumps(policy)}, in_json)
    assert json.loads(json.loads(body)["Policy"]) == expected == json.loads(clean["Policy"])
    in_xml = f"<Role><Document>{quote(json.dumps(policy), safe='')}</Document></Role>".encode()
    clean, body = redact({"Document": policy}, in_xml)
    assert clean["Document"] == expected
    assert json.loads(unquote(body.removeprefix("<Role><Document>").removesuffix("</Document></Role>"))) == expected


@given(SECRETS)
def test_a_secret_element_in_xml_is_replaced_also_below_it(secret: str) -> None:
    text = f'<?xml version="1.0"?><R xmlns="u"><UserData><value>{escape(secret)}</value></UserData><n>x</n></R>'
    _, body = redact({"UserData": {"Value": secret}}, text.encode())
    assert body == text.replace(escape(secret), REDACTOR.token(secret))


@given(st.text(), st.text())
def test_known_shapes_are_replaced_wherever_they_stand(before: str, after: str) -> None:
    parsed = {"Description": f"{before} {TOKEN} {after}"}
    clean, body = redact(parsed, json.dumps(parsed).encode())
    assert TOKEN not in clean["Description"]
    assert TOKEN not in body
    assert json.loads(body) == clean
    assert TOKEN not in masked(parsed["Description"])


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers() | st.lists(st.text(max_size=8))))
def test_an_answer_without_secrets_keeps_its_very_bytes(answer: dict[str, Any]) -> None:
    text = json.dumps(answer, indent=1).encode()
    clean, body = REDACTOR.redact(answer, text, FIELDS)
    assert (clean, body) == (answer, text)


def test_the_same_secret_has_one_token_in_an_archive_and_another_in_the_next() -> None:
    assert REDACTOR.token("s") == Redactor(b"k" * 32).token("s") != Redactor(b"l" * 32).token("s")


def test_a_secret_in_a_broken_answer_is_replaced_too() -> None:
    _, body = redact({}, b'{"Description": "' + TOKEN.encode() + b'", "Cut')
    assert TOKEN not in body
    assert body.endswith('", "Cut')


def test_a_password_in_an_address_and_a_private_key_are_secrets() -> None:
    assert masked("postgres://app:hunter2@db:5432/x") == "postgres://[redacted]@db:5432/x"
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
    assert masked(f"key: {pem}.") == "key: [redacted]."
