package io.cleave.core.run;

import java.util.ArrayList;
import java.util.List;

/** A growing list of longs in chunks, so that growing copies nothing. Belongs to one thread. */
final class LongList {
    private static final int CHUNK_SHIFT = 13;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;

    private final List<long[]> chunks = new ArrayList<>();
    private long[] last;
    private long size;

    void add(long number) {
        int at = (int) size & CHUNK_MASK;
        if (at == 0) {
            last = new long[1 << CHUNK_SHIFT];
            chunks.add(last);
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
