package io.cleave.core.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.merge.ListCursor.Version;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A merge turns around while one of its sources gets entries, as a memtable does. */
final class MergeCursorGrowthTest {
    private static final Version A = put("a", 1);
    private static final Version B = put("b", 3);
    private static final Version X = put("x", 2);
    private static final Version Y = put("y", 8);
    private static final Version Z = put("z", 4);

    @Test
    void anEntryThatComesBehindTheHeadOfAnEmptySourceIsNotMetOnTheWayBack() {
        assertEquals(List.of(A), wayBackFromX(List.of(), List.of(Z)));
    }

    @Test
    void anEntryThatComesBetweenTheHeadAndTheNextOfASourceIsNotMetOnTheWayBack() {
        assertEquals(List.of(B, A), wayBackFromX(List.of(B, Z), List.of(B, Y, Z)));
    }

    @Test
    void anEntryThatComesBeforeTheHeadIsMetInItsOrder() {
        assertEquals(List.of(B, A), wayBackFromX(List.of(), List.of(B, Y, Z)));
    }

    private static List<Version> wayBackFromX(List<Version> before, List<Version> grown) {
        List<Version> met = new ArrayList<>();
        try (EntryCursor merged =
                MergeCursor.of(List.of(new ListCursor(List.of(A, X)), new GrowingCursor(before, grown)))) {
            assertEquals(true, merged.seek(X.key(), X.key().length));
            while (merged.previous()) {
                met.add(ListCursor.at(merged));
            }
        }
        return met;
    }

    private static Version put(String key, long sequence) {
        return new Version(key.getBytes(StandardCharsets.US_ASCII), sequence, EntryKind.PUT);
    }

    /** Gets its new entries at the first move that goes back, before it moves. */
    private static final class GrowingCursor extends EntryCursor {
        private final ListCursor grown;
        private ListCursor source;

        GrowingCursor(List<Version> before, List<Version> grown) {
            this.source = ListCursor.modest(before);
            this.grown = ListCursor.modest(grown);
        }

        private boolean follow(boolean positioned) {
            if (positioned) {
                standWith(source);
            }
            return positioned;
        }

        @Override
        public boolean first() {
            return follow(source.first());
        }

        @Override
        public boolean last() {
            source = grown;
            return follow(source.last());
        }

        @Override
        public boolean land(byte[] key, int keyLength) {
            return follow(source.seek(key, keyLength));
        }

        @Override
        public boolean next() {
            return follow(source.next());
        }

        @Override
        public boolean previous() {
            if (source != grown) {
                boolean there = grown.seek(source.key(), source.keyLength());
                assert there;
                source = grown;
            }
            return follow(source.previous());
        }

        @Override
        public byte[] key() {
            return source.key();
        }

        @Override
        public void copyKey(byte[] target) {
            source.copyKey(target);
        }

        @Override
        public void copyValue(int from, byte[] target, int at, int length) {
            source.copyValue(from, target, at, length);
        }

        @Override
        public boolean leavesKey() {
            return false;
        }

        @Override
        public byte[] sharedPrefix() {
            return null;
        }

        @Override
        protected void reorder() {
            source.orderBehind(prefix());
            grown.orderBehind(prefix());
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
