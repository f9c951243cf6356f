package io.cleave.core.memtable;

import java.util.Arrays;

/**
 * A sort of nodes by 8 key bytes at a time. It makes the places of successive nodes lie beside each other and need not
 * be perfect: {@link SkipList#link} finds every node its place.
 *
 * <p>Shape: references and key words in parallel arrays; a radix sort by the word's bytes that are not all the same, or
 * an insertion sort for few; nodes with equal words are sorted by their next word. All of it is stable and begins with
 * the newest node, so that versions of one key end up newest first.
 *
 * <p>Used once, by one thread. Takes 24 bytes of heap a node, 4 of which are the result.
 */
final class TailSorter {
    private static final int INSERTION_MAX = 32;

    /** Runs of so few nodes with equal words stay as they are. */
    private static final int RUN_MIN = 3;

    /** So many words are looked at: what keys have in common beyond is not worth more. Bounds the recursion. */
    private static final int WORDS_MAX = 32;

    private static final int BYTE_VALUES = 256;

    /** How far the order goes. */
    private enum Finish {
        /** Nodes with equal words may stand in any order: whoever uses them compares again. */
        NEARLY,
        WHOLLY
    }

    private final Nodes nodes;
    private final int sharedLength;
    private Finish finish = Finish.NEARLY;
    private int[] references;
    private int[] referencesAside;
    private long[] words;
    private long[] wordsAside;

    /** @param sharedLength how many first bytes all keys have in common */
    TailSorter(Nodes nodes, int sharedLength) {
        this.nodes = nodes;
        this.sharedLength = sharedLength;
    }

    /** All nodes from {@code newest} back, sorted by key, then newest first. */
    int[] sortWholly(int newest) {
        finish = Finish.WHOLLY;
        return sort(newest, NodeLayout.NONE);
    }

    /** The nodes from {@code newest} back to the one after {@code until}, sorted but for some with equal words. */
    int[] sort(int newest, int until) {
        int count = 0;
        for (int node = newest; node != until; node = NodeLayout.pendingPrevious(nodes.pending(node))) {
            count++;
        }
        references = new int[count];
        referencesAside = new int[count];
        words = new long[count];
        wordsAside = new long[count];
        int node = newest;
        for (int i = 0; i < count; i++) {
            references[i] = node;
            words[i] = nodes.keyWord(node, sharedLength);
            node = NodeLayout.pendingPrevious(nodes.pending(node));
        }
        sortByWords(0, count, 0);
        return references;
    }

    /** Sorts a part, whose words are there, by them and all that follow. */
    private void sortByWords(int from, int to, int word) {
        if (to - from <= INSERTION_MAX) {
            insertionSort(from, to);
        } else {
            radixSort(from, to);
        }
        if (word + 1 >= WORDS_MAX) {
            return;
        }
        int start = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to || words[i] != words[start]) {
                if (i - start >= RUN_MIN) {
                    sortByNextWord(start, i, word + 1);
                }
                if (word == 0 && finish == Finish.WHOLLY) {
                    sortByComparison(start, i);
                }
                start = i;
            }
        }
    }

    private void sortByNextWord(int from, int to, int word) {
        int offset = sharedLength + word * Long.BYTES;
        boolean ended = true;
        for (int i = from; i < to; i++) {
            ended &= nodes.keyLength(references[i]) <= offset;
            words[i] = nodes.keyWord(references[i], offset);
        }
        if (!ended) {
            sortByWords(from, to, word);
        }
    }

    /** Puts right what words leave open; hardly anything is left to move. */
    private void sortByComparison(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            int reference = references[i];
            int at = i;
            for (; at > from && nodes.compare(references[at - 1], reference) > 0; at--) {
                references[at] = references[at - 1];
            }
            references[at] = reference;
        }
    }

    private void insertionSort(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            int reference = references[i];
            long word = words[i];
            int at = i;
            for (; at > from && Long.compareUnsigned(words[at - 1], word) > 0; at--) {
                references[at] = references[at - 1];
                words[at] = words[at - 1];
            }
            references[at] = reference;
            words[at] = word;
        }
    }

    private void radixSort(int from, int to) {
        long varying = 0;
        for (int i = from + 1; i < to; i++) {
            varying |= words[i] ^ words[from];
        }
        int[] starts = new int[BYTE_VALUES + 1];
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            if ((varying >>> shift & 0xFF) != 0) {
                radixPass(from, to, shift, starts);
            }
        }
    }

    private void radixPass(int from, int to, int shift, int[] starts) {
        Arrays.fill(starts, 0);
        for (int i = from; i < to; i++) {
            starts[(int) (words[i] >>> shift & 0xFF) + 1]++;
        }
        starts[0] = from;
        for (int value = 1; value < BYTE_VALUES; value++) {
            starts[value] += starts[value - 1];
        }
        for (int i = from; i < to; i++) {
            int at = starts[(int) (words[i] >>> shift & 0xFF)]++;
            referencesAside[at] = references[i];
            wordsAside[at] = words[i];
        }
        System.arraycopy(referencesAside, from, references, from, to - from);
        System.arraycopy(wordsAside, from, words, from, to - from);
    }
}
