"""What ``segue serve`` answers, and a method for each operation. Made by scripts/make-openapi.mjs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, final


class _SimilarNeeded(TypedDict):
    snapshot: str
    query: list[dict[str, Any]]
    minus: list[dict[str, Any]]
    neighbours: list[dict[str, Any]]
    search: SimilarSearch1 | SimilarSearch2


_SimilarRest = TypedDict(
    "_SimilarRest",
    {
        "for": "str",
        "unknownUser": "UnknownUser",
        "kind": "Literal['artist', 'album']",
        "tooFewEvents": "TooFewEvents",
        "filtered": "Filtered",
        "weights": "list[float]",
        "vector": "VectorOwner",
    },
    total=False,
)


@final
class Similar(_SimilarNeeded, _SimilarRest):
    """What has these keys."""


@final
class UnknownUser(TypedDict):
    """In the answer for such a user."""

    recipe: str | None
    closest: list[str]


@final
class TooFewEvents(TypedDict):
    """What would stand in an answer, or above the last of it, and has too few events."""

    minEvents: int
    leftOut: int


@final
class Filtered(TypedDict):
    """How many items were left to choose from, before seen items are left out."""

    where: str | None
    allowed: int
    of: int


@final
class VectorOwner(TypedDict):
    """Whose vector a file holds, as answers say it."""

    user: str | None
    basis: str


@final
class SimilarSearch1(TypedDict):
    method: Literal["exact"]


class _SimilarSearch2Needed(TypedDict):
    method: Literal["ivf"]
    probes: int
    recallAt10: float


@final
class SimilarSearch2(_SimilarSearch2Needed, total=False):
    recallInterval: list[float]
    recallAt100: float


@final
class SimilarQuestion(TypedDict, total=False):
    item: Sequence[str]
    minus: Sequence[str]
    weights: Sequence[float]
    k: int
    kind: str
    exact: bool
    min_events: int
    max_per_artist: int
    where: str
    exclude: Sequence[str]
    skip_unknown: bool
    for_: str
    include_heard: bool
    feedback: bool
    skip_weight: float
    strict: bool


@final
class SimilarManyAnswer(TypedDict):
    answers: list[Similar | SimilarManyAnswerAnswers]


@final
class SimilarManyAnswerAnswers(TypedDict):
    problem: Problem


class _ProblemNeeded(TypedDict):
    type: str
    title: str
    status: int
    detail: str
    code: str
    suggestions: list[str]


@final
class Problem(_ProblemNeeded, total=False):
    ids: list[str]
    requestId: str
    pointer: str


@final
class Listener(TypedDict):
    snapshot: str
    user: str
    events: int
    items: int
    firstAt: str | None
    lastAt: str | None
    contributions: Contributions | None
    nearest: ListenerNearest | None
    taste: Taste | None
    recent: RecentTaste | None
    moved: MovedTaste | None
    banned: list[dict[str, Any]]
    disliked: list[dict[str, Any]]


class _ContributionsNeeded(TypedDict):
    recommendations: int
    items: list[dict[str, Any]]


@final
class Contributions(_ContributionsNeeded, total=False):
    artists: list[dict[str, Any]]
    albums: list[dict[str, Any]]


@final
class ListenerNearest(TypedDict):
    items: list[dict[str, Any]]
    users: list[NearUser]


@final
class NearUser(TypedDict):
    rank: int
    id: str
    similarity: float


class _TasteNeeded(TypedDict):
    mainstream: Placed
    items: Placed
    comparedUsers: int


@final
class Taste(_TasteNeeded, total=False):
    artists: Placed


@final
class Placed(TypedDict):
    """A number, and the share of the users compared with that have a lower one (half of those with the same), 0..1."""

    value: float
    percentile: float


class _RecentTasteNeeded(TypedDict):
    halfLifeMs: float
    asOf: str
    similarity: float
    items: Shifts


@final
class RecentTaste(_RecentTasteNeeded, total=False):
    artists: Shifts


@final
class Shifts(TypedDict):
    gaining: list[dict[str, Any]]
    losing: list[dict[str, Any]]


@final
class MovedTaste(TypedDict):
    since: str
    nearest: Overlap | None
    recommendations: MovedTasteRecommendations


@final
class Overlap(TypedDict):
    """Of two lists of the first 20 items, those that both have."""

    same: int
    of: int


@final
class MovedTasteRecommendations(TypedDict):
    """Of their recommendations."""

    same: int
    of: int
    entered: list[dict[str, Any]]
    left: list[dict[str, Any]]


class _ListenerQuestionNeeded(TypedDict):
    user: str


@final
class ListenerQuestion(_ListenerQuestionNeeded, total=False):
    k: int
    half_life: str
    feedback: bool
    skip_weight: float


@final
class ListenerManyAnswer(TypedDict):
    answers: list[Listener | ListenerManyAnswerAnswers]


@final
class ListenerManyAnswerAnswers(TypedDict):
    problem: Problem


@final
class Users(TypedDict):
    snapshot: str
    prefix: str | None
    matching: int
    of: int
    users: list[ListedUser]


@final
class ListedUser(TypedDict):
    rank: int
    id: str
    events: int


class _AudienceNeeded(TypedDict):
    snapshot: str
    item: dict[str, Any]
    of: int
    leftOut: int
    listeners: list[ListenerOfItem]


@final
class Audience(_AudienceNeeded, total=False):
    tooFewEvents: TooFewEvents


class _ListenerOfItemNeeded(TypedDict):
    rank: int
    id: str
    score: float


@final
class ListenerOfItem(_ListenerOfItemNeeded, total=False):
    events: int


class _AudienceQuestionNeeded(TypedDict):
    item: str


@final
class AudienceQuestion(_AudienceQuestionNeeded, total=False):
    k: int
    min_events: int
    include_heard: bool


@final
class AudienceManyAnswer(TypedDict):
    answers: list[Audience | AudienceManyAnswerAnswers]


@final
class AudienceManyAnswerAnswers(TypedDict):
    problem: Problem


@final
class Item(TypedDict):
    snapshot: str
    kind: Literal["item", "artist", "album"]
    item: dict[str, Any]
    events: int
    place: int
    of: int
    ranked: bool


@final
class ItemQuestion(TypedDict):
    item: str


@final
class ItemManyAnswer(TypedDict):
    answers: list[Item | ItemManyAnswerAnswers]


@final
class ItemManyAnswerAnswers(TypedDict):
    problem: Problem


@final
class Items(TypedDict):
    snapshot: str
    kind: Literal["item", "artist", "album"]
    words: str | None
    where: str | None
    of: int
    items: list[dict[str, Any]]


class _RecipeAnswerNeeded(TypedDict):
    snapshot: str
    user: str | None
    recipe: str
    asOf: str | None
    recommendations: list[dict[str, Any]]


@final
class RecipeAnswer(_RecipeAnswerNeeded, total=False):
    page: int
    leftOut: list[ColumnPart]
    unknownUser: UnknownUser
    rows: list[RecipeRow]
    passedOver: list[PassedOverItem]


@final
class ColumnPart(TypedDict):
    """A key of a recipe that reads a column of the catalogue."""

    key: str
    column: str


@final
class RecipeRow(TypedDict):
    title: str
    madeFrom: list[dict[str, Any]]


class _PassedOverItemNeeded(TypedDict):
    id: str
    name: str
    score: float
    byScore: int
    because: PassedOverItemBecause1 | PassedOverItemBecause2


@final
class PassedOverItem(_PassedOverItemNeeded, total=False):
    row: int


@final
class PassedOverItemBecause1(TypedDict):
    key: str
    value: str


@final
class PassedOverItemBecause2(TypedDict):
    key: Literal["mmr"]
    nearest: NamedItem
    similarity: float


@final
class NamedItem(TypedDict):
    id: str
    name: str


class _RecommendationsNeeded(TypedDict):
    snapshot: str
    user: str | None
    recommendations: list[dict[str, Any]]


@final
class Recommendations(_RecommendationsNeeded, total=False):
    filtered: Filtered
    kind: Literal["artist", "album"]
    vector: VectorOwner
    unknownUser: UnknownUser
    fallback: Literal["popularity"]
    scoredBy: Literal["popularity", "own-items"]
    baseline: float
    whyNot: list[RecommendationsWhyNot]


class _RecommendationsWhyNotNeeded(TypedDict):
    id: str
    name: str
    reason: RecommendationsWhyNotReason
    reasons: list[RecommendationsWhyNotReasons]
    flags: list[Literal["--exclude", "--where", "--only", "--exclude-from"]]
    plays: int
    lastAt: str | None
    rank: int | None
    of: int
    score: float | None
    kthScore: float | None


@final
class RecommendationsWhyNot(_RecommendationsWhyNotNeeded, total=False):
    knownBy: list[ColumnReason]
    because: list[Reason]
    rest: RecommendationsWhyNotRest


RecommendationsWhyNotReason = Literal[
    "hidden",
    "heard",
    "liked",
    "disliked",
    "no-vector",
    "banned",
    "excluded",
    "filtered",
    "capped",
    "outranked",
    "recommended",
]


RecommendationsWhyNotReasons = Literal[
    "hidden",
    "heard",
    "liked",
    "disliked",
    "no-vector",
    "banned",
    "excluded",
    "filtered",
    "capped",
    "outranked",
    "recommended",
]


@final
class ColumnReason(TypedDict):
    """A value of an item's columns, and what its vector adds to the score."""

    column: str
    value: str
    contribution: float
    share: float | None


