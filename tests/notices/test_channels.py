"""Robots and webhooks of the settings: what cannot be used stops the start, and is not repeated."""

import pytest

from gridmap.settings import channels

NEEDED = ("name", "url", "secret")


def test_a_list_is_taken_as_it_stands() -> None:
    told = '[{"name": "a", "url": "https://a.example", "secret": "x", "kinds": ["due"]}]'
    assert channels(told, *NEEDED)[0]["kinds"] == ["due"]
    assert channels("[]", *NEEDED) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "7",
        '["s3cret"]',
        '[{"name": "a", "url": "https://s3cret.example"}]',
        '[{"name": "", "url": "https://s3cret.example", "secret": "s3cret"}]',
        '[{"name": "a", "url": "u", "secret": "s3cret"}, {"name": "a", "url": "u", "secret": "x"}]',
    ],
)
def test_anything_else_is_refused_without_its_secrets(wrong: str) -> None:
    with pytest.raises(RuntimeError, match=r"settings\.md") as refusal:
        channels(wrong, *NEEDED)
    assert "s3cret" not in str(refusal.value)
