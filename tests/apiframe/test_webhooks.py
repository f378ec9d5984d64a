"""Webhooks: both readings of the key are accepted, everything else is turned away, and parsing never fails."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.apiframe.webhooks import WebhookNudge, parse, secrets_for, verify

# FACTS §1, checked there against another implementation.
KEY = "afk_" + "0" * 40
BODY = b'{"event":"completed","jobId":"abc","status":"COMPLETED"}'
SIGNED_RAW = "36b8325d24f292c1a3738d2746603ea5d0b781fc17e4f8b608564b9c1e335e95"
SIGNED_HEX = "bd37e03079f9033d2f8156874fd3c2655a365afc690004ce781b8a5d3a3ab8cd"


@pytest.mark.parametrize("prefix", ["", "sha256=", "  sha256="])
@pytest.mark.parametrize(("signature", "form"), [(SIGNED_RAW, "raw"), (SIGNED_HEX, "hex")])
def test_both_published_readings_of_the_key_are_accepted_and_told_apart(prefix, signature, form):
    assert verify(BODY, prefix + signature, secrets_for(KEY)) == form
    assert verify(BODY, prefix + signature.upper(), secrets_for(KEY)) == form


def test_the_secrets_are_the_digest_and_its_hex_form():
    raw, as_hex = secrets_for(KEY)
    assert (len(raw), as_hex) == (32, raw.hex().encode())


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha256=zz", SIGNED_RAW[:-2], SIGNED_RAW + "00", "0" * 64, "md5=" + SIGNED_RAW, "sha256=é"],
)
def test_a_missing_or_wrong_signature_is_turned_away(header):
    assert verify(BODY, header, secrets_for(KEY)) is None


def test_one_changed_byte_is_noticed():
    assert verify(BODY + b" ", SIGNED_RAW, secrets_for(KEY)) is None


def test_another_teams_key_does_not_fit():
    assert verify(BODY, SIGNED_RAW, secrets_for("afk_other")) is None


def test_an_older_key_still_verifies_when_it_is_among_the_secrets():
    secrets = [*secrets_for("afk_new"), *secrets_for(KEY)]
    assert verify(BODY, SIGNED_HEX, secrets) == "hex"


def test_without_secrets_nothing_is_genuine():
    assert verify(BODY, SIGNED_RAW, []) is None


@given(body=st.binary(), key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_what_either_reading_signs_it_also_verifies(body, key):
    digest = hashlib.sha256(key.encode())
    for secret, form in ((digest.digest(), "raw"), (digest.hexdigest().encode(), "hex")):
        signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
        assert verify(body, f"sha256={signature}", secrets_for(key)) == form


@given(header=st.text())
def test_no_header_can_break_the_check(header):
    assert verify(BODY, header, secrets_for(KEY)) in (None, "raw", "hex")


def test_a_delivery_names_its_event_job_and_status():
    assert parse(BODY) == WebhookNudge("completed", "abc", "COMPLETED")


def test_the_header_names_the_event_when_the_body_does_not():
    assert parse(b'{"jobId":"abc"}', "failed") == WebhookNudge("failed", "abc", None)


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"[1]", b"\xff", b'{"jobId":7}', b'{"jobId":"a\\u0000"}', b"[" * 99_999]
)
def test_a_body_that_makes_no_sense_is_an_empty_nudge(body):
    assert parse(body) == WebhookNudge(None, None, None)


@given(body=st.binary(), header=st.none() | st.text())
def test_parsing_never_fails(body, header):
    parse(body, header)
