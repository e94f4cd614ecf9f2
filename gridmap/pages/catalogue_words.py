"""English for the usual names of limits and conditions; what a city named itself stays as it is."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

# As the catalogue is seeded (docs/data.md); listed so that their English is kept.
USUAL = (
    gettext_noop("一般"),
    gettext_noop("堆量较大"),
    gettext_noop("积水结冰"),
    gettext_noop("可当场修复"),
    gettext_noop("不能立即修复"),
    gettext_noop("处置"),
    gettext_noop("责令停工"),
    gettext_noop("立案处罚"),
    gettext_noop("拆除"),
    gettext_noop("清除"),
    gettext_noop("清运"),
    gettext_noop("保洁"),
    gettext_noop("排除"),
    gettext_noop("养护"),
    gettext_noop("修复"),
)


def catalogue_word(name: str) -> str:
    """Return a name of the catalogue in the reader's language, as far as it has an English one."""
    return gettext(name) if name else ""