class _ReasonNeeded(TypedDict):
    id: str
    name: str
    contribution: float
    share: float | None
    opinion: Literal["heard", "liked", "disliked"]
    plays: int
    lastAt: str | None


@final
class Reason(_ReasonNeeded, total=False):
    """One of their items, and what it adds to a score."""

    member: str


@final
class RecommendationsWhyNotRest(TypedDict):
    """All others together: with them, and the baseline of a blend, the contributions add up to the score."""

    items: int
    contribution: float
    share: float | None


@final
class RecommendQuestion(TypedDict, total=False):
    user: str
    recipe: str
    like: Sequence[str]
    dislike: Sequence[str]
    feedback: bool
    skip_weight: float
    seed_item: Sequence[str]
    shown: Sequence[str]
    page: int
    as_of: str
    include_heard: bool
    explain: bool
    k: int
    where: str
    exclude: Sequence[str]
    skip_unknown: bool
    strict: bool
    kind: str
    max_per_artist: int
    reasons: int
    why_not: Sequence[str]


@final
class RecommendManyAnswer(TypedDict):
    answers: list[RecipeAnswer | Recommendations | RecommendManyAnswerAnswers]


@final
class RecommendManyAnswerAnswers(TypedDict):
    problem: Problem


@final
class ListenerVector(TypedDict):
    snapshot: str
    basis: str
    user: str | None
    dim: int
    events: int
    vector: list[float]
    converged: bool


