package io.cleave.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cleave.core.entry.KeyBounds;
import io.cleave.repair.SegmentTiling.Candidate;
import io.cleave.repair.SegmentTiling.Tile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which segments are taken for a range when several overlap, and what is left for new ones. */
final class SegmentTilingTest {
    private static final long LOG = 100;

    private static byte[] key(String text) {
        return text.isEmpty() ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static Candidate segment(long id, String from, String to, long flushed) {
        return new Candidate(id, new KeyBounds(key(from), key(to)), flushed);
    }

    private static List<Long> ids(long log, Candidate... candidates) {
        return SegmentTiling.cover(KeyBounds.ALL, List.of(candidates), log).stream()
                .map(Tile::segmentId)
                .toList();
    }

    @Test
    void segmentsThatTileTheRangeAreTaken() {
        assertEquals(List.of(2L, 1L), ids(LOG, segment(1, "m", "", 5), segment(2, "", "m", 9)));
    }

    @Test
    void aCompleteSetOfNewSegmentsIsTakenInPlaceOfTheOldOne() {
        assertEquals(List.of(2L, 3L), ids(LOG, segment(1, "", "", 5), segment(2, "", "m", 7), segment(3, "m", "", 7)));
        assertEquals(List.of(3L), ids(LOG, segment(1, "", "m", 5), segment(2, "m", "", 6), segment(3, "", "", 7)));
    }

    @Test
    void theOldSegmentIsTakenAsLongAsANewOneIsMissing() {
        assertEquals(List.of(1L), ids(LOG, segment(1, "", "", 5), segment(2, "", "m", 7)));
        assertEquals(List.of(1L), ids(LOG, segment(1, "", "", 5), segment(3, "m", "", 7)));
    }

    @Test
    void newSegmentsOfARewriteThatFailedAreOutOfDate() {
        assertEquals(List.of(1L), ids(LOG, segment(1, "", "", 8), segment(2, "", "m", 7), segment(3, "m", "", 7)));
    }

    @Test
    void newSegmentsAheadOfAWholeLogWereNeverNamed() {
        Candidate[] all = {segment(1, "", "", 5), segment(2, "", "m", 7), segment(3, "m", "", 7)};
        assertEquals(List.of(1L), ids(6, all));
        assertEquals(List.of(2L, 3L), ids(7, all));
        assertEquals(List.of(2L, 3L), ids(6, all[1], all[2]));
    }

    @Test
    void whatNobodyHoldsIsOnePart() {
        List<Tile> tiles =
                SegmentTiling.cover(KeyBounds.ALL, List.of(segment(2, "d", "m", 7), segment(3, "x", "", 7)), LOG);
        assertEquals(
                List.of(
                        new Tile(new KeyBounds(null, key("d")), 0),
                        new Tile(new KeyBounds(key("d"), key("m")), 2),
                        new Tile(new KeyBounds(key("m"), key("x")), 0),
                        new Tile(new KeyBounds(key("x"), null), 3)),
                tiles);
        assertEquals(List.of(0L), ids(LOG));
    }

    @Test
    void segmentsThatReachOutOfTheRangeAreNotTaken() {
        KeyBounds range = new KeyBounds(key("d"), key("m"));
        assertEquals(
                List.of(new Tile(range, 0)),
                SegmentTiling.cover(range, List.of(segment(2, "a", "m", 7), segment(3, "d", "", 7)), LOG));
    }
}
