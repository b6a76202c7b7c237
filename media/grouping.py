"""Which embeddings belong to the same person: agglomerative clustering by mean likeness, pure numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

NEARLY_SAME = 0.75


@dataclass(frozen=True, slots=True)
class Grouping:
    """How many groups there may be, and how like two groups must be on average (cosine) to be one person's.

    A group that holds less than ``smallest_s`` seconds and less than ``smallest_share`` of the largest is no person of
    its own: noise and laughter make such groups. More embeddings than ``most_at_once`` are first put together where
    they are nearly the same, as the cost grows with the square.
    """

    at_least: int = 1
    at_most: int = 30
    like: float = 0.42
    smallest_s: float = 2.0
    smallest_share: float = 0.02
    most_at_once: int = 3000


def group(embeddings: Floats, seconds: Floats, wanted: Grouping) -> Floats:
    """Returns the centre of each group, ``(n_groups, n_values)`` of length 1.

    ``embeddings`` are ``(n, n_values)`` of length 1, ``seconds`` how much sound is behind each.
    """
    sums, weights, held = _condensed(embeddings, seconds, wanted.most_at_once)
    merges = _chain(sums, weights)
    labels = _cut(len(weights), merges, wanted)
    labels = _without_small(sums, held, labels, wanted)
    centres = np.stack([sums[labels == label].sum(axis=0) for label in np.unique(labels)])
    return centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)


def labels_of(embeddings: Floats, like: float) -> Ints:
    """Returns the group, 0, 1 ..., of each of a few embeddings ``(n, n_values)`` of length 1; groups are as alike on
    average as ``like`` (cosine).
    """
    merges = _chain(embeddings, np.ones(len(embeddings), np.float32))
    return _cut(len(embeddings), merges, Grouping(1, len(embeddings), like))


def _condensed(embeddings: Floats, seconds: Floats, most: int) -> tuple[Floats, Floats, Floats]:
    """Returns sums, counts and seconds of points; many points become fewer where they lie next to each other."""
    if len(embeddings) <= most:
        return embeddings.copy(), np.ones(len(embeddings), np.float32), seconds.copy()
    sums = np.zeros((0, embeddings.shape[1]), np.float32)
    counts, held = np.zeros(0, np.float32), np.zeros(0, np.float32)
    for first in range(0, len(embeddings), most // 2):
        part = slice(first, first + most // 2)
        near = np.concatenate((sums, embeddings[part]))
        n_near = np.concatenate((counts, np.ones(len(embeddings[part]), np.float32)))
        s_near = np.concatenate((held, seconds[part]))
        labels = _cut(len(near), _chain(near, n_near), Grouping(1, len(near), NEARLY_SAME))
        n_groups = int(labels.max()) + 1
        sums = np.zeros((n_groups, embeddings.shape[1]), np.float32)
        counts, held = np.zeros(n_groups, np.float32), np.zeros(n_groups, np.float32)
        np.add.at(sums, labels, near)
        np.add.at(counts, labels, n_near)
        np.add.at(held, labels, s_near)
    return sums, counts, held


def _chain(sums: Floats, counts: Floats) -> list[tuple[int, int, float]]:
    """Returns the merges of average linkage by the nearest-neighbour chain: ``(a, b, likeness)``, the group stays in a.

    With unit vectors the mean likeness of two groups is the product of their sums over the product of their counts, so
    that no matrix of all pairs is held.
    """
    sums, counts = sums.astype(np.float32, copy=True), counts.astype(np.float32, copy=True)
    open_ = np.ones(len(counts), bool)
    merges: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while len(merges) < len(counts) - 1:
        if not chain:
            chain.append(int(np.argmax(open_)))
        while True:
            last = chain[-1]
            likeness = sums @ sums[last] / (counts * counts[last])
            likeness[~open_] = -np.inf
            likeness[last] = -np.inf
            nearest = int(np.argmax(likeness))
            if len(chain) > 1 and likeness[chain[-2]] >= likeness[nearest]:
                nearest = chain[-2]
                break
            chain.append(nearest)
        chain = chain[:-2]
        merges.append((nearest, last, float(likeness[nearest])))
        sums[nearest] += sums[last]
        counts[nearest] += counts[last]
        open_[last] = False
    return merges


def _cut(n: int, merges: list[tuple[int, int, float]], wanted: Grouping) -> Ints:
    """Returns a label for each point after the merges that are like enough, within the numbers that are wanted."""
    parent = list(range(n))

    def root(point: int) -> int:
        while parent[point] != point:
            parent[point] = parent[parent[point]]
            point = parent[point]
        return point

    left = n
    for a, b, likeness in sorted(merges, key=lambda merge: -merge[2]):
        if left <= wanted.at_least or (likeness < wanted.like and left <= wanted.at_most):
            break
        parent[root(b)] = root(a)
        left -= 1
    return np.unique([root(point) for point in range(n)], return_inverse=True)[1].astype(np.int64)


def _without_small(sums: Floats, held: Floats, labels: Ints, wanted: Grouping) -> Ints:
    """Gives groups that are too small to be a person to the likest of the others."""
    n_groups = int(labels.max()) + 1
    seconds = np.bincount(labels, held, n_groups)
    small = (seconds < wanted.smallest_s) & (seconds < wanted.smallest_share * seconds.max())
    small[np.argsort(-seconds, kind="stable")[: max(1, wanted.at_least)]] = False
    if not small.any():
        return labels
    centres = np.stack([sums[labels == label].sum(axis=0) for label in range(n_groups)])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    likeness = centres @ centres.T
    likeness[:, small] = -np.inf
    given = np.where(small, likeness.argmax(axis=1), np.arange(n_groups))
    return given[labels]
