package io.cleave;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the writers of {@link KillChild} do: the n-th operation of a writer is a function of the two numbers, so the process
 * that survives knows it without being told. Beside it, what both indexes hold after some number of operations.
 */
final class KillHistory {
    static final int WRITERS = 2;
    static final String[] INDEXES = {"a", "b"};

    private static final int SLOTS = 1_500;
    private static final int BATCH_KEYS = 3;

    /** Takes one change; a null value is a deletion. */
    interface Sink {
        void change(String index, byte[] key, byte[] value);
    }

    /** By index: what one writer's operations so far have left. */
    private final Map<String, NavigableMap<byte[], byte[]>> maps = new TreeMap<>();

    private final int writer;
    private long operations;

    KillHistory(int writer) {
        this.writer = writer;
        for (String index : INDEXES) {
            maps.put(index, StoreHistory.newMap());
        }
    }

    static boolean isBatch(long operation) {
        return operation % 8 == 7;
    }

    /** Hands every change of an operation to {@code sink}; batches go to both indexes, keys spread over the whole range. */
    static void changes(int writer, long operation, Sink sink) {
        if (isBatch(operation)) {
            for (int i = 0; i < BATCH_KEYS; i++) {
                byte[] key = key(writer, operation * 31 + i);
                byte[] value = i == 1 && operation % 16 == 7 ? null : value(operation, i);
                for (String index : INDEXES) {
                    sink.change(index, key, value);
                }
            }
            return;
        }
        String index = INDEXES[operation % 3 == 0 ? 1 : 0];
        sink.change(index, key(writer, operation), operation % 5 == 4 ? null : value(operation, 0));
    }

    /** Operations applied so far. */
    long operations() {
        return operations;
    }

    /** Applies the operations up to number {@code end}, excluded. */
    void advance(long end) {
        for (; operations < end; operations++) {
            changes(writer, operations, (index, key, value) -> StoreHistory.apply(maps.get(index), key, value));
        }
    }

    /** What tells the writer's part of what was found from what it has left, or null. */
    String difference(Map<String, NavigableMap<byte[], byte[]>> found) {
        byte[] from = {(byte) ('0' + writer)};
        byte[] to = {(byte) ('1' + writer)};
        for (String index : INDEXES) {
            String difference =
                    StoreHistory.difference(maps.get(index), found.get(index).subMap(from, to));
            if (difference != null) {
                return "writer " + writer + ", index " + index + ", " + operations + " operations: " + difference;
            }
        }
        return null;
    }

    private static byte[] key(int writer, long number) {
        long slot = number * 7_919 % SLOTS;
        return (writer + "/slot " + slot).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] value(long operation, int part) {
        byte[] value = new byte[(int) (2 * Long.BYTES + operation % 90)];
        ByteBuffer.wrap(value).putLong(operation).putLong(part);
        return value;
    }
}
