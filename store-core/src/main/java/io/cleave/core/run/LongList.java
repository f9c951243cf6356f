package io.cleave.core.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A growing list of longs. The first chunk grows by doubling, as most runs are small; each further one is of full size, so that growing
 * a large list copies nothing. Belongs to one thread.
 */
final class LongList {
    private static final int CHUNK_SHIFT = 13;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    private static final int FIRST_SIZE = 16;

    private final List<long[]> chunks = new ArrayList<>();
    private long[] last = new long[FIRST_SIZE];
    private long size;

    LongList() {
        chunks.add(last);
    }

    void add(long number) {
        int at = (int) size & CHUNK_MASK;
        if (at == 0 && size > 0) {
            last = new long[1 << CHUNK_SHIFT];
            chunks.add(last);
        } else if (at == last.length) {
            last = Arrays.copyOf(last, 2 * at);
            chunks.set(0, last);
        }
        last[at] = number;
        size++;
    }

    long get(long index) {
        return chunks.get((int) (index >>> CHUNK_SHIFT))[(int) index & CHUNK_MASK];
    }

    void set(long index, long number) {
        chunks.get((int) (index >>> CHUNK_SHIFT))[(int) index & CHUNK_MASK] = number;
    }

    long size() {
        return size;
    }
}
