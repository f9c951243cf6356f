package io.cleave;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;

/**
 * What the third writer of {@link KillChild} does: it creates an index, fills it, and drops it, again and again. Beside it,
 * what that index holds after some number of operations.
 */
final class KillDrops implements KillLedger {
    static final String INDEX = "c";

    /** Creation, more keys than one segment holds, drop. */
    private static final int CYCLE = 120;

    /** Null while there is no index. */
    private NavigableMap<byte[], byte[]> map;

    private long operations;

    static boolean isCreation(long operation) {
        return operation % CYCLE == 0;
    }

    static boolean isDrop(long operation) {
        return operation % CYCLE == CYCLE - 1;
    }

    static byte[] key(long operation) {
        return ("key " + operation * 7 % CYCLE).getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] value(long operation) {
        return ("value " + operation).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean isDurable(long operation) {
        return isCreation(operation) || isDrop(operation) || KillLedger.super.isDurable(operation);
    }

    @Override
    public long operations() {
        return operations;
    }

    @Override
    public void advance(long end) {
        for (; operations < end; operations++) {
            if (isCreation(operations)) {
                map = StoreHistory.newMap();
            } else if (isDrop(operations)) {
                map = null;
            } else {
                map.put(key(operations), value(operations));
            }
        }
    }

    @Override
    public String difference(Map<String, NavigableMap<byte[], byte[]>> found) {
        NavigableMap<byte[], byte[]> there = found.get(INDEX);
        if (map == null || there == null) {
            return map == there ? null : "index " + INDEX + (map == null ? " is there" : " is lost");
        }
        String difference = StoreHistory.difference(map, there);
        return difference == null ? null : "index " + INDEX + " after " + operations + " operations: " + difference;
    }
}