@final
class MapAnswer(TypedDict):
    phase: str
    done: int
    total: int


@final
class MapItemsAnswer(TypedDict):
    snapshot: str
    items: list[MapItemsAnswerItems]


@final
class MapItemsAnswerItems(TypedDict):
    row: int
    id: str
    name: str


@final
class RecipesAnswer(TypedDict):
    recipes: list[RecipesAnswerRecipes]


_RecipesAnswerRecipesNeeded = TypedDict(
    "_RecipesAnswerRecipesNeeded",
    {
        "name": "str",
        "about": "str",
        "from": "Literal['own', 'segue']",
    },
)


@final
class RecipesAnswerRecipes(_RecipesAnswerRecipesNeeded):
    """What has these keys."""


class _FeedbackEntryNeeded(TypedDict):
    user: str
    item: str
    type: Literal["play", "like", "dislike", "skip", "ban", "unban"]


@final
class FeedbackEntry(_FeedbackEntryNeeded, total=False):
    scope: Literal["item", "artist", "album"]
    weight: str | float
    time: str | float
    source: str
    id: str
    answered_by: str
    answered_recipe: str
    answered_rank: int


@final
class FeedbackAnswer(TypedDict):
    ledger: str
    entries: list[FeedbackAnswerEntries]


@final
class FeedbackAnswerEntries(TypedDict):
    id: str
    seq: int | None
    leftOut: Literal["repeated", "forgotten"] | None


class _EventsAnswerNeeded(TypedDict):
    ledger: str
    events: list[EventsAnswerEvents1 | EventsAnswerEvents2]


@final
class EventsAnswer(_EventsAnswerNeeded, total=False):
    format: str


@final
class EventsAnswerEvents1(TypedDict):
    id: str
    seq: int | None
    leftOut: Literal["repeated", "forgotten"] | None


