package io.cleave;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a store was told since it was last known to hold everything, beside a {@code TreeMap} for each index, and the judge of
 * what it may hold after it lost power or its process. Not thread-safe.
 *
 * <p>After the loss of power the logged writes that survive are a prefix of the history which reaches the last durable one;
 * after the loss of the process it reaches the last acknowledged one. An unlogged write survives or not, but for those that a
 * flush has followed.
 */
final class StoreHistory {
    /** How many absent keys a scan asks for, about. */
    private static final int ABSENT_KEYS = 8;

    private static final byte[] ABSENT_KEY = {0};

    /** One incarnation of an index: dropped and created again it is another one. */
    static final class Index {
        final String name;
        NavigableMap<byte[], byte[]> now = newMap();
        private NavigableMap<byte[], byte[]> base = newMap();
        private int lastUnit;
        private boolean existenceUnknown;

        Index(String name) {
            this.name = name;
        }
    }

    /** One change; a null value is a deletion. */
    record Write(Index index, byte[] key, byte[] value) {}

    /** Changes that happen together, or with {@code flushed} the flush of an index. */
    private record Unit(List<Write> writes, List<byte[]> before, boolean logged, Index flushed) {}

    private final Map<String, Index> indexes = new TreeMap<>();
    private final List<Unit> units = new ArrayList<>();
    private int acknowledged;
    private int durable;

    static NavigableMap<byte[], byte[]> newMap() {
        return new TreeMap<>(Arrays::compareUnsigned);
    }

    /** The history of a store that holds for good what it shows now. */
    static StoreHistory of(SegmentStore store) {
        StoreHistory history = new StoreHistory();
        for (String name : store.indexNames()) {
            history.create(name).now = scan(store.index(name));
        }
        history.settle();
        return history;
    }

    Map<String, Index> indexes() {
        return indexes;
    }

    /** Units since everything was known to be held. */
    int length() {
        return units.size();
    }

    Index create(String name) {
        Index index = beginCreate(name);
        index.existenceUnknown = false;
        return index;
    }

    Index beginCreate(String name) {
        Index index = new Index(name);
        index.existenceUnknown = true;
        indexes.put(name, index);
        return index;
    }

    void created(String name) {
        indexes.get(name).existenceUnknown = false;
    }

    void beginDrop(String name) {
        indexes.get(name).existenceUnknown = true;
    }

    void dropped(String name) {
        indexes.remove(name);
    }

    /** Before a write is handed to the store. */
    void begin(List<Write> writes, Durability durability) {
        List<byte[]> before = new ArrayList<>();
        units.add(new Unit(writes, before, durability != Durability.MEMORY, null));
        for (Write write : writes) {
            before.add(write.index.now.get(write.key));
            write.index.lastUnit = units.size();
            apply(write.index.now, write.key, write.value);
        }
    }

    /** After the store has returned from it. */
    void acknowledge(Durability durability) {
        acknowledged = units.size();
        if (durability == Durability.DEVICE) {
            durable = acknowledged;
        }
    }

    /** After the store has refused it: nothing of it has happened, now or later. */
    void withdraw() {
        Unit unit = units.remove(units.size() - 1);
        for (int i = unit.writes.size() - 1; i >= 0; i--) {
            Write write = unit.writes.get(i);
            apply(write.index.now, write.key, unit.before.get(i));
            write.index.lastUnit = Math.min(write.index.lastUnit, units.size());
        }
    }

    /** After {@code sync}. */
    void synced() {
        durable = acknowledged;
    }

    /** After the flush of an index: all its writes are in runs, and with them the log up to the last of them. */
    void flushed(Index index) {
        durable = Math.max(durable, index.lastUnit);
        units.add(new Unit(List.of(), List.of(), true, index));
        acknowledged = units.size();
    }

    /** After a clean close, or once what a crash left was accepted: all that is now is kept for good. */
    void settle() {
        units.clear();
        acknowledged = 0;
        durable = 0;
        for (Index index : indexes.values()) {
            index.base = copy(index.now);
            index.lastUnit = 0;
            index.existenceUnknown = false;
        }
    }

    /** Judges a store that was reopened after the loss of its process, and goes on from what it holds. */
    void acceptAfterKill(SegmentStore store) {
        accept(store, acknowledged, "kill");
    }

    /** Judges a store that was reopened after the loss of power, and goes on from what it holds. */
    void acceptAfterCrash(SegmentStore store) {
        accept(store, durable, "power cut");
    }

    /** Checks that the store holds exactly what it was told. */
    void check(SegmentStore store) {
        if (!indexes.keySet().equals(store.indexNames())) {
            throw new AssertionError("indexes: expected " + indexes.keySet() + ", found " + store.indexNames());
        }
        indexes.values().forEach(index -> {
            NavigableMap<byte[], byte[]> found = scanKnown(store, index);
            String difference = difference(index.now, found);
            if (difference != null) {
                throw new AssertionError("index " + index.name + ": " + difference);
            }
        });
    }

