package io.cleave;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** What one writer of {@link KillChild} has done so far, and what it has left. Not thread-safe. */
interface KillLedger {
    /** In processes that lose power every so many operations are durable. */
    int DEVICE_EVERY = 9;

    /** One for each writer, with nothing done so far. */
    static List<KillLedger> all() {
        List<KillLedger> ledgers = new ArrayList<>();
        for (int i = 0; i < KillHistory.WRITERS; i++) {
            ledgers.add(new KillHistory(i));
        }
        ledgers.add(new KillDrops());
        return ledgers;
    }

    /** Whether an operation, once it was acknowledged, also survives the loss of power. */
    default boolean isDurable(long operation) {
        return operation % DEVICE_EVERY == 0;
    }

    /** Operations applied so far. */
    long operations();

    /** Applies the operations up to number {@code end}, excluded. */
    void advance(long end);

    /**
     * What tells the writer's part of what was found from what it has left, or null.
     *
     * @param found what each index holds, by name; an index that does not exist is absent
     */
    String difference(Map<String, NavigableMap<byte[], byte[]>> found);
}
