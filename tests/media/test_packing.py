from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.packing import Chunk, Packer, split
from media.vad import Cut, Span


def span_list(gaps: list[float], lengths: list[float]) -> list[Span]:
    spans, at = [], 0.0
    for gap, length in zip(gaps, lengths, strict=False):
        start = round(at + gap, 3)
        at = round(start + length, 3)
        cuts = tuple(Cut(start + 0.5 + second, 1.0) for second in range(int(length)))
        spans.append(Span(start, at, cuts))
    return spans


spans_strategy = st.builds(
    span_list, st.lists(st.floats(0, 60), max_size=30), st.lists(st.floats(0.1, 40), min_size=30, max_size=30)
)


def pack(spans: list[Span], packets: int = 1000, **limits: float) -> list[Chunk]:
    packer, chunks = Packer(**limits), []
    for at in range(0, len(spans), packets):
        chunks += packer.feed(spans[at : at + packets])
    return chunks + packer.close()


def test_nothing_gives_no_chunk() -> None:
    assert pack([]) == []


def test_the_first_chunk_comes_early_and_the_others_are_full() -> None:
    spans = [Span(5.0 * n, 5.0 * n + 4.0) for n in range(20)]
    chunks = pack(spans)
    assert chunks[0].sound_s == 8.0
    assert all(20 <= chunk.sound_s <= 28 for chunk in chunks[1:-1])


def test_the_first_chunk_of_long_speech_is_cut_at_its_quietest_place() -> None:
    cuts = tuple(Cut(float(at), 0.2 if at == 6 else 1.5) for at in range(1, 28))
    chunks = pack([Span(0.0, 28.0, cuts)])
    assert [chunk.pieces for chunk in chunks] == [((0.0, 6.0),), ((6.0, 28.0),)]


def test_a_word_at_the_beginning_does_not_stand_alone() -> None:
    cuts = tuple(Cut(float(at), 1.0) for at in range(3, 25))
    chunks = pack([Span(0.0, 0.5), Span(2.0, 25.0, cuts)])
    assert len(chunks[0].pieces) == 2


def test_a_chunk_ends_at_the_longest_gap_of_its_last_third() -> None:
    spans = [Span(0.0, 8.0), Span(10.0, 20.0), Span(20.5, 30.5), Span(40.0, 46.0), Span(46.5, 52.5)]
    chunks = pack(spans)
    assert chunks[1].pieces == ((10.0, 20.0), (20.5, 30.5))


def test_speech_without_a_known_place_is_cut_at_the_limit() -> None:
    head, tail = split(Span(10.0, 50.0), 28.0)
    assert (head.start, head.end, tail.start, tail.end) == (10.0, 38.0, 38.0, 50.0)


@given(spans_strategy, st.integers(1, 7))
def test_the_chunks_do_not_depend_on_how_the_spans_arrive(spans: list[Span], packets: int) -> None:
    assert pack(spans, packets) == pack(spans)


@given(spans_strategy, st.sampled_from([(28.0, 8.0), (30.0, 30.0), (12.0, 5.0), (40.0, 8.0)]))
def test_chunks_hold_all_speech_once_in_order_and_never_too_much(
    spans: list[Span], limits: tuple[float, float]
) -> None:
    chunks = pack(spans, max_s=limits[0], first_s=limits[1])
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    pieces = [piece for chunk in chunks for piece in chunk.pieces]
    assert all(chunk.sound_s <= min(limits[0], 30.0) + 1e-6 for chunk in chunks)
    assert all(start < end for start, end in pieces)
    assert all(before[1] <= after[0] for before, after in zip(pieces, pieces[1:], strict=False))
    joined: list[list[float]] = []
    for start, end in pieces:
        if joined and joined[-1][1] == start and not any(span.start == start for span in spans):
            joined[-1][1] = end
        else:
            joined.append([start, end])
    assert joined == [[span.start, span.end] for span in spans]


def test_sentences_are_joined_only_up_to_the_good_length_and_a_longer_one_stays_whole() -> None:
    packer = Packer(28.0, 8.0, good_s=14.0)
    spans = [Span(0.0, 6.0), Span(10.0, 18.0), Span(20.0, 25.0), Span(27.0, 32.0), Span(40.0, 65.0)]
    chunks = packer.feed(spans) + packer.close()
    assert [(chunk.start, chunk.end) for chunk in chunks] == [(0.0, 6.0), (10.0, 25.0), (27.0, 32.0), (40.0, 65.0)]