    /**
     * Checks that a store which had a failure shows what it acknowledged, and of a write that failed everything or nothing;
     * indexes whose creation or drop has failed may be there or not.
     */
    void checkAfterFailure(SegmentStore store) {
        for (String name : store.indexNames()) {
            if (!indexes.containsKey(name)) {
                throw new AssertionError("index " + name + " was dropped or never created");
            }
        }
        Unit failed = units.size() > acknowledged ? units.get(units.size() - 1) : null;
        for (Index index : indexes.values()) {
            if (!store.indexNames().contains(index.name)) {
                if (!index.existenceUnknown) {
                    throw new AssertionError("index " + index.name + " is lost");
                }
                continue;
            }
            NavigableMap<byte[], byte[]> found = scanKnown(store, index);
            String difference = difference(index.now, found);
            if (difference != null && (failed == null || difference(without(failed, index), found) != null)) {
                throw new AssertionError("index " + index.name + ": " + difference);
            }
        }
    }

    private static NavigableMap<byte[], byte[]> without(Unit failed, Index index) {
        NavigableMap<byte[], byte[]> map = copy(index.now);
        for (int i = failed.writes.size() - 1; i >= 0; i--) {
            if (failed.writes.get(i).index == index) {
                apply(map, failed.writes.get(i).key, failed.before.get(i));
            }
        }
        return map;
    }

    /** Everything a cursor shows, and point reads, too, which go by filters and point indexes. Nobody writes meanwhile. */
    static NavigableMap<byte[], byte[]> scan(SegmentIndex index) {
        NavigableMap<byte[], byte[]> found = scanByCursor(index);
        int stride = Math.max(1, found.size() / ABSENT_KEYS);
        int position = 0;
        requireGet(index, ABSENT_KEY, found.get(ABSENT_KEY));
        for (Map.Entry<byte[], byte[]> entry : found.entrySet()) {
            requireGet(index, entry.getKey(), entry.getValue());
            if (position++ % stride == 0 && entry.getKey().length < EntryLimits.KEY_BYTES_MAX) {
                byte[] next = KeyOrder.successor(entry.getKey());
                requireGet(index, next, found.get(next));
            }
        }
        return found;
    }

    private static void requireGet(SegmentIndex index, byte[] key, byte[] expected) {
        byte[] value = index.get(key);
        if (!Arrays.equals(expected, value)) {
            throw new AssertionError("index " + index.name() + ": key " + hex(key) + ": a cursor shows " + hex(expected)
                    + ", a point read " + hex(value));
        }
    }

    /** What {@link #scan} finds; none of the keys that were written and are not there may be shown by a point read. */
    private NavigableMap<byte[], byte[]> scanKnown(SegmentStore store, Index index) {
        SegmentIndex open = store.index(index.name);
        NavigableMap<byte[], byte[]> found = scan(open);
        for (Unit unit : units) {
            for (Write write : unit.writes) {
                if (write.index == index && !found.containsKey(write.key)) {
                    requireGet(open, write.key, null);
                }
            }
        }
        return found;
    }

    /** Everything a cursor shows; throws when keys are not ascending, each once. */
    static NavigableMap<byte[], byte[]> scanByCursor(SegmentIndex index) {
        try (Cursor cursor = index.cursor()) {
            return scan(index, cursor);
        }
    }

    /** The rest of a cursor. */
    static NavigableMap<byte[], byte[]> scan(SegmentIndex index, Cursor cursor) {
        NavigableMap<byte[], byte[]> found = newMap();
        while (cursor.next()) {
            byte[] key = cursor.keyBytes();
            if (!found.isEmpty() && Arrays.compareUnsigned(found.lastKey(), key) >= 0) {
                throw new AssertionError("index " + index.name() + ": key " + hex(key) + " after "
                        + hex(found.lastKey()) + ": out of order or twice");
            }
            found.put(key, cursor.valueBytes());
        }
        return found;
    }

    /** What tells two maps apart, or null. */
    static String difference(SortedMap<byte[], byte[]> expected, SortedMap<byte[], byte[]> found) {
        for (Map.Entry<byte[], byte[]> entry : expected.entrySet()) {
            byte[] value = found.get(entry.getKey());
            if (!Arrays.equals(entry.getValue(), value)) {
                return "key " + hex(entry.getKey()) + ": expected " + hex(entry.getValue()) + ", found " + hex(value);
            }
        }
        for (byte[] key : found.keySet()) {
            if (!expected.containsKey(key)) {
                return "key " + hex(key) + ": expected none, found " + hex(found.get(key));
            }
        }
        return null;
    }

    static String hex(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        String shown = HexFormat.of().formatHex(bytes, 0, Math.min(24, bytes.length));
        return bytes.length <= 24 ? shown : shown + "... (" + bytes.length + " bytes)";
    }

    static void apply(NavigableMap<byte[], byte[]> map, byte[] key, byte[] value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
    }

    /** An O(n) copy. */
    static NavigableMap<byte[], byte[]> copy(SortedMap<byte[], byte[]> map) {
        return new TreeMap<>(map);
    }

