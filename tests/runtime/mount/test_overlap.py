"""Rules that can match one path; a wrong "no" would hide a legacy endpoint, a wrong "yes" costs time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from migrator.runtime.mount.overlap import may_overlap


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("/", "/", True),
        ("/", "/a", False),
        ("/a", "/a/", True),
        ("/a/b", "/a/c", False),
        ("/a/<x>", "/a/b", True),
        ("/a/<int:x>", "/a/<slug>", True),
        ("/a/<int:x>/lines", "/a/<int:x>", False),
        ("/a/<int:x>/lines", "/a/<int:y>/files", False),
        ("/a/<int:x>", "/a/new", False),
        ("/a/<int:x>", "/a/7", True),
        ("/a/<int:x>", "/a/-7", True),
        ("/a/<int:x>-<int:y>", "/a/x", True),
        ("/a/<path:p>", "/a/b/c/d", True),
        ("/a/b/c", "/a/b/c/<path:p>", True),
        ("/b/<path:p>", "/a/b", False),
        ("/a/<x>.<y>", "/a/b", True),
        ("/a/<any(b, c):x>", "/a/b/c", True),
        ("/a/<own:x>", "/a/b/c", True),
        ("/<x>/b", "/a/<y>", True),
    ],
)
def test_examples(first: str, second: str, expected: bool) -> None:
    assert may_overlap(first, second) is expected
    assert may_overlap(second, first) is expected


_rules = st.lists(
    st.sampled_from(["a", "b", "<int:{}>", "<{}>", "x<{}>", "<path:{}>", "1"]), max_size=4
).map(lambda parts: "/" + "/".join(part.format(f"p{n}") for n, part in enumerate(parts)))
_paths = st.lists(st.sampled_from(["a", "b", "1", "xa", "22"]), max_size=4).map("/".join)


@given(_rules, _rules, _paths, st.booleans())
def test_a_path_that_both_match_is_never_denied(
    first: str, second: str, path: str, slash: bool
) -> None:
    def matches(rule: str) -> bool:
        urls = Map([Rule(rule, endpoint="x")]).bind("localhost")
        try:
            urls.match(f"/{path}{'/' if slash and path else ''}")
        except HTTPException:
            return False
        return True

    if matches(first) and matches(second):
        assert may_overlap(first, second)
