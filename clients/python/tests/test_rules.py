"""What breaks a contract is found before it is sent, in the words of the worker."""
import json
import re
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from voice_worker_client import ContractError
from voice_worker_client._contract_rules import RULES, WHITE_SPACE
from voice_worker_client._rules import check_call, check_change, is_printable
from voice_worker_client.messages import BusinessVoiceChanged, CallStarted

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=timezone.utc)
SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "contracts"


def broken_by_call(**fields):
    call = CallStarted(**{"call_id": "CA-1", "business_id": 1, "started_at": NOW, **fields})
    return broken_by(lambda: check_call(call))


def broken_by_change(**fields):
    change = BusinessVoiceChanged(
        **{"business_id": 1, "voice_id": "sage", "changed_at": NOW, "changed_by": "anna", **fields})
    return broken_by(lambda: check_change(change))


def broken_by(check):
    try:
        check()
        return ()
    except ContractError as error:
        return error.broken


class RulesTest(unittest.TestCase):
    def test_what_keeps_its_contract_is_taken(self):
        self.assertEqual((), broken_by_call(call_id="x" * 64, business_id=2**31 - 1))
        self.assertEqual((), broken_by_change(voice_id="  Sage\t", changed_by=None))
        self.assertEqual((), broken_by_change(changed_by="é😀" * 64))

    def test_every_broken_rule_is_told_with_its_field(self):
        self.assertEqual(
            (("callId", RULES["callId"] + " (was 65 characters)"), ("businessId", RULES["businessId"]),
             ("startedAt", RULES["startedAt"])),
            broken_by_call(call_id="x" * 65, business_id=0, started_at=datetime(2026, 1, 31)))

    def test_no_text_that_the_worker_refuses_is_taken(self):
        for text in ("", " ", " x", "x ", "a\u200bb", "a\nb", "\ud800", "\x1cx", None, 7):
            with self.subTest(text=text):
                self.assertEqual("callId", broken_by_call(call_id=text)[0][0])
        for voice in ("", " ", "x" * 33, "\x1cx", None, 7):
            with self.subTest(voice=voice):
                self.assertEqual("voiceId", broken_by_change(voice_id=voice)[0][0])

    def test_a_business_is_an_integer_in_its_range(self):
        for business_id in (0, -1, 2**31, True, 1.0, "1", None):
            with self.subTest(business_id=business_id):
                self.assertEqual((("businessId", RULES["businessId"]),), broken_by_call(business_id=business_id))

    def test_an_instant_has_an_offset_and_a_place_in_the_calendar(self):
        edge = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
        for instant in (datetime(2026, 1, 31), edge, "2026-01-31T09:30:00Z", None):
            with self.subTest(instant=instant):
                self.assertEqual((("changedAt", RULES["changedAt"]),), broken_by_change(changed_at=instant))

    def test_an_error_quotes_no_value(self):
        with self.assertRaises(ContractError) as caught:
            check_call(CallStarted(call_id="secret\n", business_id=1, started_at=NOW))
        self.assertNotIn("secret", str(caught.exception))
        self.assertTrue(str(caught.exception).startswith("callId: required: 1–64 printable characters"))

    @unittest.skipUnless(SCHEMAS.is_dir(), "outside of the repository there are no schemas")
    def test_the_characters_are_those_of_the_schema(self):
        schema = json.loads((SCHEMAS / "CallStarted.schema.json").read_text("utf-8"))
        refused = re.compile(schema["properties"]["callId"]["not"]["pattern"])
        for code in range(0x10000):
            character = chr(code)
            if 0xD800 <= code < 0xE000:
                continue
            ours = is_printable(character) and character not in WHITE_SPACE
            self.assertEqual(refused.search(character) is None, ours, f"U+{code:04X}")


if __name__ == "__main__":
    unittest.main()