    /** Judges a store that was reopened after the loss of its process; changes nothing here. */
    void judgeAfterKill(SegmentStore store) {
        judge(store, acknowledged, "kill");
    }

    /** Judges a store that was reopened after the loss of power; changes nothing here. */
    void judgeAfterCrash(SegmentStore store) {
        judge(store, durable, "power cut");
    }

    private void accept(SegmentStore store, int least, String loss) {
        Map<Index, NavigableMap<byte[], byte[]>> found = judge(store, least, loss);
        indexes.values().removeIf(index -> !found.containsKey(index));
        found.forEach((index, map) -> index.now = map);
        settle();
    }

    private Map<Index, NavigableMap<byte[], byte[]>> judge(SegmentStore store, int least, String loss) {
        Map<Index, NavigableMap<byte[], byte[]>> found = new HashMap<>();
        for (String name : store.indexNames()) {
            if (!indexes.containsKey(name)) {
                throw new AssertionError("after " + loss + ": index " + name + " was dropped or never created");
            }
            found.put(indexes.get(name), scanKnown(store, indexes.get(name)));
        }
        for (Index index : indexes.values()) {
            if (!found.containsKey(index) && !index.existenceUnknown) {
                throw new AssertionError("after " + loss + ": index " + index.name + " is lost");
            }
        }
        new Match(found).find(least, loss);
        return found;
    }

    /** Looks for a prefix of the history that explains what was found. */
    private final class Match {
        private final Map<Index, NavigableMap<byte[], byte[]>> found;
        /** What a key may hold at the present prefix: the last value that must not be missing, then those that may. */
        private final Map<Index, NavigableMap<byte[], List<byte[]>>> allowed = new HashMap<>();

        private final Map<Index, NavigableMap<byte[], Boolean>> wrong = new HashMap<>();
        private int wrongCount;

        Match(Map<Index, NavigableMap<byte[], byte[]>> found) {
            this.found = found;
            found.keySet().forEach(index -> {
                allowed.put(index, new TreeMap<>(Arrays::compareUnsigned));
                wrong.put(index, new TreeMap<>(Arrays::compareUnsigned));
                index.base.forEach((key, value) -> set(index, key, value, true));
                found.get(index).keySet().forEach(key -> judge(index, key));
            });
        }

        void find(int least, String loss) {
            String nearest = null;
            int fewest = Integer.MAX_VALUE;
            for (int length = 0; length <= units.size(); length++) {
                if (length > 0) {
                    advance(units.get(length - 1));
                }
                if (length >= least && wrongCount == 0) {
                    return;
                }
                if (length >= least && wrongCount < fewest) {
                    fewest = wrongCount;
                    nearest = "at prefix " + length + " of " + units.size() + " " + wrongCount + " keys are wrong: "
                            + describe();
                }
            }
            throw new AssertionError("after " + loss + ": no prefix from " + least + " (acknowledged " + acknowledged
                    + ", durable " + durable + ") explains what is there; " + nearest);
        }

        private void advance(Unit unit) {
            if (unit.flushed != null && found.containsKey(unit.flushed)) {
                allowed.get(unit.flushed).forEach((key, values) -> {
                    values.subList(0, values.size() - 1).clear();
                    judge(unit.flushed, key);
                });
            }
            for (Write write : unit.writes) {
                if (found.containsKey(write.index)) {
                    set(write.index, write.key, write.value, unit.logged);
                }
            }
        }

        private void set(Index index, byte[] key, byte[] value, boolean logged) {
            List<byte[]> values =
                    allowed.get(index).computeIfAbsent(key, absent -> new ArrayList<>(Collections.singletonList(null)));
            if (logged) {
                values.clear();
            }
            values.add(value);
            judge(index, key);
        }

        private void judge(Index index, byte[] key) {
            List<byte[]> values = allowed.get(index).get(key);
            byte[] there = found.get(index).get(key);
            boolean right = values == null ? there == null : contains(values, there);
            boolean was = wrong.get(index).containsKey(key);
            if (right && was) {
                wrong.get(index).remove(key);
                wrongCount--;
            } else if (!right && !was) {
                wrong.get(index).put(key, true);
                wrongCount++;
            }
        }

        private String describe() {
            StringBuilder text = new StringBuilder();
            wrong.forEach((index, keys) -> keys.keySet().stream().limit(3).forEach(key -> {
                List<byte[]> values = allowed.get(index).get(key);
                text.append(index.name).append(' ').append(hex(key)).append(" expected ");
                text.append(
                        values == null
                                ? "none"
                                : values.stream().map(StoreHistory::hex).toList());
                text.append(" found ").append(hex(found.get(index).get(key))).append("; ");
            }));
            return text.toString();
        }
    }

    private static boolean contains(List<byte[]> values, byte[] there) {
        for (byte[] value : values) {
            if (value == null ? there == null : Arrays.equals(value, there)) {
                return true;
            }
        }
        return false;
    }
}
