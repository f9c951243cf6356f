package io.cleave.tools;

import io.cleave.Cursor;
import io.cleave.KeyRange;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Reads a filled store back and compares it with its source. Belongs to one thread. */
final class DemoReadBack {
    private static final int WORDS_COMPARED = 1000;
    private static final int KEY_BYTES_MAX = 65_535;
    private static final int VALUE_BYTES = 64;

    private final SegmentStore store;
    private final DemoCorpus corpus;

    DemoReadBack(SegmentStore store, DemoCorpus corpus) {
        this.store = store;
        this.corpus = corpus;
    }

    /** Compares every resource byte for byte with the JDK's; returns how many differ or are missing. */
    long wrongClasses(ProgressBar bar) throws IOException {
        SegmentIndex classes = store.index(DemoFill.CLASSES);
        long wrong = 0;
        int total = corpus.names().size();
        for (int number = 0; number < total; number++) {
            byte[] found = classes.get(corpus.names().get(number).getBytes(StandardCharsets.UTF_8));
            wrong += Arrays.equals(found, corpus.read(number)) ? 0 : 1;
            bar.update(number + 1L, total);
        }
        try (Cursor cursor = classes.cursor()) {
            long entries = 0;
            while (cursor.next()) {
                entries++;
            }
            wrong += Math.abs(entries - total);
        }
        return wrong;
    }

    /** A sum over all of the index of words, in key order. */
    EntrySum scanWords() {
        EntrySum sum = new EntrySum();
        byte[] key = new byte[KEY_BYTES_MAX];
        byte[] value = new byte[VALUE_BYTES];
        try (Cursor cursor = store.index(DemoFill.WORDS).cursor()) {
            while (cursor.next()) {
                sum.add(cursor.key(), key, cursor.value(), value);
            }
        }
        return sum;
    }

    /** Counts words by scanning their prefix, and returns for how many the count is not the source's. */
    long wrongCounts(Map<String, long[]> occurrences, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> words = List.copyOf(occurrences.keySet());
        long wrong = 0;
        for (int i = 0; i < WORDS_COMPARED; i++) {
            String word = words.get(random.nextInt(words.size()));
            long found = 0;
            try (Cursor cursor = store.index(DemoFill.WORDS).cursor(KeyRange.prefix(WordPositions.prefix(word)))) {
                while (cursor.next()) {
                    found++;
                }
            }
            wrong += found == occurrences.get(word)[0] ? 0 : 1;
        }
        return wrong;
    }

    /** Looks up random keys that are there and returns how many were not found. */
    long missing(List<byte[]> keys, int lookups, long seed) {
        SegmentIndex words = store.index(DemoFill.WORDS);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] value = new byte[VALUE_BYTES];
        long missing = 0;
        for (int i = 0; i < lookups; i++) {
            missing += words.get(keys.get(random.nextInt(keys.size())), value) == 0 ? 0 : 1;
        }
        return missing;
    }

    /** Looks up random keys that are not there and returns how many were found. */
    long unexpected(List<byte[]> keys, int lookups, long seed) {
        SegmentIndex words = store.index(DemoFill.WORDS);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] value = new byte[VALUE_BYTES];
        long found = 0;
        for (int i = 0; i < lookups; i++) {
            byte[] key = keys.get(random.nextInt(keys.size())).clone();
            // Numbers of resources are far below this.
            key[key.length - 2 * Integer.BYTES] = 0x7F;
            found += words.get(key, value) >= 0 ? 1 : 0;
        }
        return found;
    }
}
