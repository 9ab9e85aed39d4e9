"""E-mail addresses, phone numbers and websites as people write them."""

import re
from typing import TYPE_CHECKING

from crmctl.domain.spreadsheets import refuse_rounded
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
# A number as it is dialled at home, and what may stand between the digits of any: a few signs,
# for a text of nothing else would be read to its end from each of them.
_NATIONAL = re.compile(r"[\d\s()./-]+", re.ASCII)
_DIVIDED = r"(?:\(0\)|[\s()./·•\u2010-\u2015-]){0,6}"
# How many digits a number has that is one wherever it stands, and without what is dialled in front.
_SHORTEST, _UNMISTAKABLE = 7, 9
_INTERNATIONAL = re.compile(r"[\s(]*(?:\+|00(?=[\s(./-]*[1-9]))")
_ATOM = r"[a-z0-9_%+'&/=?^{}~$!#*|`-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# An address that needs no closer look: ASCII, with a domain of two labels at least.
_ADDRESS = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?=.{{1,253}}$)(?:{_LABEL}\.)+[a-z][a-z-]*[a-z]"
)
_NAMED = re.compile(r"[^<>]*<\s*(?:mailto:)?([^<>]+?)\s*>", re.IGNORECASE)
_WEBSITE = re.compile(r"([a-z][a-z0-9+.-]*://)?([^\s/?#@]+)([/?#]\S*)?", re.IGNORECASE)
#: What begins each label of a domain that is written in ASCII though it has other letters.
_ENCODED = "xn--"
_SCHEME = re.compile(r"\A[a-z][a-z0-9+.-]*://")
_MAILTO = re.compile(r"mailto:([^?]+)(?:\?.*)?", re.IGNORECASE)

_FREE_MAIL = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr ymail.com hotmail.com
    hotmail.co.uk hotmail.fr outlook.com live.com msn.com icloud.com me.com mac.com aol.com
    gmx.de gmx.net gmx.at gmx.com web.de t-online.de freenet.de mail.com mail.ru yandex.ru
    yandex.com proton.me protonmail.com zoho.com seznam.cz centrum.cz email.cz volny.cz azet.sk
    orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it wp.pl o2.pl onet.pl
    interia.pl qq.com 163.com 126.com sina.com naver.com hanmail.net rediffmail.com comcast.net
    verizon.net att.net bigpond.com btinternet.com telenet.be ziggo.nl
