"""The client of the service: beside a real one, and where what answers is no service at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from segue_process import REPOSITORY, run_segue, segue_command

from segue_client import SegueClient, SegueProblem, ServiceUnreachable, SnapshotGone
from segue_client.operations import FeedbackEntry


@pytest.fixture(scope="module")
def root(rock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root of its own, since feedback is written."""
    copy = tmp_path_factory.mktemp("served") / "root"
    shutil.copytree(rock, copy, symlinks=True)
    return copy


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[SegueClient]:
    command = segue_command(root, "serve", "--port", "0", "--drain", "0s", "--log-level", "silent")
    with subprocess.Popen(command.words, env=command.environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        serving = json.loads(process.stdout.readline())
        yield SegueClient(serving["url"], token=serving["token"])
        process.terminate()


def test_it_answers_as_the_command_does(client: SegueClient, root: Path) -> None:
    (similar,) = run_segue(root, "similar", "Plush", "-k", "3", "--max-per-artist", "1")
    assert client.similar(item="Plush", k=3, max_per_artist=1)["neighbours"] == similar["neighbours"]
    # A new user, folded in by the service.
    (new,) = run_segue(root, "recommend", "--like", "Plush", "--like", "Dream On", "--explain", "-k", "3")
    folded = client.recommend(like=["Plush", "Dream On"], explain=True, k=3)
    assert folded["recommendations"] == new["recommendations"]
    user = "KGLK/2014-06-16"
    (known,) = run_segue(root, "recommend", user, "-k", "2", "--include-heard")
    assert client.recommend_to_user(user, k=2, include_heard=True)["recommendations"] == known["recommendations"]
    many = client.recommend_many([{"like": ["Plush"], "max_per_artist": 1, "k": 2}, {"user": "nobody", "strict": True}])
    first, second = many["answers"]
    assert "problem" not in first and [each["rank"] for each in first["recommendations"]] == [1, 2]
    assert "problem" in second and second["problem"]["code"] == "user-not-found"


def test_what_it_keeps_is_in_force(client: SegueClient, root: Path) -> None:
    best = [each["id"] for each in client.similar(item="Plush", k=2)["neighbours"]]
    client.feedback([{"user": "ada", "item": "Plush", "type": "like"}])
    kept = client.events([{"user": "ada", "item": best[0]}, {"user": "ada"}])["events"]
    assert "refused" not in kept[0] and kept[0]["leftOut"] is None
    assert "refused" in kept[1] and kept[1]["pointer"].startswith("/events/1")
    suggested = client.recommend_to_user("ada", k=3)["recommendations"]
    assert best[0] not in [each["id"] for each in suggested]
    vector = client.listener_vector("ada")
    assert len(vector["vector"]) == vector["dim"] > 0
    ban: FeedbackEntry = {"user": "ada", "item": suggested[0]["id"], "type": "ban", "id": "a/1"}
    client.feedback([{**ban, "answered_by": vector["snapshot"], "answered_rank": 1}])
    assert suggested[0]["id"] not in [each["id"] for each in client.recommend_to_user("ada")["recommendations"]]
    client.undo_feedback("a/1")
    (listed,) = run_segue(root, "feedback", "list", "ada")
    assert {entry["type"] for entry in listed["entries"]} >= {"like", "play"}


def test_what_is_refused_says_why(client: SegueClient) -> None:
    with pytest.raises(SegueProblem, match="no item is called") as refused:
        client.similar(item="Plish")
    assert (refused.value.status, refused.value.code) == (404, "item-not-found")
    assert refused.value.suggestions and refused.value.request_id
    with pytest.raises(SegueProblem) as refused:
        SegueClient(client._url).feedback([{"user": "ada", "item": "Plush", "type": "like"}])
    assert refused.value.code == "no-token"
    with pytest.raises(SnapshotGone):
        client.items(snapshot="0123456789abcdef")
    assert client.map_items(rows="0,1")["items"][1]["row"] == 1


Answer = tuple[int, dict[str, str], bytes]


class Fake:
    """A service that gives these answers in turn, the last one from then on; None breaks off."""

    def __init__(self, *answers: Answer | None) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                fake.requests.append((self.command, self.path, json.loads(body or b"null")))
                answer = answers[min(len(fake.requests), len(answers)) - 1]
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response(status)
                for name, value in {"content-length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Fake:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


FOUND: Answer = (200, {"content-type": "application/json"}, b'{"status": "ok"}')


def refused(status: int, **headers: str) -> Answer:
    problem = {"status": status, "code": "bad-usage", "detail": "no"}
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(problem).encode()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for, in seconds, which nobody does."""
    waited: list[float] = []
    monkeypatch.setattr("segue_client._client.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("answer", [None, *(refused(status) for status in (408, 412, 502, 503, 504))])
def test_it_tries_again(answer: Answer | None, waits: list[float]) -> None:
    with Fake(answer, answer, FOUND) as fake:
        assert SegueClient(fake.url).health() == {"status": "ok"}
    assert len(fake.requests) == 3
    assert 0 <= waits[0] < 0.1 and 0 <= waits[1] < 0.2


@pytest.mark.parametrize("status", [302, 400, 401, 404, 409, 410, 413, 422, 500, 507])
def test_it_does_not_where_that_cannot_help(status: int, waits: list[float]) -> None:
    with Fake(refused(status, location="/elsewhere"), FOUND) as fake, pytest.raises(SegueProblem) as raised:
        SegueClient(fake.url, token="secret").health()
    assert (raised.value.status, raised.value.code) == (status, "bad-usage")
    assert isinstance(raised.value, SnapshotGone) == (status == 410)
    assert (len(fake.requests), waits) == (1, [])


def test_it_waits_as_long_as_it_is_told(waits: list[float]) -> None:
    with Fake(refused(503, retry_after="3"), refused(503, retry_after="11")) as fake:
        with pytest.raises(SegueProblem):
            SegueClient(fake.url).health()
        assert len(waits) == 1 and 3 <= waits[0] < 3.1
    with Fake(refused(503, retry_after="Thu, 01 Jan 1970 00:00:05 GMT"), FOUND) as fake:
        SegueClient(fake.url).health()
        assert waits[1] < 0.1


def test_what_is_kept_keeps_its_id_from_try_to_try(waits: list[float]) -> None:
    with Fake(None, FOUND) as fake:
        SegueClient(fake.url, root="a b").feedback(
            [{"user": "u", "item": "i", "type": "like"}, {"user": "u", "item": "i", "type": "ban", "id": "mine"}]
        )
    assert fake.requests[0] == fake.requests[1]
    _, path, body = fake.requests[0]
    assert path == "/v1/a%20b/feedback"
    assert len(body["feedback"][0]["id"]) == 32
    assert body["feedback"][1]["id"] == "mine"


def test_words_of_a_query(waits: list[float]) -> None:
    with Fake(FOUND) as fake:
        client = SegueClient(f"{fake.url}/")
        client.similar(item=["x", "y&z"], for_="a/ü", exact=True, min_events=0)
        client.item("a/ü")
    paths = [path for _, path, _ in fake.requests]
    assert paths == ["/v1/similar?item=x&item=y%26z&exact=true&min-events=0&for=a%2F%C3%BC", "/v1/items/a%2F%C3%BC"]


def test_what_is_not_there(waits: list[float]) -> None:
    with pytest.raises(ServiceUnreachable, match=r"no answer from http://127\.0\.0\.1:9/healthz in 2 tries"):
        SegueClient("http://127.0.0.1:9", retries=1).health()
    for status in (200, 404):
        page = (status, {"content-type": "text/html"}, b"<html>")
        with Fake(page) as fake, pytest.raises(SegueProblem, match="something before it") as raised:
            SegueClient(fake.url).health()
        assert raised.value.code == f"http-{status}"


def test_it_needs_nothing_but_the_standard_library() -> None:
    program = f"import sys; sys.path.insert(0, {str(REPOSITORY / 'clients/python/src')!r}); import segue_client"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)
