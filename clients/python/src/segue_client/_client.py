"""One request over HTTP, tried again where that cannot do harm."""

from __future__ import annotations

import contextlib
import json
import random
import re
import time
import uuid
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .operations import Operations

#: Too slow, not yet published, not now, or it took too long; 502 is of what stands before the service, 504 can be.
PASSING = {408, 412, 502, 503, 504}
#: In seconds. The first wait before a try is at most this, and doubles with each.
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
#: Who is told to wait for longer is told so by an error.
LONGEST_RETRY_AFTER = 10.0


class SegueProblem(Exception):
    """The service answered that it cannot, or will not: ``status`` is of HTTP, ``code`` of ``segue --json``."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail") or problem.get("title", ""))
        self.status: int = problem["status"]
        #: Such as ``item-not-found``; ``http-502`` where something before the service answered.
        self.code: str = problem["code"]
        self.title: str = problem.get("title", "")
        self.suggestions: list[str] = problem.get("suggestions", [])
        #: Of an ambiguous name the ids that have it, of an unknown one those that are close.
        self.ids: list[str] = problem.get("ids", [])
        #: Where in what was sent it is: a JSON Pointer.
        self.pointer: str | None = problem.get("pointer")
        self.request_id: str | None = problem.get("requestId")


class SnapshotGone(SegueProblem):
    """The snapshot that was asked for is there no more."""


class ServiceUnreachable(Exception):
    """There was no answer, in as many ``tries``; ``__cause__`` has the last failure."""

    def __init__(self, url: str, tries: int, cause: Exception) -> None:
        super().__init__(f"no answer from {url} in {tries} {'try' if tries == 1 else 'tries'}: {cause}")
        self.tries = tries


class SegueClient(Operations):
    """
    A method for each operation of ``segue serve``; several threads may share one.

    ``root`` is its name, where a service has several; ``timeout`` the longest that one try may take to connect, or
    between two bytes, in seconds; ``retries`` how often a request is tried again where there was no answer, or one of
    408, 412, 502, 503 and 504. Proxies are those of the environment.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:7341",
        *,
        token: str | None = None,
        root: str | None = None,
        timeout: float = 10.0,
        retries: int = 3,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"accept": "application/json"}
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"
        self._root = root
        self._timeout = timeout
        self._retries = retries
        self._open = build_opener(_NoRedirects).open

    def _ask(self, method: str, path: str, given: dict[str, Any], body: str = "", with_ids: bool = False) -> Any:
        asked = {_wire(name): value for name, value in given.items() if name != "self" and value is not None}
        entries = asked.pop(body, None)
        # What is no word of the path stays, and is of the query.
        path = re.sub(r"\{(\w+)\}", lambda word: quote(str(asked.pop(word[1])), safe=""), path)
        if self._root is not None:
            path = re.sub("^/v1/", lambda _: f"/v1/{quote(str(self._root), safe='')}/", path)
        query = urlencode({name: _text(value) for name, value in asked.items()}, doseq=True)
        request = Request(f"{self._url}{path}{query and '?'}{query}", method=method, headers=self._headers)
        if entries is not None:
            named = [{_wire(name): value for name, value in entry.items()} for entry in entries]
            if with_ids:
                named = [{**entry, "id": entry.get("id") or uuid.uuid4().hex} for entry in named]
            request.data = json.dumps({body: named}).encode()
            request.add_header("content-type", "application/json")
        return self._send(request)

    def _send(self, request: Request) -> Any:
        """Every request may be repeated: queries change nothing, and what is kept has an id that is kept once."""
        tries = 0
        while True:
            tries += 1
            asked_to_wait = 0.0
            content = b""
            try:
                with self._open(request, timeout=self._timeout) as response:
                    content = response.read()
                    if response.headers.get_content_type() == "application/octet-stream":
                        return content
                    status, reason = response.status, response.reason
                try:
                    return json.loads(content)
                except ValueError:
                    raise _problem_of(status, reason, content) from None
            except HTTPError as error:
                asked_to_wait = _seconds_to_wait(error.headers.get("retry-after"))
                with error, contextlib.suppress(OSError, HTTPException):
                    content = error.read()
                if error.code not in PASSING or tries > self._retries or asked_to_wait > LONGEST_RETRY_AFTER:
                    raise _problem_of(error.code, error.reason, content) from None
            except (OSError, HTTPException) as error:
                if tries > self._retries:
                    raise ServiceUnreachable(request.full_url, tries, error) from error
            # Callers that failed together do not come back together.
            time.sleep(asked_to_wait + random.random() * min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT))


class _NoRedirects(HTTPRedirectHandler):
    """A token is for the service alone, and what is posted is not asked for anew."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _wire(name: str) -> str:
    """max_per_artist → max-per-artist; for_ → for"""
    return name.rstrip("_").replace("_", "-")


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _problem_of(status: int, reason: str, content: bytes) -> SegueProblem:
    words = f"the service did not answer, but something before it: {status} {reason}"
    problem = {"title": "No answer", "status": status, "code": f"http-{status}", "detail": words}
    with contextlib.suppress(ValueError):
        read = json.loads(content)
        if isinstance(read, dict) and isinstance(read.get("code"), str):
            problem = {**read, "status": status}
    return SnapshotGone(problem) if status == 410 else SegueProblem(problem)


def _seconds_to_wait(retry_after: str | None) -> float:
    """Seconds or a date."""
    if retry_after is None:
        return 0.0
    if retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
