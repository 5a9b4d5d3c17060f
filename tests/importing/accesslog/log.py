"""Access logs for tests: made ones, and a slow, plain way to judge a real one's lines."""

import random
from datetime import UTC, datetime
from pathlib import Path

REAL = Path(__file__).parents[4] / "shared" / "data" / "semicomplete-2015-05.access.log"

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"
    " Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
)
_REQUESTS = (
    "GET / HTTP/1.1",
    "GET /pricing?ref=a HTTP/1.1",
    "GET /a.css HTTP/1.1",
    "GET /blog HTTP/1.1",
    "POST /login HTTP/1.1",
    "\\x16\\x03",
)
_BEGIN_S = 1_751_320_000  # 2025-06-30T21:46:40Z: the log runs over two midnights


def made_log(lines: int, seed: int = 1) -> bytes:
    """Lines of some dozens of visitors, slightly out of order, of every kind."""
    source = random.Random(seed)
    made = []
    for number in range(lines):
        at = _BEGIN_S + number * 60 + source.randint(-600, 600)
        time = datetime.fromtimestamp(at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        request = source.choice(_REQUESTS)
        status = 400 if request[0] == "\\" else source.choice((200, 200, 200, 304, 404))
        address = f"203.0.113.{source.randint(1, 40)}"
        made.append(
            f'{address} - - [{time}] "{request}" {status} 5 "-" "{source.choice(AGENTS)}"'
            if source.random() > 0.02
            else "not a line"
        )
    return "\n".join(made).encode() + b"\n"


def judge_plainly(line: str) -> str:
    """`page` or the reason, read off one combined line without the product's code."""
    before, _, rest = line.partition('] "')
    if "[" not in before or not rest:
        return "invalid"
    request, _, rest = rest.partition('" ')
    status = int(rest.split(" ")[0])
    method, target = request.split(" ")[:2]
    if method != "GET":
        return "not_get"
    if not (200 <= status < 300 or status == 304):
        return "error_status"
    path, _, query = target.partition("?")
    end = path.rstrip("/").split("/")[-1].lower()
    files = (".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".ttf", ".woff")
    files += (".xml", ".xsl", ".txt", ".pdf", ".doc", ".gz", ".jar", ".exe", ".deb", ".swf")
    files += (".gem", ".pcap", ".pyc")
    is_feed = end in ("feed", "rss") or "flav=rss" in query or "flav=atom" in query
    return "asset" if end.endswith(files) or is_feed else "page"
