package io.cleave;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the first writers of {@link KillChild} do: the n-th operation of a writer is a function of the two numbers, so the process
 * that survives knows it without being told. Beside it, what both indexes hold after some number of operations. From time to
 * time a range of keys is deleted and left alone for a while, so that segments become small.
 */
final class KillHistory implements KillLedger {
    static final int WRITERS = 2;
    static final String[] INDEXES = {"a", "b"};

    private static final int SLOTS = 400;
    private static final int BATCH_KEYS = 3;
    /** After so many operations keys are deleted. */
    private static final int SWEEP_EVERY = 800;

    private static final int SWEEP_KEYS = 4;
    /** The slots from here on are neighbours in key order, too. */
    private static final int SWEEP_FROM = 200;

    private static final int SWEEP_OPERATIONS = (SLOTS - SWEEP_FROM) / SWEEP_KEYS;

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
        return isSweep(operation) || operation % 8 == 7;
    }

    private static boolean isSweep(long operation) {
        return operation % SWEEP_EVERY >= SWEEP_EVERY - SWEEP_OPERATIONS;
    }

    /** Hands every change of an operation to {@code sink}; batches go to both indexes, keys spread over the whole range. */
    static void changes(int writer, long operation, Sink sink) {
        if (isSweep(operation)) {
            long swept = operation % SWEEP_EVERY - (SWEEP_EVERY - SWEEP_OPERATIONS);
            for (int i = 0; i < SWEEP_KEYS; i++) {
                byte[] key = slotKey(writer, SWEEP_FROM + swept * SWEEP_KEYS + i);
                for (String index : INDEXES) {
                    sink.change(index, key, null);
                }
            }
            return;
        }
        if (isBatch(operation)) {
            for (int i = 0; i < BATCH_KEYS; i++) {
                byte[] key = key(writer, operation + 31L * i);
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

    @Override
    public long operations() {
        return operations;
    }

    @Override
    public void advance(long end) {
        for (; operations < end; operations++) {
            changes(writer, operations, (index, key, value) -> StoreHistory.apply(maps.get(index), key, value));
        }
    }

    @Override
    public String difference(Map<String, NavigableMap<byte[], byte[]>> found) {
        byte[] from = {(byte) ('0' + writer)};
        byte[] to = {(byte) ('1' + writer)};
        for (String index : INDEXES) {
            NavigableMap<byte[], byte[]> there = found.getOrDefault(index, StoreHistory.newMap());
            String difference = StoreHistory.difference(maps.get(index), there.subMap(from, to));
            if (difference != null) {
                return "writer " + writer + ", index " + index + ", " + operations + " operations: " + difference;
            }
        }
        return null;
    }

    private static byte[] key(int writer, long number) {
        boolean all = number / SWEEP_EVERY % 2 == 0;
        return slotKey(writer, number * 7_919 % (all ? SLOTS : SWEEP_FROM));
    }

    private static byte[] slotKey(int writer, long slot) {
        return (writer + "/slot " + slot).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] value(long operation, int part) {
        byte[] value = new byte[(int) (2 * Long.BYTES + operation % 90)];
        ByteBuffer.wrap(value).putLong(operation).putLong(part);
        return value;
    }
}
