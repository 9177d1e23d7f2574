"""Filter patterns, by the examples of the CloudWatch Logs User Guide ("Filter pattern syntax")."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.pump.patterns import MISSING, Line, PatternError, Selector, compile_pattern

TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "ThisFlag": True,
    }
)
USERS = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [
            {"id": 2, "email": "John.Doe@example.com"},
            {"id": 3, "email": "Jane.Doe@example.com"},
        ],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    }
)
NUMBERS = json.dumps({
    "latency": 500, "numbers": [1e3], "errorCode": 400, "code": "400",
    "processes": [0, 0, 0, 0, {"averageRuntime": 55.5}],
})  # fmt: skip
BOTH, ERROR, WARN = "ERROR WARN message", "ERROR message", "WARN message"


def matches(pattern: str, message: str) -> bool:
    return compile_pattern(pattern)(Line(message))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "anything"),
        (" ", ""),
        ("ERROR", "[ERROR] A fatal exception has occurred"),
        ("ERROR", "Exiting with ERRORCODE: -1"),
        ('ERROR -"Exiting"', "[ERROR] A fatal exception has occurred"),
        ("ERROR Exception", "[ERROR] Caught IllegalArgumentException"),
        ("ERROR Exception", "[ERROR] Unhandled Exception"),
        ("Failed to process the request", "[WARN] Failed to process the request"),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR"),
        ("ERROR", BOTH),
        ("ERROR", ERROR),
        ("?ERROR ?WARN", BOTH),
        ("?ERROR ?WARN", ERROR),
        ("?ERROR ?WARN", WARN),
        ("ERROR WARN", BOTH),
        ("ERROR -WARN", ERROR),
        ('?"Task timed out" ?"\\"level\\":\\"ERROR\\""', '{"level":"ERROR"}'),
        ('?"Task timed out" ?"\\"level\\":\\"ERROR\\""', "x Task timed out after 3.00 seconds"),
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"),
        ("%^E[RS]+OR%", ERROR),
        ('{ $.eventType = "UpdateTrail" }', TRAIL),
        ("{$.eventType=UpdateTrail}", TRAIL),
        ("{ $.eventType = Update* }", TRAIL),
        ('{ $.eventType = "*Trail" }', TRAIL),
        ("{ $.eventType = *teTr* }", TRAIL),
        ("{ $.eventType = * }", TRAIL),
        ("{ $.eventType = %^Update% }", TRAIL),
        ("{ $.sourceIPAddress != 123.123.* }", TRAIL),
        ('{ $.arrayKey[0] = "value" }', TRAIL),
        ("{ $.objectList[1].id = 2 }", TRAIL),
        ("{ $.SomeObject IS NULL }", TRAIL),
        ("{ $.SomeOtherObject NOT EXISTS }", TRAIL),
        ("{ $.objectList[2] NOT EXISTS }", TRAIL),
        ("{ $.ThisFlag IS TRUE }", TRAIL),
        ("{ $.ThisFlag = true }", TRAIL),
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', USERS),
        ('{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch'
         " && $.actions[2] = nomatch }", USERS),
        ("{ $.latency >= 500 }", NUMBERS),
        ("{ $.latency <= 5e2 }", NUMBERS),
        ("{ $.numbers[0] < 10e3 }", NUMBERS),
        ("{ $.numbers[0] > 10e-3 }", NUMBERS),
        ("{ $.processes[4].averageRuntime <= 55.5 }", NUMBERS),
        ("{ $.errorCode = 400 }", NUMBERS),
        ("{ $.errorCode = 4* }", NUMBERS),
        ("{ $.errorCode != 500 }", NUMBERS),
        ("{ $.latency > -1000 }", NUMBERS),
        ("{ $.code = 400 }", NUMBERS),
        ('{ $.level = "ERROR" || $.level = "CRITICAL" }', '{"level":"CRITICAL"}'),
    ],
)  # fmt: skip
def test_matches(pattern: str, message: str) -> None:
    assert matches(pattern, message)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("error", ERROR),  # case counts
        ('ERROR -"Exiting"', "Exiting with ERRORCODE: -1"),
        ("ERROR Exception", "[ERROR] A fatal error"),
        ("ERROR WARN", ERROR),
        ("ERROR -WARN", BOTH),
        ("?ERROR ?WARN", "INFO message"),
        ('"ERROR 500"', "[ERROR] 500"),
        ("%^AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"),
        ('{ $.eventType = "UpdateTrail" }', "eventType UpdateTrail"),
        ('{ $.eventType = "UpdateTrail" }', '{"eventType": "UpdateTrail"'),
        ('{ $.eventType = "Update" }', TRAIL),
        ("{ $.eventType = Upd*Trail }", TRAIL),  # an asterisk inside stands for itself
        ("{ $.eventType != UpdateTrail }", TRAIL),
        ("{ $.sourceIPAddress != 111.111.* }", TRAIL),
        ("{ $.eventType[0] = UpdateTrail }", TRAIL),
        ("{ $.ThisFlag IS FALSE }", TRAIL),
        ("{ $.ThisFlag IS NULL }", TRAIL),
        ("{ $.SomeOtherObject IS NULL }", TRAIL),
        ("{ $.SomeObject NOT EXISTS }", TRAIL),
        ("{ $.arrayKey != 1 }", TRAIL),  # no value: neither = nor != holds
        ("{ $.arrayKey = 1 }", TRAIL),
        ("{ $.SomeObject != 1 }", TRAIL),
        ("{ $.SomeOtherObject != 1 }", TRAIL),
        ("{ $.SomeOtherObject = * }", TRAIL),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', USERS),
        ('{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch)'
         " && $.actions[2] = nomatch }", USERS),
        ("{ $.latency > 500 }", NUMBERS),
        ("{ $.latency < 500 }", NUMBERS),
        ("{ $.latency > +1000 }", NUMBERS),
        ("{ $.code > 1 }", NUMBERS),  # a string is no number
        ("{ $.errorCode != 400 }", NUMBERS),
        ("{ $.latency = 500 }", "[1]"),
    ],
)  # fmt: skip
def test_does_not_match(pattern: str, message: str) -> None:
    assert not matches(pattern, message)


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, user, ...]", "?ERROR WARN", "?ERROR -WARN", "ERR-OR", '"ERROR', "%[%",
        "{ $.a = 1", "{ }", "{ $.a }", "{ $.a = }", "{ $.a = 1 && }", "{ ($.a = 1 }",
        "{ $.a = 1) }",
        "{ $.a > b }", "{ $.a IS 1 }", "{ $.a EXISTS }", "{ a = 1 }", "{ $ = 1 }", "{ $.a == 1 }",
        "{ $.a = 1 $.b = 2 }", "{ $['a.b'] = 1 }", "{ $.a = %(% }", "{ $.a = ( }",
    ],
)  # fmt: skip
def test_refuses_what_it_does_not_understand(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_selector() -> None:
    document = {"a-b": [{"c": None}]}
    assert Selector("$.a-b[0].c").of(document) is None
    assert Selector("$.a-b[1]").of(document) is MISSING
    assert Selector("$.x.y").of(document) is MISSING
    assert Selector("$.a-b.c").of(document) is MISSING
    with pytest.raises(PatternError):
        Selector("$a")


@dataclass(frozen=True)
class Condition:
    text: str
    holds: bool
    binds: int  # 2 a comparison, 1 an &&, 0 an ||


_LEAVES = st.sampled_from([
    Condition("$.a = 1", holds=True, binds=2),
    Condition("$.a > 1", holds=False, binds=2),
    Condition('$.b != "x y"', holds=False, binds=2),
    Condition("$.c IS FALSE", holds=True, binds=2),
    Condition("$.d NOT EXISTS", holds=True, binds=2),
])  # fmt: skip


def _joined(parts: tuple[Condition, Condition, bool]) -> Condition:
    left, right, both = parts
    sides = [c.text if c.binds > both else f"({c.text})" for c in (left, right)]
    holds = left.holds and right.holds if both else left.holds or right.holds
    return Condition((" && " if both else " || ").join(sides), holds, int(both))


@given(
    st.recursive(
        _LEAVES, lambda inner: st.tuples(inner, inner, st.booleans()).map(_joined), max_leaves=12
    )
)
def test_precedence(condition: Condition) -> None:
    message = json.dumps({"a": 1, "b": "x y", "c": False})
    assert matches(f"{{ {condition.text} }}", message) is condition.holds


@given(st.text())
def test_a_pattern_compiles_or_is_refused(text: str) -> None:
    try:
        compiled = compile_pattern(text)
    except PatternError:
        return
    compiled(Line('{"a": 1}'))


@given(st.text(alphabet='{}$.a1=!<>&|() *"%[]\\', max_size=12))
def test_json_noise_compiles_or_is_refused(text: str) -> None:
    try:
        compiled = compile_pattern(f"{{{text}}}")
    except PatternError:
        return
    compiled(Line('{"a": 1}'))
