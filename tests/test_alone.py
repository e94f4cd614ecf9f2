"""What a test leaves behind does not reach the next one."""

from django.conf import settings
from django.utils import translation

from tests import conftest


def test_a_page_read_in_english_leaves_the_next_test_its_language() -> None:
    translation.activate("en")
    conftest.pytest_runtest_setup()
    assert translation.get_language() == settings.LANGUAGE_CODE


def test_this_test_began_in_the_language_of_the_house() -> None:
    assert translation.get_language() == settings.LANGUAGE_CODE
