package io.cleave;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A cursor of a store beside a list of what its range held when it was opened, moved in step. Not thread-safe. */
final class ModelCursor implements AutoCloseable {
    private final Cursor cursor;
    private final List<byte[]> keys;
    private final NavigableMap<byte[], byte[]> entries;
    private final boolean descending;
    /** Place in key order: -1 before the first, their number after the last. */
    private int position;

    /** Takes over {@code cursor}, which shows {@code moment} in {@code range}. */
    ModelCursor(Cursor cursor, NavigableMap<byte[], byte[]> moment, KeyRange range) {
        this.cursor = cursor;
        this.entries = StoreHistory.copy(moment);
        this.keys = entries.keySet().stream().filter(range::contains).toList();
        this.descending = range.isDescending();
        this.position = descending ? keys.size() : -1;
    }

    /** Moves once, in some way, and looks. Returns what it did. */
    String move(SplittableRandom random, KeySpace space) {
        int kind = random.nextInt(10);
        if (kind < 6) {
            next();
            return "next";
        }
        if (kind < 9) {
            previous();
            return "previous";
        }
        byte[] to = space.bound();
        seek(to);
        return "seek " + StoreHistory.hex(to);
    }

    void next() {
        step(descending ? -1 : 1, cursor.next());
    }

    void previous() {
        step(descending ? 1 : -1, cursor.previous());
    }

    void seek(byte[] to) {
        position = IntStream.range(0, keys.size())
                .filter(i -> Arrays.compareUnsigned(keys.get(i), to) >= 0)
                .findFirst()
                .orElse(keys.size());
        look(cursor.seek(to));
    }

    /** From wherever it is to the end of its range. */
    void drain() {
        do {
            next();
        } while (position >= 0 && position < keys.size());
    }

    /** Checks that it can't be used any more. */
    void requireClosed() {
        try {
            cursor.next();
        } catch (StoreClosedException | StoreException.NotFound expected) {
            return;
        }
        throw new AssertionError("a cursor of a closed store or index still moves");
    }

    @Override
    public void close() {
        cursor.close();
    }

    private void step(int by, boolean found) {
        position = Math.max(-1, Math.min(keys.size(), position + by));
        look(found);
    }

    private void look(boolean found) {
        boolean expected = position >= 0 && position < keys.size();
        if (found != expected) {
            throw new AssertionError("cursor at " + position + " of " + keys.size() + ": expected " + expected
                    + ", found " + (found ? StoreHistory.hex(cursor.keyBytes()) : "no entry"));
        }
        if (!expected) {
            return;
        }
        byte[] key = new byte[cursor.key().remaining()];
        cursor.key().get(key);
        if (!Arrays.equals(keys.get(position), key) || !Arrays.equals(key, cursor.keyBytes())) {
            throw new AssertionError("cursor at " + position + " of " + keys.size() + ": expected key "
                    + StoreHistory.hex(keys.get(position)) + ", found " + StoreHistory.hex(key));
        }
        byte[] value = new byte[cursor.value().remaining()];
        cursor.value().get(value);
        byte[] part = new byte[value.length / 2 + 1];
        cursor.copyValue(value.length - value.length / 2, part, 1, value.length / 2);
        boolean partRight = Arrays.equals(part, 1, part.length, value, value.length - value.length / 2, value.length);
        if (!partRight || !Arrays.equals(entries.get(key), value) || !Arrays.equals(value, cursor.valueBytes())) {
            throw new AssertionError("cursor at key " + StoreHistory.hex(key) + ": expected value "
                    + StoreHistory.hex(entries.get(key)) + ", found " + StoreHistory.hex(value));
        }
    }
}
