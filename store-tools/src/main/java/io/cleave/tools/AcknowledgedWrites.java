package io.cleave.tools;

import io.cleave.Cursor;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.WriteBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The writes of a process that is going to be killed, each known by its number and a seed, and what must be there
 * afterwards. Every 16th is a batch over two indexes, every 16th a deletion. Immutable, thread-safe.
 */
final class AcknowledgedWrites {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final int PERIOD = 16;
    private static final int BATCH_AT = 7;
    private static final int DELETE_AT = 15;
    /** A deletion removes what was put so many writes before. */
    private static final int DELETE_BACK = 8;

    private static final int VALUE_BYTES_MAX = 300;

    private final long seed;

    AcknowledgedWrites(long seed) {
        this.seed = seed;
    }

    /**
     * What was found after the kill.
     *
     * @param acknowledged writes that were acknowledged
     * @param lost of those, puts that are not there
     * @param wrong entries with another value, deletions that did not last, halves of batches
     * @param unasked entries beyond all that was written
     */
    record Outcome(long acknowledged, long lost, long wrong, long unasked) {}

    /** Small segments and memtables: a kill falls into a flush, a compaction or a split. */
    static StoreOptions options() {
        return StoreOptions.builder()
                .segmentBytesMax(1 << 20)
                .segmentMemtableBytesMax(256 << 10)
                .memtableBytesMax(8 << 20)
                .logFileBytes(4 << 20)
                .build();
    }

    /** Makes a write and returns when it is acknowledged. */
    void write(SegmentStore store, long number) {
        SegmentIndex first = store.index(FIRST);
        if (number % PERIOD == DELETE_AT) {
            first.delete(key(number - DELETE_BACK));
        } else if (number % PERIOD == BATCH_AT) {
            try (WriteBatch batch = store.batch()) {
                batch.put(first, key(number), value(number));
                batch.put(store.index(SECOND), key(number), value(~number));
                batch.commit();
            }
        } else {
            first.put(key(number), value(number));
        }
    }

    /** Checks a store in which {@code acknowledged} writes were acknowledged and at most one more was begun. */
    Outcome check(SegmentStore store, long acknowledged) {
        long lost = 0;
        long wrong = 0;
        long firstEntries = 0;
        long secondEntries = 0;
        for (long number = 0; number < acknowledged; number++) {
            if (number % PERIOD == DELETE_AT) {
                continue;
            }
            long deletion = number + DELETE_BACK;
            boolean deleted = number % PERIOD == DELETE_AT - DELETE_BACK && deletion < acknowledged;
            boolean isOpen = number % PERIOD == DELETE_AT - DELETE_BACK && deletion == acknowledged;
            byte[] found = store.index(FIRST).get(key(number));
            firstEntries += found == null ? 0 : 1;
            if (deleted) {
                wrong += found == null ? 0 : 1;
            } else if (found == null) {
                lost += isOpen ? 0 : 1;
            } else {
                wrong += Arrays.equals(found, value(number)) ? 0 : 1;
            }
            if (number % PERIOD == BATCH_AT) {
                byte[] other = store.index(SECOND).get(key(number));
                secondEntries += other == null ? 0 : 1;
                lost += other == null ? 1 : 0;
                wrong += other == null || Arrays.equals(other, value(~number)) ? 0 : 1;
            }
        }
        // The write that was under way may be there, whole.
        boolean isThere =
                acknowledged % PERIOD != DELETE_AT && store.index(FIRST).containsKey(key(acknowledged));
        boolean isBatch = acknowledged % PERIOD == BATCH_AT;
        boolean isHalf = isBatch && isThere != store.index(SECOND).containsKey(key(acknowledged));
        wrong += isHalf ? 1 : 0;
        long unasked = entries(store.index(FIRST)) - firstEntries - (isThere ? 1 : 0);
        unasked += entries(store.index(SECOND)) - secondEntries - (isThere && isBatch ? 1 : 0);
        return new Outcome(acknowledged, lost, wrong, unasked);
    }

    private static long entries(SegmentIndex index) {
        long entries = 0;
        try (Cursor cursor = index.cursor()) {
            while (cursor.next()) {
                entries++;
            }
        }
        return entries;
    }

    /** Different for each number: an odd factor loses nothing. */
    private byte[] key(long number) {
        long mixed = (number + seed) * 0x9E37_79B9_7F4A_7C15L;
        return ByteBuffer.allocate(Long.BYTES).putLong(mixed ^ (mixed >>> 32)).array();
    }

    private byte[] value(long number) {
        SplittableRandom random = new SplittableRandom(seed ^ number);
        byte[] value = new byte[random.nextInt(VALUE_BYTES_MAX)];
        random.nextBytes(value);
        return value;
    }
}
