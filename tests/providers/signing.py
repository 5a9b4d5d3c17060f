"""Signs webhooks as the providers do, independently of what checks them."""

import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha256

NOW_MS = 1_800_000_000_000
STRIPE_SECRET = "whsec_K3b8Jt0Qm5Yx2Rz7Vn4Lp9Sd6Fg1Hw"
POLAR_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
Sign = Callable[[bytes, str, int], dict[str, str]]


def encode(payload: object) -> bytes:
    return json.dumps(payload, indent=2, ensure_ascii=False).encode()


def sign_timestamped(name: str) -> Sign:
    def sign(body: bytes, secret: str, now_ms: int) -> dict[str, str]:
        at = str(now_ms // 1000)
        mac = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
        return {name: f"t={at},v1={mac}"}

    return sign


def sign_standard(body: bytes, secret: str, now_ms: int) -> dict[str, str]:
    at = str(now_ms // 1000)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"msg_1.{at}.".encode() + body, sha256).digest()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def sign_body(body: bytes, secret: str, now_ms: int) -> dict[str, str]:
    del now_ms
    return {"x-signature": hmac.new(secret.encode(), body, sha256).hexdigest()}


SIGN: dict[str, Sign] = {
    "stripe": sign_timestamped("stripe-signature"),
    "generic": sign_timestamped("footfall-signature"),
    "polar": sign_standard,
    "lemonsqueezy": sign_body,
}
SECRETS = {
    "stripe": STRIPE_SECRET,
    "generic": "fs_3Yb7Tq",
    "polar": POLAR_SECRET,
    "lemonsqueezy": "s3cret-of-the-store",
}
