"""Under which key what is known of a recipient is kept.

No table but that of the messages, whose items expire, holds an address or a phone number. Whoever
has the address finds its key; from a key nobody reads an address, though addresses that one
suspects can be tried. A salt would not change that for those who may read it, and its loss would
lose the suppression list, which must last.
"""

import hashlib

_HASH = "sha256:"
# Dots mean nothing to it: what goes to a.da@ arrives at ada@.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


def recipient_key(address: str) -> str:
    """The key of an e-mail address, or of a phone number in E.164 (`+4915112345678`).

    Case makes no difference: RFC 5321 would let a server tell `Ada@` from `ada@`, and none does.
    An address comes in ASCII, its domain in punycode, as messages keep it.
    """
    return _HASH + hashlib.sha256(_normal(address).encode()).hexdigest()


def limit_key(address: str) -> str:
    """The key under which what a mailbox gets is counted: `ada+1@` and `ada+2@` are one mailbox to
    a limit, or it would not be one. For suppression they are two: what bounces for `ada+x@` says
    nothing about `ada@`, and anybody may have typed it.
    """
    local, at, domain = _normal(address).rpartition("@")
    if not at:
        return recipient_key(address)
    mailbox = local.partition("+")[0] or local
    if domain in _DOTLESS:
        mailbox = mailbox.replace(".", "")
        domain = "gmail.com"
    return recipient_key(f"{mailbox}@{domain}")


def _normal(address: str) -> str:
    return address.strip().lower().removesuffix(".")
