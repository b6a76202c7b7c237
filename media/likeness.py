"""Whether two voices are one person's: scores that mean the same in every room, limits for a stated rate of error.

Scores are cosines of embeddings, brought to one scale by what a voice scores against strangers of the same place
(symmetric normalisation with an adaptive cohort: Matejka et al. 2017, "Analysis of Score Normalization in Multilingual
Speaker Recognition"). Few strangers say little, so everything local is weighed against figures measured beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Says = Literal["same", "different", "unsure"]

SURELY_SAME = 0.5
"""Strangers of the cohort that are so like a voice may be the same person, and tell nothing of strangers."""
LEAST_SPEECH_S = 1.5
"""Of less than this nothing is said at all."""
SHORT_S = 4.0
NOISY_DB = 10.0
_PRIOR_COHORT = 20
_PRIOR_PAIRS = 30
_LEAST_SD = 0.8
_NEAREST_SHARE = 1 / 3
_NEAREST_FROM = 60


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the scores of a kind of pairs lie: mean, standard deviation, and how many pairs were seen here."""

    mean: float
    sd: float
    n: int = 0


# Measured with bench/voices.py: 2,008 pairs of different people 0.13 and 0.11, 454 pairs of one person 0.81 and 0.07
# in one room. One person in two rooms is less like (0.6 and less in reports), so that spread is taken wider.
DIFFERENT = Spread(0.13, 0.12)
SAME = Spread(0.75, 0.11)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A voice in a recording: embedding ``(192,)`` of length 1, net speech in seconds, speech over noise in dB."""

    embedding: Floats
    speech_s: float
    clear_db: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Where pairs of this place lie, and how often a pair of one kind may be taken for the other."""

    different: Spread = DIFFERENT
    same: Spread = SAME
    worst: float = -1.0
    wrong_share: float = 0.001

    @property
    def local(self) -> bool:
        """Tells whether enough pairs of this place were seen to speak of them."""
        return self.different.n >= _PRIOR_PAIRS

    def same_from(self, n_candidates: int = 1) -> float:
        """Returns the score from which two voices are one person's; with many candidates each gets its part of the
        rate, so that it holds for naming a stranger at all.
        """
        far = NormalDist().inv_cdf(1 - self.wrong_share / max(1, n_candidates))
        return max(self.different.mean + self.different.sd * far, self.worst)

    def different_to(self, loss: float = 0.0) -> float:
        """Returns the score up to which two voices are two people's; ``loss`` is what poor sound takes off a pair."""
        far = NormalDist().inv_cdf(1 - self.wrong_share)
        return self.same.mean - loss - (self.same.sd + 0.2 * loss) * far


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is as it is: ``short``, ``noisy`` (clip 1 or 2, a value), ``above``, ``below``, ``between``."""

    code: str
    clip: int = 0
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of two voices, the score, its limits, and the reasons."""

    says: Says
    score: float
    same_from: float
    different_to: float
    reasons: tuple[Reason, ...]


def score(one: Floats, other: Floats, cohort: Floats) -> float:
    """Returns how like two embeddings are, on one scale for all places.

    ``cohort`` is ``(n, 192)``, one row for each other voice of the place; without any it is the cosine.
    """
    return float(table(np.stack((one, other)), cohort)[0, 1])


def table(embeddings: Floats, cohort: Floats) -> npt.NDArray[np.float64]:
    """Returns the scores of all pairs of ``(n, 192)`` embeddings, ``(n, n)``."""
    spreads = [_strangers(one, cohort) for one in embeddings]
    means, sds = np.array([one.mean for one in spreads]), np.array([one.sd for one in spreads])
    away = (embeddings @ embeddings.T - means[:, None]) / sds[:, None]
    return np.asarray(DIFFERENT.mean + DIFFERENT.sd * (away + away.T) / 2, np.float64)


def _strangers(voice: Floats, cohort: Floats) -> Spread:
    """Returns what a voice scores against strangers: fitted to the nearest third of them where there are many."""
    scores = cohort @ voice if len(cohort) else np.zeros(0, np.float32)
    scores = np.sort(scores[scores < SURELY_SAME])[::-1]
    if not len(scores):
        return DIFFERENT
    mean, sd = _of_nearest(scores) if len(scores) >= _NEAREST_FROM else (float(scores.mean()), float(scores.std()))
    found = _weighed(DIFFERENT, mean, sd, len(scores), _PRIOR_COHORT)
    # A voice that is like nobody at all, such as one under noise, must not make every likeness great.
    return Spread(found.mean, max(found.sd, _LEAST_SD * DIFFERENT.sd), found.n)


def _of_nearest(scores: Floats) -> tuple[float, float]:
    """Returns mean and deviation of the normal distribution whose upper part the nearest scores are."""
    near = scores[: round(len(scores) * _NEAREST_SHARE)]
    cut = NormalDist().inv_cdf(1 - _NEAREST_SHARE)
    beyond = NormalDist().pdf(cut) / _NEAREST_SHARE
    sd = float(near.std()) / float(np.sqrt(1 + cut * beyond - beyond**2))
    return float(near.mean()) - sd * beyond, sd


def _weighed(prior: Spread, mean: float, sd: float, n: int, n_prior: int) -> Spread:
    weight = n / (n + n_prior)
    between = weight * (1 - weight) * (mean - prior.mean) ** 2
    variance = weight * sd**2 + (1 - weight) * prior.sd**2 + between
    return Spread(prior.mean + weight * (mean - prior.mean), float(np.sqrt(variance)), n)


