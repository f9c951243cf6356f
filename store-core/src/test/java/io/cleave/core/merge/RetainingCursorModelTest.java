package io.cleave.core.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.ListCursor.Version;
import io.cleave.core.merge.RetainingCursor.Tombstones;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Nobody sees a difference between all versions and those that are kept. */
final class RetainingCursorModelTest {
    /** What a pass kept, in order, with the flags it gave. */
    private record Kept(List<Version> versions, List<Boolean> starts, long dropped) {}

    private static Kept keep(List<Version> versions, long[] snapshots, Tombstones tombstones, byte[] lower) {
        List<Version> kept = new ArrayList<>();
        List<Boolean> starts = new ArrayList<>();
        try (RetainingCursor cursor = new RetainingCursor(new ListCursor(versions), snapshots, tombstones)) {
            for (boolean on = cursor.start(lower); on; on = cursor.next()) {
                kept.add(ListCursor.at(cursor.entry()));
                starts.add(cursor.startsKey());
            }
            return new Kept(kept, starts, cursor.dropped());
        }
    }

    private static long[] randomSnapshots(SplittableRandom random, int sequenceMax) {
        return random.longs(random.nextInt(4), 0, sequenceMax + 2)
                .sorted()
                .distinct()
                .toArray();
    }

    private static List<Version> newestSeen(List<Version> versions, long[] snapshots) {
        Set<Version> seen = new HashSet<>();
        long[] readers = Arrays.copyOf(snapshots, snapshots.length + 1);
        readers[snapshots.length] = Long.MAX_VALUE;
        for (long reader : readers) {
            for (Version version : versions) {
                boolean hidden = version.sequence() > reader
                        || versions.stream()
                                .anyMatch(other -> Arrays.equals(other.key(), version.key())
                                        && other.sequence() > version.sequence()
                                        && other.sequence() <= reader);
                if (!hidden) {
                    seen.add(version);
                }
            }
        }
        return seen.stream().sorted().toList();
    }

    @Test
    void everySnapshotAndTheLatestReaderSeeTheSameBeforeAndAfter() {
        RandomCases.check(6_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 40);
            long[] snapshots = randomSnapshots(random, versions.size());
            for (Tombstones tombstones : Tombstones.values()) {
                Kept kept = keep(versions, snapshots, tombstones, null);
                for (long snapshot : snapshots) {
                    assertEquals(
                            VisibleCursorModelTest.visible(versions, snapshot, KeyBounds.ALL),
                            VisibleCursorModelTest.visible(kept.versions, snapshot, KeyBounds.ALL),
                            "snapshot " + snapshot);
                }
                assertEquals(
                        VisibleCursorModelTest.visible(versions, Long.MAX_VALUE, KeyBounds.ALL),
                        VisibleCursorModelTest.visible(kept.versions, Long.MAX_VALUE, KeyBounds.ALL));
            }
        });
    }

    @Test
    void keepsExactlyWhatSomebodySeesWhereOlderEntriesMayLieBeneath() {
        RandomCases.check(3_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 30);
            long[] snapshots = randomSnapshots(random, versions.size());
            Kept kept = keep(versions, snapshots, Tombstones.KEEP, null);
            assertEquals(newestSeen(versions, snapshots), kept.versions);
            assertEquals(versions.size() - kept.versions.size(), kept.dropped);
        });
    }

    @Test
    void dropsOnlyTombstonesThatHideNothingAndAllOfThose() {
        RandomCases.check(3_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 30);
            long[] snapshots = randomSnapshots(random, versions.size());
            Kept kept = keep(versions, snapshots, Tombstones.DROP, null);
            List<Version> expected = new ArrayList<>(newestSeen(versions, snapshots));
            long oldest = snapshots.length == 0 ? Long.MAX_VALUE : snapshots[0];
            expected.removeIf(version -> version.kind() == EntryKind.TOMBSTONE && version.sequence() <= oldest);
            assertEquals(expected, kept.versions);
            assertEquals(versions.size() - expected.size(), kept.dropped);
        });
    }

    @Test
    void tellsTheFirstKeptVersionOfEachKey() {
        RandomCases.check(3_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 30);
            Tombstones tombstones = random.nextBoolean() ? Tombstones.DROP : Tombstones.KEEP;
            Kept kept = keep(versions, randomSnapshots(random, versions.size()), tombstones, null);
            for (int i = 0; i < kept.versions.size(); i++) {
                boolean first = i == 0
                        || !Arrays.equals(
                                kept.versions.get(i - 1).key(),
                                kept.versions.get(i).key());
                assertEquals(first, kept.starts.get(i), "entry " + i + " of " + kept.versions);
            }
        });
    }

    @Test
    void startsAtTheLowerKey() {
        RandomCases.check(2_000, (random, seed) -> {
            List<Version> versions = ListCursor.randomVersions(random, 30);
            byte[] lower = RandomCases.key(random, 6);
            long[] snapshots = randomSnapshots(random, versions.size());
            List<Version> above = versions.stream()
                    .filter(version -> Arrays.compareUnsigned(version.key(), lower) >= 0)
                    .toList();
            assertEquals(
                    keep(above, snapshots, Tombstones.DROP, null), keep(versions, snapshots, Tombstones.DROP, lower));
        });
    }

    @Test
    void aTombstoneBetweenTwoSnapshotsStaysAndOneBelowAllGoes() {
        byte[] key = {1};
        List<Version> versions = List.of(
                new Version(key, 1, EntryKind.PUT),
                new Version(key, 5, EntryKind.TOMBSTONE),
                new Version(key, 9, EntryKind.PUT));
        assertEquals(
                3,
                keep(versions, new long[] {3, 7}, Tombstones.DROP, null)
                        .versions
                        .size());
        assertEquals(
                1,
                keep(versions, new long[] {7}, Tombstones.DROP, null).versions.size());
        assertEquals(
                2,
                keep(versions, new long[] {7}, Tombstones.KEEP, null).versions.size());
    }

    @Test
    void refusesNextBeforeStartAndClosesItsSource() {
        ListCursor source = new ListCursor(List.of());
        RetainingCursor cursor = new RetainingCursor(source, new long[0], Tombstones.KEEP);
        assertThrows(AssertionError.class, cursor::next);
        assertFalse(cursor.start(null));
        cursor.close();
        assertTrue(source.closes() == 1);
    }
}
