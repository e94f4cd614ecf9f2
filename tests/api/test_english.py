"""A refusal in English holds no Chinese, its lists of words included."""

import pytest
from django.test import Client


@pytest.mark.parametrize(
    "address",
    [
        "cells?lng=1&lat=2",
        "incidents?light=green",
        "cells?fields=x,y",
        "cells?bbox=2,1,1,2",
        "cells?as_of=x",
    ],
)
def test_a_refusal_in_english_holds_no_chinese(leader: Client, address: str) -> None:
    answer = leader.get(f"/api/{address}", headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert answer.json()["message"].isascii()
