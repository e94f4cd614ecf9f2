"""Why a message did not arrive, in words; what couriers and rounds keep is short."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# What the tries keep, by its beginning or as a whole; ``%(code)s`` is the number in it.
WORDS: tuple[tuple[str, str], ...] = (
    (r"HTTP 40[13]", gettext_noop("对方不让进：密钥或权限不对（HTTP %(code)s）")),
    (r"HTTP (404|410)", gettext_noop("对方没有这个地址（HTTP %(code)s）")),
    (r"HTTP 429", gettext_noop("对方嫌发得太勤（HTTP %(code)s）")),
    (r"HTTP 3\d\d", gettext_noop("对方要我们改发别处，没有照办（HTTP %(code)s）")),
    (r"HTTP 5\d\d", gettext_noop("对方的服务器出了故障（HTTP %(code)s）")),
    (r"HTTP \d+", gettext_noop("对方没有收下（HTTP %(code)s）")),
    (r"errcode 45009", gettext_noop("对方嫌发得太勤（errcode %(code)s）")),
    (r"errcode 93\d\d\d", gettext_noop("机器人的密钥无效，或已被移出群（errcode %(code)s）")),
    (r"errcode -?\d+", gettext_noop("机器人没有收下（errcode %(code)s）")),
    (r"no answer of a robot", gettext_noop("机器人的回答看不懂，不知收到没有")),
    (r"ConnectTimeout", gettext_noop("连不上对方：一直没有应答")),
    (r"ReadTimeout", gettext_noop("对方接了消息，一直没有回答")),
    (r"ProxyError", gettext_noop("出不去：代理没有应答")),
    (r"SSLError", gettext_noop("对方的证书不可信")),
    (
        r"(Connection\w*|Chunked\w+|Timeout|gai)[Ee]rror",
        gettext_noop("连不上对方，或连接断了"),
    ),
    (r"its name is not known", gettext_noop("查不到对方的网址")),
    (r"its name leads inside", gettext_noop("网址指向内网，而设置里没有说它在内网")),
    (r"not https", gettext_noop("网址不是 https，不能发到外面")),
    (r"no longer in the settings", gettext_noop("这个渠道已不在系统设置里")),
    (r"no mail address", gettext_noop("账号没有邮箱，或已停用")),
    (r"refused \d+", gettext_noop("对方的邮件服务器不收这个邮箱（%(code)s）")),
    (r"SMTP|OSError", gettext_noop("邮件服务器没有收下")),
    (r"the worker died", gettext_noop("发送时程序中断，不知是否送达")),
)


def in_words(trouble: str) -> str:
    """Return what came of a try in the reader's language; empty where all is well."""
    if not trouble:
        return ""
    code = re.search(r"-?\d+", trouble)
    told = {"code": code[0] if code else ""}
    for pattern, word in WORDS:
        if re.match(pattern, trouble):
            return _(word) % told
    return _("发送时出了别的故障（%(fault)s）") % {"fault": trouble}
