package io.cleave;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One thread of {@link StoreUseAfterCloseTest}: uses an index in every way there is until it is refused or told that the end
 * came, then once more in every way, and knows what must be refused. Belongs to its thread but for the counts.
 */
@SuppressWarnings("ThreadPriorityCheck") // yields while others do their share
final class CloseUser {
    static final int FIXED_KEYS = 40;
    private static final KeyRange FIXED = KeyRange.prefix(bytes("fixed"));
    /** While a thread waits for the slower ones it only gets. */
    private static final int USES_OF_ALL_WAYS = 20;

    /** Entries of a scan that may be cut off. */
    private static final int CUT_OFF_ENTRIES_MAX = 60;

    /** What an ending must refuse. */
    enum Refused {
        NOTHING,
        SNAPSHOT,
        INDEX,
        EVERYTHING
    }

    /** An index and what its values look like; values of another incarnation differ. */
    record Place(SegmentIndex index, String mark) {
        byte[] value(byte[] key) {
            return bytes(mark + "=" + text(key));
        }
    }

    /** Each way to use a store, and from which ending on it is refused. */
    private enum Way {
        GET(Refused.INDEX),
        GET_INTO(Refused.INDEX),
        CONTAINS(Refused.INDEX),
        PUT(Refused.INDEX),
        DELETE(Refused.INDEX),
        BATCH(Refused.INDEX),
        SCAN(Refused.INDEX),
        SCAN_DOWN(Refused.INDEX),
        HELD_CURSOR(Refused.INDEX),
        CURSOR_OTHERS_CLOSE(Refused.INDEX),
        FLUSH(Refused.INDEX),
        COMPACT(Refused.INDEX),
        SPLIT(Refused.INDEX),
        STATS(Refused.INDEX),
        SNAPSHOT_GET(Refused.SNAPSHOT),
        SNAPSHOT_CURSOR(Refused.SNAPSHOT),
        OWN_SNAPSHOT(Refused.INDEX),
        SYNC(Refused.EVERYTHING),
        AWAIT(Refused.EVERYTHING),
        KEPT_INDEX(Refused.EVERYTHING);

        private final Refused from;

        Way(Refused from) {
            this.from = from;
        }

        /** Such work goes to the disk: a few of it do. */
        boolean isCostly() {
            return this == FLUSH || this == COMPACT || this == SPLIT || this == SYNC || this == AWAIT;
        }

        boolean isRefusedBy(Refused ending) {
            boolean snapshot = this == SNAPSHOT_GET || this == SNAPSHOT_CURSOR;
            return switch (ending) {
                case NOTHING -> false;
                case SNAPSHOT -> snapshot;
                case INDEX -> snapshot || from == Refused.INDEX;
                case EVERYTHING -> true;
            };
        }
    }

    private final int number;
    private final SplittableRandom random;
    private final SegmentStore store;
    private final Place place;
    private final Place kept;
    private final Snapshot snapshot;
    private final List<byte[]> written = new ArrayList<>();
    /** Cursors in use that any thread closes. */
    private final Queue<Cursor> exposed;

    private Cursor held;
    private int keys;
    private long cutOff;
    private long refusals;
    private final AtomicLong uses = new AtomicLong();
    private volatile Refused expected;

