r"""Numbers of persons, where their form and checksum leave no doubt: bank accounts, payment cards, US social security.

Sources: ISO 13616 and its registry (IBAN), ISO/IEC 7812 (cards: issuers' prefixes, Luhn's checksum).
"""

from __future__ import annotations

import re

from floodscan.redact.tag import tag
from floodscan.regex import regex

_JOINT = r"(?:[ \xa0+-]|%20|%2D)"

# ---------------------------------------------------------------- IBAN

_IBAN = regex(
    r"[A-Z](?:(?<![A-Za-z0-9][A-Z])|(?<=%(?:20|22|27|3A|3D|3a|3d|2C|2c)[A-Z])|(?<=\\[nrt][A-Z]))"
    r"[A-Z]\d{2}(?:(?:[ \xa0+]|%20)?[A-Z0-9]){11,30}"
)
_IBAN_PART = regex(r"(?:[ \xa0+]|%20)?([A-Z0-9])")
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""Characters of a country's accounts; two letters that are no country here begin none."""


def _iban(match: re.Match[str]) -> str:
    length = _IBAN_LENGTHS.get(match[0][:2])
    if length is None:
        return match[0]
    parts = list(_IBAN_PART.finditer(match[0]))
    if len(parts) < length:
        return match[0]
    account, end = "".join(part[1] for part in parts[:length]), parts[length - 1].end()
    following = match[0][end : end + 1] or match.string[match.end() : match.end() + 1]
    if following.isalnum() or following == "_" or not _checks_out(account):
        return match[0]
    return tag("iban", account) + match[0][end:]


def _checks_out(account: str) -> bool:
    """ISO 7064: letters as two digits, the first four characters last, modulo 97."""
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1


# ---------------------------------------------------------------- payment cards

# After `%20` or `\n` a number starts as after a blank. The first digit stands before the look-behind: a search skips to one faster than it looks behind each character.
_CARD = regex(
    rf"[2-6](?:(?<![\w.%+-][2-6])|(?<=%(?:20|22|27|2B|2C|3A|3D|2b|2c|3a|3d)[2-6])|(?<=\\[nrt][2-6]))"
    rf"(?:\d{{12,18}}|(?<!\d[ -][2-6])\d{{3}}({_JOINT})"
    r"(?:\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{6}\1\d{4,5})(?![ -]\d|%20\d))(?!\w|[.-]\w)",
    re.ASCII,
)
_ISSUED = regex(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[0-8]|2[2-7]|35|6[024-9])\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6\d{16,18}"
)
_NAMES_AN_ID = regex(
    r"(?:ids?|time|timestamp|ts|seq|offset|nonce|_at|hash)"
    r"(?:\\*[\"']|%2[27])?\s?(?:[:=/]|%3[AD])\s?(?:\\*[\"']|%2[27])?\Z",
    re.IGNORECASE,
)
_DIGITS = regex(r"%20|%2D|\D")
_RARE = (13, 17, 18, 19)
"""Digits: cards of such lengths are rare and ids are not, so that these count only after a word for a card."""
_NAMES_A_CARD = regex(r"card|\bpan\b|visa|maestro|unionpay|payment", re.IGNORECASE)
_LOOK_BEHIND = 40
_ID_BEHIND = 24
"""Characters before a number within which a name for ids, its quotes and its sign stand."""


def _card(match: re.Match[str]) -> str:
    digits = match[0] if match[0].isdigit() else _DIGITS.sub("", match[0])
    if not _luhn(digits) or not _ISSUED.fullmatch(digits) or digits == digits[0] * len(digits):
        return match[0]
    before = match.string[max(match.start() - _LOOK_BEHIND, 0) : match.start()]
    grouped = len(digits) != len(match[0])
    if not grouped and (
        _NAMES_AN_ID.search(before[-_ID_BEHIND:]) or (len(digits) in _RARE and not _NAMES_A_CARD.search(before))
    ):
        return match[0]
    return tag("card", digits)


_DOUBLED = str.maketrans("0123456789", "0246813579")
"""A digit to the sum of the digits of its double."""


def _luhn(digits: str) -> bool:
    plain, doubled = digits[-1::-2].encode(), digits[-2::-2].translate(_DOUBLED).encode()
    return (sum(plain) + sum(doubled) - ord("0") * len(digits)) % 10 == 0


# ---------------------------------------------------------------- US social security

_SSN = regex(
    rf"(?:(?<![\w%.-])|(?<=%(?:20|22|27|3A|3D|3a|3d))|(?<=\\[nrt]))\d{{3}}({_JOINT})\d{{2}}\1\d{{4}}(?![\w-])"
)
_NAMES_AN_SSN = regex(r"ssn|social", re.IGNORECASE)


def _ssn(match: re.Match[str]) -> str:
    if not _NAMES_AN_SSN.search(match.string, max(match.start() - _LOOK_BEHIND, 0), match.start()):
        return match[0]
    return tag("ssn", _DIGITS.sub("", match[0]))


_TWO_DIGITS = regex(r"\d\d")


def replace_personal(text: str, lower: str) -> str:
    """A tag in place of each such number; `lower` is the lower case of the text it was read from."""
    if "ssn" in lower or "social" in lower:
        text = _SSN.sub(_ssn, text)
    return _CARD.sub(_card, _IBAN.sub(_iban, text)) if _TWO_DIGITS.search(text) else text