@final
class EventsAnswerEvents2(TypedDict):
    refused: str
    index: int
    pointer: str


@final
class HideItemAnswer(TypedDict):
    item: str
    hidden: bool


@final
class UnhideItemAnswer(TypedDict):
    item: str
    hidden: bool


@final
class FeedbackUndo(TypedDict):
    ledger: str
    undone: ShownEntry
    holds: ShownEntry | None


class _ShownEntryNeeded(TypedDict):
    seq: int
    id: str
    user: str
    item: str | None
    type: Literal["play", "like", "dislike", "skip", "ban", "unban", "undo"]
    scope: Literal["item", "artist", "album"]
    weight: float
    at: str


@final
class ShownEntry(_ShownEntryNeeded, total=False):
    """An entry of the ledger as answers show it."""

    name: str
    source: str
    answer: Attribution
    undoes: str


class _AttributionNeeded(TypedDict):
    snapshot: str


@final
class Attribution(_AttributionNeeded, total=False):
    """The answer that made a user act, so that its effect can be measured."""

    recipe: str
    rank: int


@final
class FeedbackForget(TypedDict):
    ledger: str | None
    user: str
    entries: int
    deleted: bool
    forgottenAt: str
    snapshots: list[HoldingSnapshot]
    unreadable: list[str]


@final
class HoldingSnapshot(TypedDict):
    """A snapshot with the history of a user."""

    id: str
    isCurrent: bool


@final
class HealthAnswer(TypedDict):
    status: str


@final
class ReadyAnswer(TypedDict):
    status: str
    problems: list[str]


@final
class ServedAnswer(TypedDict):
    version: str
    roots: list[ServedAnswerRoots]


@final
class ServedAnswerRoots(TypedDict):
    name: str | None
    snapshot: str
    epoch: int | None


@final
class Snapshots(TypedDict):
    at: str
    current: str | None
    previous: str | None
    latest: str | None
    snapshots: list[ListedSnapshot]
    total: SnapshotsTotal
    problems: list[SnapshotProblem]


class _ListedSnapshotNeeded(TypedDict):
    snapshot: str
    current: bool
    previous: bool
    latest: bool
    tags: list[str]
    madeAt: str | None
    basis: str | None
    parent: str | None
    model: str | None
    dim: int | None
    parts: list[Literal["model", "users", "index"]]
    items: int | None
    users: int | None
    metrics: dict[str, Any]
    recallAt10: float | None
    bytes: DiskUse
    damage: SnapshotProblem | None


@final
class ListedSnapshot(_ListedSnapshotNeeded, total=False):
    members: list[Member]


@final
class DiskUse(TypedDict):
    own: int
    shared: int


@final
class SnapshotProblem(TypedDict):
    code: str
    message: str


_MemberNeeded = TypedDict(
    "_MemberNeeded",
    {
        "as": "str",
        "snapshot": "str",
    },
)


@final
class Member(_MemberNeeded):
    """What has these keys."""


@final
class SnapshotsTotal(TypedDict):
    """Of all there are, shared files counted once."""

    snapshots: SnapshotsTotalSnapshots
    trash: SnapshotsTotalTrash
    drafts: SnapshotsTotalDrafts


@final
class SnapshotsTotalSnapshots(TypedDict):
    count: int
    bytes: int


@final
class SnapshotsTotalTrash(TypedDict):
    count: int
    bytes: int


@final
class SnapshotsTotalDrafts(TypedDict):
    count: int
    bytes: int