    CloseUser(
            int number,
            SplittableRandom random,
            SegmentStore store,
            Place place,
            Place kept,
            Snapshot snapshot,
            Queue<Cursor> exposed) {
        this.exposed = exposed;
        this.number = number;
        this.random = random;
        this.store = store;
        this.place = place;
        this.kept = kept;
        this.snapshot = snapshot;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] fixedKey(int number) {
        return bytes("fixed-%03d".formatted(number));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    Place place() {
        return place;
    }

    long uses() {
        return uses.get();
    }

    long refusals() {
        return refusals;
    }

    /** Cursors of this thread that another one has closed in the middle of a scan. */
    long cutOff() {
        return cutOff;
    }

    /** Told before the end is announced: what must be refused from then on. */
    void expect(Refused refused) {
        expected = refused;
    }

    /** Works until the end was announced, then looks at each way once. */
    void run(CountDownLatch ended) {
        try {
            while (ended.getCount() > 0) {
                Way way = choose();
                try {
                    use(way);
                    if (uses.incrementAndGet() > USES_OF_ALL_WAYS) {
                        Thread.yield();
                    }
                } catch (StoreClosedException | StoreException.NotFound e) {
                    refusals++;
                    await(ended);
                    require(way.isRefusedBy(expected), way + " was refused by " + expected, e);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(way + " of thread " + number + ": " + e, e);
                }
            }
            for (Way way : Way.values()) {
                if (way.isRefusedBy(expected) || !way.isCostly()) {
                    lookAfterTheEnd(way);
                }
            }
        } finally {
            if (held != null) {
                held.close();
            }
        }
    }

    private Way choose() {
        Way way = Way.values()[random.nextInt(Way.values().length)];
        boolean enough = uses.get() > USES_OF_ALL_WAYS || (way.isCostly() && random.nextInt(6) > 0);
        return enough ? Way.GET : way;
    }

    /** What was acknowledged is there. */
    void requireWrites(Place now) {
        for (byte[] key : written) {
            require(
                    Arrays.equals(now.value(key), now.index().get(key)),
                    "an acknowledged write is lost: " + text(key),
                    null);
        }
    }

    private void lookAfterTheEnd(Way way) {
        boolean refused = false;
        try {
            use(way);
        } catch (StoreClosedException | StoreException.NotFound e) {
            refused = true;
            refusals++;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(way + " of thread " + number + " after the end: " + e, e);
        }
        require(
                refused == way.isRefusedBy(expected),
                way + " after the end of " + expected + ": refused " + refused,
                null);
    }

    private static void await(CountDownLatch ended) {
        try {
            ended.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void use(Way way) {
        SegmentIndex index = place.index();
        byte[] fixed = fixedKey(random.nextInt(FIXED_KEYS));
        switch (way) {
            case GET -> requireFixed(fixed, index.get(fixed));
            case GET_INTO -> getInto(fixed);
            case CONTAINS -> require(index.containsKey(fixed), "a fixed key is missed", null);
            case PUT -> put();
            case DELETE -> index.delete(bytes("absent-" + number));
            case BATCH -> commit();
            case SCAN -> scan(index.cursor(FIXED), place, 1);
            case SCAN_DOWN -> scan(index.cursor(FIXED.descending()), place, -1);
            case HELD_CURSOR -> moveHeld();
            case CURSOR_OTHERS_CLOSE -> scanExposed(random.nextBoolean());
            case FLUSH -> index.flush();
            case COMPACT -> index.compact();
            case SPLIT -> split();
            case STATS -> require(!index.stats().segments().isEmpty(), "no segments", null);
            case SNAPSHOT_GET -> requireFixed(fixed, snapshot.get(index, fixed));
            case SNAPSHOT_CURSOR -> scan(snapshot.cursor(index, FIXED), place, 1);
            case OWN_SNAPSHOT -> useOwnSnapshot(fixed);
            case SYNC -> store.sync();
            case AWAIT -> store.awaitMaintenance();
            default ->
                require(kept.index().get(fixed) != null, "a fixed key is missed where nothing was dropped", null);
        }
    }

    private void requireFixed(byte[] key, byte[] value) {
        require(
                Arrays.equals(place.value(key), value),
                "wrong value of " + text(key) + ": " + (value == null ? "absent" : text(value)),
                null);
    }

    private void getInto(byte[] key) {
        byte[] target = new byte[place.value(key).length];
        int length = place.index().get(key, target);
        require(length == target.length, "length " + length, null);
        requireFixed(key, target);
    }

    private byte[] newKey() {
        return bytes("own-%d-%s-%05d".formatted(number, Long.toHexString(random.nextLong()), keys++));
    }

    private void put() {
        byte[] key = newKey();
        place.index().put(key, place.value(key));
        written.add(key);
    }

    private void commit() {
        try (WriteBatch batch = store.batch()) {
            List<byte[]> together = List.of(newKey(), newKey(), newKey());
            together.forEach(key -> batch.put(place.index(), key, place.value(key)));
            batch.commit();
            written.addAll(together);
        }
    }

    private void split() {
        List<IndexStats.SegmentStats> segments = place.index().stats().segments();
        try {
            place.index().split(segments.get(random.nextInt(segments.size())).id());
        } catch (StoreException.NotFound e) {
            // Somebody else split it.
            assert e.getMessage() != null;
        }
    }

    /** A cursor that was opened some uses ago goes on, and is given up at its end. */
    private void moveHeld() {
        if (held == null) {
            held = place.index().cursor();
        }
        for (int i = 0; i < 5; i++) {
            if (!held.next()) {
                held.close();
                held = null;
                return;
            }
            requireEntry(held, place);
        }
    }

    /** Scans with a cursor that other threads may close at any moment, and closes theirs. */
    private void scanExposed(boolean descending) {
        KeyRange all = KeyRange.all();
        try (Cursor cursor = place.index().cursor(descending ? all.descending() : all)) {
            exposed.add(cursor);
            try {
                int last = random.nextInt(CUT_OFF_ENTRIES_MAX);
                for (int i = 0; i < last && cursor.next(); i++) {
                    requireExposedEntry(cursor);
                    if (i % 3 == 0) {
                        closeAnother(cursor);
                    }
                    if (i % 7 == 6 && cursor.previous()) {
                        requireExposedEntry(cursor);
                    }
                }
            } catch (StoreClosedException e) {
                if (!e.getMessage().equals("cursor is closed")) {
                    throw e;
                }
                cutOff++;
            } finally {
                exposed.remove(cursor);
            }
        }
    }

    /** Buffers are copies: a close by another thread leaves them as they are until the next call of their user. */
    private void requireExposedEntry(Cursor cursor) {
        ByteBuffer key = cursor.key();
        ByteBuffer value = cursor.value();
        for (int look = 0; look < 3; look++) {
            byte[] keyCopy = copy(key);
            require(Arrays.equals(place.value(keyCopy), copy(value)), "wrong value of " + text(keyCopy), null);
        }
        if (random.nextInt(4) == 0) {
            byte[] keyBytes = cursor.keyBytes();
            byte[] valueBytes = cursor.valueBytes();
            require(Arrays.equals(place.value(keyBytes), valueBytes), "wrong value of " + text(keyBytes), null);
        }
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.limit()];
        buffer.get(0, copy);
        return copy;
    }

    private void closeAnother(Cursor mine) {
        Cursor other = exposed.poll();
        if (other == mine) {
            exposed.add(mine);
        } else if (other != null) {
            other.close();
        }
    }

    private void useOwnSnapshot(byte[] fixed) {
        try (Snapshot own = store.snapshot()) {
            requireFixed(fixed, own.get(place.index(), fixed));
            scan(own.cursor(place.index(), FIXED), place, 1);
        }
    }

    /** A scan that comes to its end has met every fixed key, in order. */
    private static void scan(Cursor opened, Place place, int direction) {
        try (Cursor cursor = opened) {
            byte[] last = null;
            int fixed = 0;
            while (cursor.next()) {
                byte[] key = cursor.keyBytes();
                require(last == null || Arrays.compareUnsigned(key, last) * direction > 0, "order", null);
                requireEntry(cursor, place);
                fixed++;
                last = key;
            }
            require(fixed == FIXED_KEYS, "a scan has met " + fixed + " fixed keys", null);
        }
    }

    private static void requireEntry(Cursor cursor, Place place) {
        byte[] key = cursor.keyBytes();
        require(Arrays.equals(place.value(key), cursor.valueBytes()), "wrong value of " + text(key), null);
    }

    private static void require(boolean condition, String otherwise, Throwable cause) {
        if (!condition) {
            throw new AssertionError(otherwise, cause);
        }
    }
}