"""
#: Domains of mailboxes that anyone can have; a shared one says nothing.
FREE_MAIL = frozenset(_FREE_MAIL.split())


def country(text: str) -> str:
    """Return the code of the country that `text` is, in capitals."""
    import phonenumbers

    code = text.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise UsageError(f"no country has the code {text!r} (two letters, such as DE)")
    return code


def phone(text: str, country: str | None = None) -> str:
    """Return `text` in E.164, with an extension after it: `+4930123456 x12`.

    A number in international form is read without a `country`; without one, a national number
    stays as it is written. Raises UsageError for a number that cannot be.
    """
    if _E164.fullmatch(refuse_rounded(text)):
        return text
    international = _INTERNATIONAL.match(text)
    if not international and country is None:
        return text
    import phonenumbers

    dialled = f"+{text[international.end() :]}" if international else text
    found = _read(dialled, country)
    if found is None:
        raise _no_phone(text, "" if international else country)
    number = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    if not _E164.fullmatch(number):
        raise _no_phone(text, "" if international else country)
    return f"{number} x{found.extension}" if found.extension else str(number)


def phone_spellings(number: str) -> str | None:
    """Return a regular expression for the ways to write `number`, None if it is none.

    From abroad, at home, and without what is dialled in front; its digits divided in any way.
    """
    bare, _, extension = number.partition(" x")
    parts = _phone_parts(bare)
    if parts is None:
        return None
    code, trunk, national = parts
    digits = _DIVIDED.join(national)
    abroad = rf"(?:\+|00|011){_DIVIDED}{code}{_DIVIDED}(?:0{_DIVIDED})?{digits}"
    if len(national) >= _SHORTEST:
        home = rf"{trunk}{_DIVIDED}" if trunk else ""
        home = f"(?:{home})?" if home and len(national) >= _UNMISTAKABLE else home
        abroad = rf"(?:{abroad}|{code}{_DIVIDED}{digits}|{home}{digits})"
    ending = (
        rf"(?:[\s,;]{{0,6}}(?:x|ext|extension|#)[.:\s]{{0,6}}{re.escape(extension)})?"
        if extension
        else ""
    )
    return rf"(?:\((?=[^()]*\)\W{{0,6}}\d))?{abroad}{ending}"


def phone_digits(number: str) -> str | None:
    """Return the digits of `number` that it has however it is written, None if it is none."""
    parts = _phone_parts(number.partition(" x")[0])
    return parts and parts[2]


def _phone_parts(bare: str) -> tuple[str, str, str] | None:
    """Return the code of its country, what is dialled in front at home, and the rest."""
    if not _E164.fullmatch(bare):
        digits = re.sub(r"\D", "", bare)
        national = digits.lstrip("0")
        is_phone = digits[:1] == "0" or len(digits) >= _UNMISTAKABLE
        if not (_NATIONAL.fullmatch(bare) and is_phone and len(national) >= _SHORTEST):
            return None
        return r"[1-9]\d{0,2}", "0" if digits[0] == "0" else "", national
    import phonenumbers

    found = _read(bare, None)
    if found is None:
        return bare[1], "", bare[2:]
    country = phonenumbers.region_code_for_country_code(found.country_code or 0)
    region = phonenumbers.PhoneMetadata.metadata_for_region(country)
    trunk = (region and region.national_prefix) or ""
    national = phonenumbers.national_significant_number(found)
    return str(found.country_code), trunk, national


def _read(dialled: str, country: str | None) -> "PhoneNumber | None":
    """Return the number that is `dialled`, None where there can be none.

    One that can be is taken, for not all that are in use are known, and some are made up. But a
    zero before it belongs to it only in few countries, and is dialled in front of it in others.
    """
    import phonenumbers

    try:
        found = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        return None
    if found.italian_leading_zero and not phonenumbers.is_valid_number(found):
        found.italian_leading_zero = found.number_of_leading_zeros = None
        return found if phonenumbers.is_valid_number(found) else None
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    return found if phonenumbers.is_possible_number_with_reason(found) == possible else None


def _no_phone(text: str, country: str | None) -> UsageError:
    where = f" in {country}" if country else ""
    return UsageError(f"not a phone number{where}: {text!r} (write it like +49 30 123456)")


def email(text: str) -> str:
    """Return the address that `text` writes, alone or after a name, in lower case."""
    address = text.lower()
    # A domain has two forms; what reads the standards gives the one that people read.
    if _ADDRESS.fullmatch(address) and _ENCODED not in address:
        return address
    if match := _NAMED.fullmatch(text) or _MAILTO.fullmatch(text):
        return email(match[1].strip())
    return _checked(text)


def _checked(text: str) -> str:
    """Return an address that is not of the usual form, as the standards have it."""
    from email_validator import EmailNotValidError, validate_email

    signs = text.count("@")
    if signs > 1 and re.search(r"[\s,;|/]", text):
        raise UsageError(f"more than one e-mail address: {text!r} (keep one)")
    try:
        if signs != 1:
            raise UsageError(f"not an e-mail address: {text!r}")
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        why = str(error).rstrip(".")
        raise UsageError(f"not an e-mail address: {text!r} ({why})") from None
    return found.normalized.lower()


def website(text: str) -> str:
    """Return `text` with its scheme and host in small letters, and without a slash that ends them.

    What names no host stays as it is written.
    """
    match = _WEBSITE.fullmatch(text)
    # A capital of another script may not be one letter in small.
    if not match or not match[2].isascii() or not (match[1] or "." in match[2]):
        return text
    scheme, host, rest = match.groups("")
    return f"{scheme.lower()}{host.lower()}{'' if rest == '/' else rest}"


def host_of(website: str) -> str:
    """Return the host that `website` names, in small letters of its own and without a `www.`."""
    bare = _SCHEME.sub("", website.strip().casefold(), count=1)
    host = re.split(r"[/?#:\s]", bare, maxsplit=1)[0].removeprefix("www.").rstrip(".")
    return _decoded(host) if _ENCODED in host else host


def _decoded(host: str) -> str:
    """Return a host in its own letters, as it is if it cannot be."""
    import idna

    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host


def domain_of(website: str | None, email: str | None) -> str | None:
    """Return the domain of a customer: that of its website, or else of its own mailbox."""
    address = (email or "").strip().casefold()
    own = (host_of(website or ""), address.rpartition("@")[2])
    return next((host for host in own if host and host not in FREE_MAIL), None)
