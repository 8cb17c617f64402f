"""Stories: for one signature and one id key, who appears, how often, and when first and last."""

from __future__ import annotations

from collections import Counter
from typing import Any

from floodscan.profile.sample import Bottom, Ends, Event

KEY, STORY, EVENT, LINE, RANK = 1_200, 250, 30, 150, 100
"""Bytes that an id key, a story, an event of one, a sampled line and a bare rank take, about, with what holds them."""

Heavy = tuple[str, int]
"""(value, rank of the value): one sampled line's value of the key."""


class Story:
    """One value of an id key within one signature: complete, however large the log."""

    __slots__ = ("count", "ends", "value")

    def __init__(self, value: str, cap: int) -> None:
        self.value = value
        self.count = 0
        self.ends = Ends(cap)

    def add(self, event: Event) -> None:
        self.count += 1
        self.ends.add(event)

    def merged(self, other: Story) -> Story:
        story = self.copy()
        story.count += other.count
        story.ends.merge(other.ends)
        return story

    def copy(self) -> Story:
        story = Story(self.value, self.ends.cap)
        story.count = self.count
        story.ends = self.ends.copy()
        return story

    def state(self) -> list[Any]:
        return [self.value, self.count, self.ends.state()]

    @classmethod
    def of(cls, state: list[Any], cap: int) -> Story:
        value, count, ends = state
        story = cls(value, cap)
        story.count, story.ends = count, Ends.of(ends, cap)
        return story


class KeyProfile:
    """The values of one id key within one signature.

    `stories` is sampled by value (distinct counts, whole stories), `lines` by line (the heavy hitters, who are the
    flood), `ranks` holds bare ranks for the estimate of how many values there are.
    """

    __slots__ = ("count", "lines", "ranks", "stories", "story_cap")

    def __init__(self, values: int, story: int, ranks: int) -> None:
        self.count = 0
        self.story_cap = story
        self.stories: Bottom[Story] = Bottom(values)
        self.lines: Bottom[Heavy] = Bottom(values)
        self.ranks: Bottom[None] = Bottom(ranks)

    def add(self, value: str, rank: int, line_rank: int, event: Event) -> None:
        self.count += 1
        stories, ranks, lines = self.stories, self.ranks, self.lines
        story = stories.items.get(rank)
        if story is None and stories.wants(rank):
            story = Story(value, self.story_cap)
            stories.put(rank, story)
        if story is not None:
            story.add(event)
        if rank not in ranks.items and ranks.wants(rank):
            ranks.put(rank, None)
        if lines.wants(line_rank):
            lines.put(line_rank, (value, rank))

    def merge(self, other: KeyProfile) -> None:
        self.count += other.count
        self.stories.merge(other.stories, Story.merged, Story.copy)
        self.lines.merge(other.lines, lambda a, b: min(a, b), lambda a: a)
        self.ranks.merge_ranks(other.ranks)

    def distinct(self) -> tuple[int, bool]:
        """How many values there are, and whether that is an estimate (k-th smallest rank, Bar-Yossef et al. 2002)."""
        kept = len(self.ranks.items)
        if not self.ranks.cut:
            return kept, False
        return round((kept - 1) * float(1 << 63) / max(self.ranks.items)), True

    def heavy(self) -> list[tuple[str, int, int]]:
        """(value, rank, count) of the most frequent values, best first; counts are exact where a story is kept."""
        exact = {rank: (story.value, rank, story.count) for rank, story in self.stories.items.items()}
        if self.stories.cut and self.lines.items:
            for (value, rank), seen in Counter(self.lines.items.values()).items():
                if rank not in exact and seen > 1:
                    exact[rank] = (value, rank, round(self.count * seen / len(self.lines.items)))
        return sorted(exact.values(), key=lambda v: (-v[2], v[1]))

    def weight(self) -> int:
        """What it takes, about. Never less for more lines, and a function of the lines alone."""
        most = 2 * self.story_cap
        events = sum(min(story.count, most) for story in self.stories.items.values())
        sampled = STORY * len(self.stories.items) + LINE * len(self.lines.items) + RANK * len(self.ranks.items)
        return KEY + sampled + EVENT * events

    def shrink(self, values: int, story: int, ranks: int) -> None:
        """Keeps what smaller caps would have kept."""
        self.story_cap = story
        self.stories.shrink(values)
        self.lines.shrink(values)
        self.ranks.shrink(ranks)
        for one in self.stories.items.values():
            one.ends.shrink(story)

    def copy(self) -> KeyProfile:
        out = KeyProfile(self.stories.cap, self.story_cap, self.ranks.cap)
        out.merge(self)
        return out

    def state(self) -> list[Any]:
        return [
            self.count,
            self.stories.state(Story.state),
            self.lines.state(list),
            [self.ranks.cut, sorted(self.ranks.items)],
        ]

    @classmethod
    def of(cls, state: list[Any], values: int, story: int, ranks: int) -> KeyProfile:
        out = cls(values, story, ranks)
        out.count, stories, lines, (cut, bare) = state
        out.stories = Bottom.of(stories, values, lambda s: Story.of(s, story))
        out.lines = Bottom.of(lines, values, lambda line: (line[0], line[1]))
        out.ranks = Bottom.of([cut, bare, bare], ranks, lambda _: None)
        return out
