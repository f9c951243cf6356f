package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cursors that pay for entries in several places have a segment brought into one run, and others don't (ADR 0020). */
final class StoreReadCompactionTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int ENTRIES = 400;
    /** So few that the policy leaves them in a run of their own. */
    private static final int DELTA_ENTRIES = 100;
    /** What a segment of this size asks for is a megabyte; a seek counts half a kilobyte for each source beyond the first. */
    private static final int SEEKS_ENOUGH = 2_100;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private SegmentStore store;
    private SegmentIndex index;

    /** Without threads: queued work is done by the next write. */
    @BeforeEach
    void open() {
        store = SegmentStore.open(
                DIRECTORY,
                StoreOptions.builder()
                        .storage(leaks.watch(new SimulatedStorage(1)))
                        .maintenanceThreads(0)
                        .build());
        index = store.index("a");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void manySeeksOverTwoRunsBringThemIntoOne() {
        writeRun(0);
        writeRun(1);
        assertEquals(2, runs());
        seek(SEEKS_ENOUGH);
        workOnQueue();
        assertEquals(1, runs());
        assertEquals(ENTRIES + DELTA_ENTRIES, count());
    }

    @Test
    void entriesInMemoryCountAsAPlace() {
        writeRun(0);
        put(1);
        seek(SEEKS_ENOUGH);
        workOnQueue();
        assertEquals(1, runs());
        assertTrue(
                index.stats().segments().get(0).entries() >= ENTRIES + DELTA_ENTRIES, "the memtable went into the run");
    }

    @Test
    void manyScansCountToo() {
        writeRun(0);
        writeRun(1);
        for (int i = 0; i < 300; i++) {
            assertEquals(ENTRIES + DELTA_ENTRIES, count());
        }
        workOnQueue();
        assertEquals(1, runs());
    }

    @Test
    void fewSeeksChangeNothing() {
        writeRun(0);
        writeRun(1);
        seek(SEEKS_ENOUGH / 2);
        workOnQueue();
        assertEquals(2, runs());
    }

    @Test
    void seeksInASingleRunPayNothing() {
        writeRun(0);
        long compactions = store.stats().compactions();
        seek(2 * SEEKS_ENOUGH);
        workOnQueue();
        assertEquals(compactions, store.stats().compactions());
    }

    @Test
    void whatWasPaidIsPaidOnce() {
        writeRun(0);
        writeRun(1);
        seek(SEEKS_ENOUGH);
        workOnQueue();
        writeRun(2);
        seek(SEEKS_ENOUGH / 2);
        workOnQueue();
        assertEquals(2, runs());
    }

    /** Any write does what is queued; this one leaves no entry behind. */
    private void workOnQueue() {
        index.delete(new byte[] {0});
    }

    private void writeRun(int remainder) {
        put(remainder);
        index.flush();
    }

    private void put(int remainder) {
        int entries = remainder == 0 ? ENTRIES : DELTA_ENTRIES;
        for (int i = 0; i < entries; i++) {
            index.put(key(3 * i + remainder), key(i));
        }
    }

    private void seek(int times) {
        try (Cursor cursor = index.cursor()) {
            for (int i = 0; i < times; i++) {
                assertTrue(cursor.seek(key(3 * (i % ENTRIES))));
            }
        }
    }

    private int count() {
        int count = 0;
        try (Cursor cursor = index.cursor()) {
            while (cursor.next()) {
                count++;
            }
        }
        return count;
    }

    private int runs() {
        return index.stats().segments().get(0).runs();
    }

    private static byte[] key(int number) {
        return String.format("key %06d", number).getBytes(StandardCharsets.US_ASCII);
    }
}