def calibrated(different: Sequence[float], same: Sequence[float], wrong_share: float) -> Rule:
    """Returns the rule of a place from the scores of pairs that are known to be two people, or one.

    Without pairs it is the default. No pair of different people that was seen here passes the limit, save the share
    that may.
    """
    return Rule(
        _measured(DIFFERENT, different),
        _measured(SAME, same),
        float(np.quantile(different, 1 - wrong_share, method="higher")) + 0.01 if len(different) else -1.0,
        wrong_share,
    )


def _measured(prior: Spread, scores: Sequence[float]) -> Spread:
    if not len(scores):
        return prior
    return _weighed(prior, float(np.mean(scores)), float(np.std(scores)), len(scores), _PRIOR_PAIRS)


def loss(voice: Heard) -> float:
    """Returns how much less like itself a voice is for little speech and for noise.

    Measured (bench/voices.py): 2 s cost 0.10, 3 s 0.05; white noise at 20 dB 0.05, 10 dB 0.10, 5 dB 0.15, 0 dB 0.21.
    As much as 20 dB cost, ``SAME`` is below what was measured already.
    """
    short = max(0.0, 0.32 / max(voice.speech_s, 0.5) - 0.055)
    noise = 0.0 if voice.clear_db is None else max(0.0, 0.21 * float(np.exp(-max(voice.clear_db, 0.0) / 14)) - 0.05)
    return short + noise


def answer(one: Heard, other: Heard, cohort: Floats, rule: Rule) -> Answer:
    """Returns whether two voices are one person's, or that this cannot be said."""
    found = score(one.embedding, other.embedding, cohort)
    same_from, different_to = rule.same_from(), rule.different_to(loss(one) + loss(other))
    poor = _poor(one, other)
    if min(one.speech_s, other.speech_s) < LEAST_SPEECH_S:
        return Answer("unsure", found, same_from, different_to, poor)
    if found >= same_from:
        return Answer("same", found, same_from, different_to, (Reason("above"), *poor))
    if found <= different_to:
        return Answer("different", found, same_from, different_to, (Reason("below"), *poor))
    return Answer("unsure", found, same_from, different_to, poor or (Reason("between"),))


def _poor(one: Heard, other: Heard) -> tuple[Reason, ...]:
    found = []
    for clip, voice in enumerate((one, other), start=1):
        if voice.speech_s < SHORT_S:
            found.append(Reason("short", clip, round(voice.speech_s, 1)))
        if voice.clear_db is not None and voice.clear_db < NOISY_DB:
            found.append(Reason("noisy", clip, round(voice.clear_db)))
    return tuple(found)


def named(
    voices: Sequence[Heard], known: Sequence[Sequence[Heard]], cohort: Floats, rule: Rule, least_s: float = 3.0
) -> list[tuple[int, float] | None]:
    """Returns for each voice of a recording the known person it is, with the score, or None: never the nearest one.

    ``known`` holds the recordings of each person. Somebody heard for less than ``least_s`` is not named, nor somebody
    who is like two people, and no two voices of one recording get one name.
    """
    limit = rule.same_from(len(known))
    found: list[tuple[int, float] | None] = [None] * len(voices)
    passed: list[tuple[float, int, int]] = []
    for at, voice in enumerate(voices):
        scores = [best(voice, recordings, cohort) for recordings in known]
        above = sorted(((s, who) for who, s in enumerate(scores) if s >= limit), reverse=True)
        if voice.speech_s < least_s or not above or (len(above) > 1 and above[0][0] - above[1][0] < DIFFERENT.sd / 2):
            continue
        passed.append((above[0][0], at, above[0][1]))
    taken: set[int] = set()
    for value, at, who in sorted(passed, reverse=True):
        if who not in taken:
            taken.add(who)
            found[at] = who, value
    return found


def best(voice: Heard, recordings: Sequence[Heard], cohort: Floats) -> float:
    """Returns the score of a voice against the mean of a person's recordings, by how long each is."""
    return score(voice.embedding, mean(recordings).embedding, cohort)


def mean(recordings: Sequence[Heard]) -> Heard:
    """Returns one voice of several recordings of a person; raises ValueError for none."""
    if not recordings:
        raise ValueError("no recording")
    total = np.sum([one.embedding * min(max(one.speech_s, 0.5), 60.0) for one in recordings], axis=0)
    known = [one.clear_db for one in recordings if one.clear_db is not None]
    length = max(float(np.linalg.norm(total)), 1e-9)
    return Heard(
        np.asarray(total / length, np.float32), sum(one.speech_s for one in recordings), max(known) if known else None
    )


def distinct(embeddings: Floats, like: float = SURELY_SAME) -> Floats:
    """Returns one row for each voice: those that are as like as one person's are put together, in order."""
    sums: list[Floats] = []
    centres = np.zeros((0, embeddings.shape[1] if embeddings.ndim == 2 else 0), np.float32)
    for embedding in embeddings:
        likeness = centres @ embedding if len(centres) else np.zeros(0, np.float32)
        if len(likeness) and float(likeness.max()) >= like:
            at = int(likeness.argmax())
            sums[at] = sums[at] + embedding
            centres[at] = sums[at] / np.linalg.norm(sums[at])
        else:
            sums.append(embedding.copy())
            centres = np.concatenate((centres, embedding[None]))
    return centres
