"""What the package promises."""
import unittest

from .public_api import FILE, public_api


class PublicApiTest(unittest.TestCase):
    maxDiff = None

    def test_the_public_surface_is_the_one_that_was_approved(self):
        self.assertEqual(
            FILE.read_text("utf-8"), public_api(),
            "if it was meant to change, write it again: tests/public_api.py")