class Operations(ABC):
    """Every operation of a service. What is None is not sent."""

    @abstractmethod
    def _ask(self, method: str, path: str, given: dict[str, Any], body: str = "", with_ids: bool = False) -> Any: ...

    def audience(
        self,
        item: str,
        *,
        k: int | None = None,
        min_events: int | None = None,
        include_heard: bool | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> Audience:
        """The listeners whom an item, artist or album suits best."""
        answer: Audience = self._ask("GET", "/v1/audience", locals())
        return answer

    def audience_many(
        self,
        queries: Sequence[AudienceQuestion],
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> AudienceManyAnswer:
        """The listeners whom an item, artist or album suits best: many questions of one snapshot."""
        answer: AudienceManyAnswer = self._ask("POST", "/v1/audience", locals(), "queries")
        return answer

    def events(
        self,
        events: Sequence[Mapping[str, Any]],
        *,
        columns: str | None = None,
        filter: str | None = None,
        types: str | None = None,
        format: str | None = None,
    ) -> EventsAnswer:
        """
        Keep events as they arrive, by ids of items: what is no event is answered with the reason. Entries without an id
        get one, so that what is sent twice counts once.
        """
        answer: EventsAnswer = self._ask("POST", "/v1/events", locals(), "events", with_ids=True)
        return answer

    def feedback(
        self,
        feedback: Sequence[FeedbackEntry],
    ) -> FeedbackAnswer:
        """
        Keep what listeners did or said of items by id or name: all of it, or nothing. Entries without an id get one, so
        that what is sent twice counts once.
        """
        answer: FeedbackAnswer = self._ask("POST", "/v1/feedback", locals(), "feedback", with_ids=True)
        return answer

    def forget_user(
        self,
        user: str,
    ) -> FeedbackForget:
        """Forget a user: nothing they did counts, and its entries are deleted."""
        answer: FeedbackForget = self._ask("POST", "/v1/users/{user}/forget", locals())
        return answer

    def health(self) -> HealthAnswer:
        """Whether the process answers."""
        answer: HealthAnswer = self._ask("GET", "/healthz", {})
        return answer

    def hide_item(
        self,
        item: str,
    ) -> HideItemAnswer:
        """Hide an item from every list, whoever asks."""
        answer: HideItemAnswer = self._ask("POST", "/v1/items/{item}/hide", locals())
        return answer

    def item(
        self,
        item: str,
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> Item:
        """What is known of an item, artist or album, by id or name."""
        answer: Item = self._ask("GET", "/v1/items/{item}", locals())
        return answer

    def item_many(
        self,
        queries: Sequence[ItemQuestion],
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> ItemManyAnswer:
        """What is known of an item, artist or album, by id or name: many questions of one snapshot."""
        answer: ItemManyAnswer = self._ask("POST", "/v1/items", locals(), "queries")
        return answer

    def items(
        self,
        *,
        kind: str | None = None,
        where: str | None = None,
        k: int | None = None,
        q: str | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> Items:
        """The most played items, or those that match words as they are typed."""
        answer: Items = self._ask("GET", "/v1/items", locals())
        return answer

    def listener(
        self,
        user: str,
        *,
        k: int | None = None,
        half_life: str | None = None,
        feedback: bool | None = None,
        skip_weight: float | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> Listener:
        """What is known of a listener."""
        answer: Listener = self._ask("GET", "/v1/listeners/{user}", locals())
        return answer

    def listener_many(
        self,
        queries: Sequence[ListenerQuestion],
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> ListenerManyAnswer:
        """What is known of a listener: many questions of one snapshot."""
        answer: ListenerManyAnswer = self._ask("POST", "/v1/listeners", locals(), "queries")
        return answer

    def listener_vector(
        self,
        user: str,
        *,
        feedback: bool | None = None,
        skip_weight: float | None = None,
        half_life: str | None = None,
        as_of: str | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> ListenerVector:
        """The vector of a listener."""
        answer: ListenerVector = self._ask("GET", "/v1/listeners/{user}/vector", locals())
        return answer

    def listeners(
        self,
        *,
        prefix: str | None = None,
        k: int | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> Users:
        """The listeners with the most events, or those whose ids begin with a prefix."""
        answer: Users = self._ask("GET", "/v1/listeners", locals())
        return answer

    def map(
        self,
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> bytes | MapAnswer:
        """The map of the items: docs/reference/map.md has its bytes."""
        answer: bytes | MapAnswer = self._ask("GET", "/v1/map", locals())
        return answer

    def map_items(
        self,
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
        rows: str | None = None,
        item: str | Sequence[str] | None = None,
    ) -> MapItemsAnswer:
        """The items at rows of the map, and the rows of items."""
        answer: MapItemsAnswer = self._ask("GET", "/v1/map/items", locals())
        return answer

    def ready(self) -> ReadyAnswer:
        """Whether questions are answered."""
        answer: ReadyAnswer = self._ask("GET", "/readyz", {})
        return answer

    def recipes(self) -> RecipesAnswer:
        """The recipes that can be asked for by name."""
        answer: RecipesAnswer = self._ask("GET", "/v1/recipes", {})
        return answer

    def recommend(
        self,
        *,
        recipe: str | None = None,
        like: str | Sequence[str] | None = None,
        dislike: str | Sequence[str] | None = None,
        feedback: bool | None = None,
        skip_weight: float | None = None,
        seed_item: str | Sequence[str] | None = None,
        shown: str | Sequence[str] | None = None,
        page: int | None = None,
        as_of: str | None = None,
        include_heard: bool | None = None,
        explain: bool | None = None,
        k: int | None = None,
        where: str | None = None,
        exclude: str | Sequence[str] | None = None,
        skip_unknown: bool | None = None,
        strict: bool | None = None,
        kind: str | None = None,
        max_per_artist: int | None = None,
        reasons: int | None = None,
        why_not: str | Sequence[str] | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> RecipeAnswer | Recommendations:
        """What someone new might like, by what they like and dislike, or what a recipe gives everyone."""
        answer: RecipeAnswer | Recommendations = self._ask("GET", "/v1/recommend", locals())
        return answer

    def recommend_many(
        self,
        queries: Sequence[RecommendQuestion],
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> RecommendManyAnswer:
        """
        What someone new might like, by what they like and dislike, or what a recipe gives everyone: many questions of
        one snapshot.
        """
        answer: RecommendManyAnswer = self._ask("POST", "/v1/recommend", locals(), "queries")
        return answer

    def recommend_to_user(
        self,
        user: str,
        *,
        recipe: str | None = None,
        like: str | Sequence[str] | None = None,
        dislike: str | Sequence[str] | None = None,
        feedback: bool | None = None,
        skip_weight: float | None = None,
        seed_item: str | Sequence[str] | None = None,
        shown: str | Sequence[str] | None = None,
        page: int | None = None,
        as_of: str | None = None,
        include_heard: bool | None = None,
        explain: bool | None = None,
        k: int | None = None,
        where: str | None = None,
        exclude: str | Sequence[str] | None = None,
        skip_unknown: bool | None = None,
        strict: bool | None = None,
        kind: str | None = None,
        max_per_artist: int | None = None,
        reasons: int | None = None,
        why_not: str | Sequence[str] | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> RecipeAnswer | Recommendations:
        """What a user might like next, by the model or by a recipe."""
        answer: RecipeAnswer | Recommendations = self._ask("GET", "/v1/recommend/{user}", locals())
        return answer

    def served(self) -> ServedAnswer:
        """What is served: the version, and each root."""
        answer: ServedAnswer = self._ask("GET", "/v1", {})
        return answer

    def similar(
        self,
        *,
        item: str | Sequence[str] | None = None,
        minus: str | Sequence[str] | None = None,
        weights: float | Sequence[float] | None = None,
        k: int | None = None,
        kind: str | None = None,
        exact: bool | None = None,
        min_events: int | None = None,
        max_per_artist: int | None = None,
        where: str | None = None,
        exclude: str | Sequence[str] | None = None,
        skip_unknown: bool | None = None,
        for_: str | None = None,
        include_heard: bool | None = None,
        feedback: bool | None = None,
        skip_weight: float | None = None,
        strict: bool | None = None,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> Similar:
        """The items nearest to an item, artist or album, or to several together."""
        answer: Similar = self._ask("GET", "/v1/similar", locals())
        return answer

    def similar_many(
        self,
        queries: Sequence[SimilarQuestion],
        *,
        snapshot: str | None = None,
        min_epoch: int | None = None,
    ) -> SimilarManyAnswer:
        """The items nearest to an item, artist or album, or to several together: many questions of one snapshot."""
        answer: SimilarManyAnswer = self._ask("POST", "/v1/similar", locals(), "queries")
        return answer

    def snapshots(self) -> Snapshots:
        """The snapshots that there are."""
        answer: Snapshots = self._ask("GET", "/v1/snapshots", {})
        return answer

    def undo_feedback(
        self,
        entry: str,
    ) -> FeedbackUndo:
        """Take an entry back, by its id."""
        answer: FeedbackUndo = self._ask("DELETE", "/v1/feedback/{entry}", locals())
        return answer

    def unhide_item(
        self,
        item: str,
    ) -> UnhideItemAnswer:
        """Show a hidden item again."""
        answer: UnhideItemAnswer = self._ask("POST", "/v1/items/{item}/unhide", locals())
        return answer
