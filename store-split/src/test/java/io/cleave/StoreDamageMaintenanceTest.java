package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.DamageSubject.Boot;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Flushes, compactions, splits and merges of neighbours read runs of which one byte is wrong. Each ends in an exception that names
 * the file, or does not need the byte. None takes what it can't read for the end of a run: once the byte is mended, everything that
 * was ever acknowledged is there.
 */
final class StoreDamageMaintenanceTest {
    private static final DamageSubject SUBJECT = DamageSubject.make();
    private static final byte[] EXTRA = DamageSubject.bytes("later");

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private long cases;
    private long refused;
    private long kept;

    @Test
    void maintenanceThatMeetsAWrongByteLosesNothing() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            Map<Path, Long> files = SUBJECT.files();
            files.keySet().removeIf(file -> !file.toString().endsWith(".run"));
            StoreDamageTest.sampleBytes(files, Campaign.count(250, Long.MAX_VALUE), random, this::tryByte);
        }
        System.out.printf(
                "damage, maintenance: cases=%d calls refused=%d damaged runs kept=%d lost=0%n", cases, refused, kept);
        assertTrue(refused > 0 && kept > 0, "nothing was refused");
    }

    private void tryByte(Path file, int at, int change, long number) {
        byte[] right = SUBJECT.content(file);
        byte[] content = right.clone();
        content[at] = DamageSubject.wrong(right[at], at, change);
        if (content[at] == right[at]) {
            return;
        }
        cases++;
        try {
            SimulatedStorage damaged = SUBJECT.copy(Boot.SAME);
            replace(damaged, file, content);
            SimulatedStorage storage = damaged.kill();
            Set<String> written = maintain(storage, file);
            SimulatedStorage mended = storage.kill();
            if (mended.kind(file) != Storage.PathKind.ABSENT) {
                kept++;
                replace(mended, file, right);
            }
            requireEverything(mended.kill(), written);
        } catch (RuntimeException | Error e) {
            String where = file + ", byte " + at + ", change " + change + " (" + number + "), -Dcleave.seed="
                    + Campaign.seed();
            throw new AssertionError(where + ": " + e, e);
        }
    }

    private static void replace(SimulatedStorage storage, Path file, byte[] content) {
        DamageSubject.write(storage, file, content);
        storage.forceDirectory(file.getParent());
    }

    /** Everything that reads a run and writes another one; the indexes that took a write meanwhile. */
    private Set<String> maintain(SimulatedStorage storage, Path file) {
        Set<String> written = new HashSet<>();
        StoreOptions options = DamageSubject.options(storage).build();
        try (SegmentStore store = SegmentStore.open(DamageSubject.STORE, options)) {
            for (String name : store.indexNames()) {
                SegmentIndex index = store.index(name);
                attempt(file, index::compact);
                for (IndexStats.SegmentStats segment : index.stats().segments()) {
                    attempt(file, () -> index.split(segment.id()));
                }
                if (attempt(file, () -> index.put(EXTRA, EXTRA))) {
                    written.add(name);
                }
                attempt(file, index::flush);
                attempt(file, index::compact);
            }
        } catch (StoreException e) {
            told(file, e);
        }
        return written;
    }

    private boolean attempt(Path file, Runnable work) {
        try {
            work.run();
            return true;
        } catch (StoreException e) {
            told(file, e);
            return false;
        }
    }

    private void told(Path file, StoreException failure) {
        refused++;
        assertTrue(
                failure instanceof StoreException.Corrupt
                        && failure.getMessage().contains(file.toString()),
                () -> "does not name the file: " + failure);
    }

    private static void requireEverything(SimulatedStorage storage, Set<String> written) {
        StoreOptions options = DamageSubject.options(storage).build();
        try (SegmentStore store = SegmentStore.open(DamageSubject.STORE, options)) {
            for (String name : DamageSubject.INDEXES) {
                NavigableMap<byte[], byte[]> found = StoreHistory.scanByCursor(store.index(name));
                boolean there = found.remove(EXTRA) != null;
                assertEquals(written.contains(name), there, "a write beside the damage");
                NavigableMap<byte[], byte[]> expected = SUBJECT.model.get(DamageSubject.INDEXES.indexOf(name) + 1);
                assertNull(StoreHistory.difference(expected, found), name);
            }
        }
        assertEquals(List.of(), DamageJudge.verify(storage).findings());
    }
}
