package io.cleave.tools;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.WriteBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Puts a corpus into two indexes, each resource in one batch with its words, or the first of them when there are many, and
 * notes what must be found later. Belongs to one thread, used once.
 */
final class DemoFill {
    static final String CLASSES = "classes";
    static final String WORDS = "words";

    static final byte[] NO_VALUE = {};

    private static final int BATCH_SIZE_MAX = 10_000;

    /** One key in so many is kept for lookups, at random. */
    private static final int KEYS_KEPT_ONE_IN = 16;

    private final DemoCorpus corpus;
    private final SplittableRandom random;
    private final EntrySum classes = new EntrySum();
    private final EntrySum words = new EntrySum();
    private final List<byte[]> keys = new ArrayList<>();

    /** How often each word occurs in all. */
    private final Map<String, long[]> occurrences = new HashMap<>();

    DemoFill(DemoCorpus corpus, long seed) {
        this.corpus = corpus;
        this.random = new SplittableRandom(seed);
    }

    /** Fills the indexes. */
    void fill(SegmentStore store, ProgressBar bar) throws IOException {
        WordPositions positions = new WordPositions();
        List<byte[]> wordKeys = new ArrayList<>();
        int total = corpus.names().size();
        for (int number = 0; number < total; number++) {
            int resource = number;
            String name = corpus.names().get(number);
            byte[] bytes = corpus.read(number);
            wordKeys.clear();
            positions.find(name, bytes, (word, length, position) -> {
                wordKeys.add(WordPositions.key(word, length, resource, position));
                note(word, length);
            });
            put(store, name.getBytes(StandardCharsets.UTF_8), bytes, wordKeys);
            bar.update(number + 1L, total, Figures.count(words.entries()) + " words");
        }
    }

    private void note(byte[] word, int length) {
        String text = new String(word, 0, length, StandardCharsets.ISO_8859_1);
        occurrences.computeIfAbsent(text, absent -> new long[1])[0]++;
    }

    private void put(SegmentStore store, byte[] name, byte[] bytes, List<byte[]> wordKeys) {
        SegmentIndex wordIndex = store.index(WORDS);
        classes.add(name, bytes);
        int done = 0;
        do {
            try (WriteBatch batch = store.batch()) {
                if (done == 0) {
                    batch.put(store.index(CLASSES), name, bytes);
                }
                int end = Math.min(wordKeys.size(), done + BATCH_SIZE_MAX);
                for (byte[] key : wordKeys.subList(done, end)) {
                    batch.put(wordIndex, key, NO_VALUE);
                    words.add(key, NO_VALUE);
                    if (random.nextInt(KEYS_KEPT_ONE_IN) == 0) {
                        keys.add(key);
                    }
                }
                batch.commit();
                done = end;
            }
        } while (done < wordKeys.size());
    }

    /** What was put into the index of classes. */
    EntrySum classes() {
        return classes;
    }

    /** What was put into the index of words. */
    EntrySum words() {
        return words;
    }

    /** Some keys of the index of words. */
    List<byte[]> keys() {
        return keys;
    }

    /** How often each word occurs. */
    Map<String, long[]> occurrences() {
        return occurrences;
    }
}
