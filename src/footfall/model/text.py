"""What text may be stored: one visible line, without NUL, lone surrogates and secrets."""

import re
from urllib.parse import unquote

from footfall.model.campaign import CLICK_IDS
from footfall.model.remember import remember

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")  # and bidi overrides
_INVISIBLE = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f)"  # flags of England, Scotland, Wales
    "|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]+"
)
"""Not U+200C and U+200D: Persian, Indian scripts and emoji are written with them."""
_BREAKS = re.compile(r"([\n\r\t])")
_JSON_CONTROL = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00(?:[01][0-9a-f]|7f)|[bf])")

_BREAK = r"%(?:25)*(?:3[BF]|2[236F])"  # one of ;?"#&/, percent-encoded once or more often
_EQUALS = r"%(?:25)*3D"
_PARAMETER = re.compile(
    rf"""(?:^|[?&;#/"]|{_BREAK})((?:(?!{_BREAK}|{_EQUALS})[^=?&;#/"\\\s]){{1,100}})(=|{_EQUALS})""",
    re.IGNORECASE,
)
_VALUE = re.compile(r"""(?:[^&#;"\\\s]|\\.)*""")
_ENCODED_VALUE = re.compile(r"""(?:(?!%(?:25)*(?:3B|2[236]))[^&#;"\\\s]|\\.)*""", re.IGNORECASE)

_SECRET_ENDINGS = (
    *("token", "secret", "password", "passwd", "passphrase", "passcode", "credential"),
    *("credentials", "apikey", "accesskey", "accesskeyid", "accessid", "appkey", "authkey"),
    *("privatekey", "secretkey", "signingkey", "subscriptionkey", "sessionkey", "signature"),
    *("hmac", "jwt", "sessionid", "sessid", "email", "samlresponse", "samlrequest", "oobcode"),
    *("keypairid", "authorization", "verifier", "passwort", "emailaddress", "phonenumber"),
    *("verificationcode", "confirmationcode", "activationcode", "resetcode", "logincode"),
)
_SECRET_NAMES = frozenset(
    (
        *("pwd", "pass", "key", "auth", "session", "sid", "otp", "code", "authcode", "sig", "qak"),
        *("policy", "bearer", "phone", "tel", "ssn", "iban", "card", "cvv", "cvc", "mceid"),
        *("connectsid", "hdnts", "hdnea", "mkttok", "hsenc"),
        *(name.replace("_", "") for name in CLICK_IDS),
    )
)
"""Names of parameters in lower case, with letters and digits only.

`state`, `nonce` and `hash` are not among them: they grant no access and often mean something else.
"""


def is_clean(text: str) -> bool:
    """Whether the text can be stored: it is valid UTF-8 and has no NUL."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(text: str) -> str:
    """The text without invisible characters; control characters, line breaks and bidirectional
    overrides become a space."""
    if text.isprintable():
        return text
    return _CONTROL.sub(" ", _INVISIBLE.sub(r"\1", text))


def clean_lines(text: str) -> str:
    """Like `one_line`, but with line breaks and tabs, as in the values of properties."""
    return "".join(part if part in "\n\r\t" else one_line(part) for part in _BREAKS.split(text))


def clean_json(text: str) -> str:
    """JSON text whose strings are cleaned as by `clean_lines`, without the values of secret
    parameters."""
    text = hide_secrets(one_line(text))
    return _JSON_CONTROL.sub(r"\1 ", text) if "\\" in text else text


def cut(text: str, length: int) -> str:
    """One line without outer space, control characters and secrets, at most `length` characters."""
    return hide_secrets(one_line(text)).strip()[:length].rstrip()


def hide_secrets(text: str) -> str:
    """The text with the values of parameters such as token=, email=, X-Amz-Signature= as ***.

    Works on an address, also where parts of it are percent-encoded once or several times, and on
    JSON text that contains addresses.
    """
    if "=" not in text and "%" not in text:
        return text
    kept, begin = "", 0
    for found in _PARAMETER.finditer(text):
        if found.start() >= begin and is_secret_name(found[1]):
            value = (_VALUE if found[2] == "=" else _ENCODED_VALUE).match(text, found.end())
            kept += f"{text[begin : found.end()]}***"
            begin = value.end() if value else found.end()
    return kept + text[begin:]


@remember(1024)
def is_secret_name(name: str) -> bool:
    """Whether a parameter of this name holds a secret, whatever its case, separators (access_token,
    access-token, accessToken, user[token]) and percent-encoding."""
    while (decoded := unquote(name)) != name:
        name = decoded
    plain = "".join(filter(str.isalnum, name.lower()))
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)
