package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.RepairSubject.Block;
import io.cleave.RepairSubject.IndexKey;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.LostEntries;
import io.cleave.repair.LostRange;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Repairs judged by who knows what was there: each key that reads otherwise afterwards lies in a range that the report names, what
 * whole blocks hold is kept, and the count of lost entries is right. The store's log holds nothing of it any more.
 */
final class StoreRepairOracleTest {
    private static final Path STORE = RepairSubject.STORE;
    private static final RepairSubject SUBJECT = RepairSubject.make(1);
    private static final RepairSubject OTHER = RepairSubject.make(2);

    /** Bytes of a file that are wrong. */
    private record Wrong(Path file, long from, long to) {}

    private final List<Wrong> wrong = new ArrayList<>();
    /** Manifests, key maps and directories were touched, too: then more than blocks may be lost. */
    private boolean partsToo;

    private String done = "";
    private SimulatedStorage storage;
    private long entriesLost;

    private RepairReport repair() {
        storage.forceDirectory(SimulatedStorage.DIRECTORY);
        storage.forceDirectory(STORE);
        StoreDamageTest.directories(storage).forEach(storage::forceDirectory);
        storage = storage.kill();
        RepairReport dry = new StoreRepair(storage, STORE, (total, all) -> {}).dryRun();
        RepairReport report = new StoreRepair(storage, STORE, (total, all) -> {}).repair();
        assertEquals(dry.text(), report.text());
        assertEquals(
                List.of(),
                new StoreVerification(storage, STORE, (total, all) -> {})
                        .verify()
                        .findings(),
                report::text);
        return report;
    }

    private void judge(RepairReport report) {
        try {
            judgeReading(report);
        } catch (StoreException e) {
            throw new AssertionError(report.text(), e);
        }
    }

    private void judgeReading(RepairReport report) {
        long differing = 0;
        try (SegmentStore store =
                SegmentStore.open(STORE, RepairSubject.options(storage).build())) {
            for (String name : RepairSubject.INDEXES) {
                TreeMap<String, String> found = new TreeMap<>();
                StoreHistory.scan(store.index(name))
                        .forEach((key, value) -> found.put(new String(key, UTF_8), new String(value, UTF_8)));
                for (IndexKey key : SUBJECT.keys()) {
                    if (key.index().equals(name)) {
                        differing += judge(key, found.remove(key.key()), report) ? 1 : 0;
                    }
                }
                assertEquals(List.of(), List.copyOf(found.keySet()), "keys that were never written");
            }
        }
        LostEntries told = report.entriesLost();
        entriesLost = told.atLeast();
        if (!partsToo) {
            long lost = SUBJECT.blocks.stream()
                    .filter(this::isTouched)
                    .mapToLong(Block::entries)
                    .sum();
            boolean right = told.atLeast() <= lost && lost <= told.atMost();
            assertTrue(right, () -> "lost are " + lost + ": " + report.text());
            entriesLost = lost;
        }
        assertTrue(differing == 0 || !report.nothingLost(), report::text);
    }

    /** True when the key reads otherwise than it should. */
    private boolean judge(IndexKey key, String found, RepairReport report) {
        String expected = SUBJECT.truth.get(key.index()).get(key.key());
        if (Objects.equals(expected, found)) {
            return false;
        }
        byte[] bytes = key.key().getBytes(UTF_8);
        boolean named =
                report.lost().stream().anyMatch(range -> range.index().equals(key.index()) && range.contains(bytes));
        boolean kept = !partsToo && !isTouched(SUBJECT.newest.get(key));
        assertTrue(named && SUBJECT.hasEverHeld(key, found), () -> key + " is " + found + "\n" + report.text());
        assertTrue(!kept, () -> key + " was in a whole block\n" + report.text());
        boolean gone = report.lost().stream()
                .filter(range -> range.index().equals(key.index()) && range.contains(bytes))
                .allMatch(range -> range.shown() == LostRange.Shown.NOTHING);
        assertTrue(found == null || !gone, () -> key + " shows an older value\n" + report.text());
        return true;
    }

    private boolean isTouched(Block block) {
        return block == null || wrong.stream().anyMatch(one -> block.isTouchedBy(one.file(), one.from(), one.to()));
    }

    private void fresh() {
        storage = SUBJECT.copy();
        wrong.clear();
        partsToo = false;
        done = "";
    }

    private void overwrite(Path file, byte[] content, long from, long to) {
        byte[] before = SUBJECT.copy().readAll(file, Integer.MAX_VALUE);
        done += file + " " + from + " to " + to + "; ";
        if (!Arrays.equals(before, content)) {
            wrong.add(new Wrong(file, from, to));
        }
        DamageSubject.write(storage, file, content);
    }

    @Test
    void aFlippedBitCostsNoMoreThanItsBlock() {
        CampaignSeries series = CampaignSeries.of("repair-bits", 60, 3_000);
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            while (series.next()) {
                SplittableRandom random = new SplittableRandom(series.seed());
                List<Path> files = SUBJECT.files(".run");
                Path file = files.get(random.nextInt(files.size()));
                fresh();
                byte[] content = storage.readAll(file, Integer.MAX_VALUE);
                int at = random.nextInt(content.length);
                content[at] ^= (byte) (1 << random.nextInt(8));
                overwrite(file, content, at, at + 1L);
                RepairReport report = judgeWith(series);
                long most = SUBJECT.blocks.stream()
                        .filter(this::isTouched)
                        .mapToLong(Block::entries)
                        .sum();
                assertTrue(entriesLost <= most, () -> series.place() + ": " + entriesLost + " of " + most);
                assertTrue(most > 0 || report.nothingLost(), () -> series.place() + ": " + report.text());
                series.add("bits", 1);
                series.add("entries lost", entriesLost);
            }
        }
        System.out.println(
                series + ", entries lost per byte damaged: " + ratio(series.sum("entries lost"), series.sum("bits")));
    }

    private RepairReport judgeWith(CampaignSeries series) {
        try {
            RepairReport report = repair();
            judge(report);
            return report;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(series.place() + ", " + done + ": " + e, e);
        }
    }

    private static String ratio(long part, long whole) {
        return "%.3f".formatted((double) part / Math.max(1, whole));
    }

    @Test
    void everyLostKeyIsNamedAndGoodBlocksAreKept() {
        CampaignSeries series = CampaignSeries.of("repair-oracle", 120, 5_000);
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            while (series.next()) {
                SplittableRandom random = new SplittableRandom(series.seed());
                fresh();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    damageRun(random);
                }
                if (random.nextInt(3) == 0) {
                    damageParts(random);
                }
                judgeWith(series);
                series.add(
                        "bytes",
                        wrong.stream().mapToLong(one -> one.to() - one.from()).sum());
                series.add("entries lost", entriesLost);
                series.add("with parts", partsToo ? 1 : 0);
            }
        }
        System.out.println(series + " unnamed=0, entries lost per byte damaged: "
                + ratio(series.sum("entries lost"), series.sum("bytes")));
    }

    /** Bits, sectors, garbage, a cut, something behind the end. */
    private void damageRun(SplittableRandom random) {
        List<Path> files = SUBJECT.files(".run");
        Path file = files.get(random.nextInt(files.size()));
        byte[] content = storage.readAll(file, Integer.MAX_VALUE);
        int from = random.nextInt(content.length);
        switch (random.nextInt(6)) {
            case 0 -> {
                content[from] ^= (byte) (1 << random.nextInt(8));
                overwrite(file, content, from, from + 1L);
            }
            case 1 -> {
                int sector = from & -512;
                int end = Math.min(content.length, sector + 512);
                Arrays.fill(content, sector, end, (byte) 0);
                overwrite(file, content, sector, end);
            }
            case 2 -> {
                int end = Math.min(content.length, from + 1 + random.nextInt(400));
                for (int at = from; at < end; at++) {
                    content[at] = (byte) random.nextInt();
                }
                overwrite(file, content, from, end);
            }
            case 3 -> overwrite(file, Arrays.copyOf(content, from), from, content.length);
            case 4 -> {
                Arrays.fill(content, 0, Math.min(64, content.length), (byte) random.nextInt());
                overwrite(file, content, 0, Math.min(64, content.length));
            }
            default ->
                overwrite(
                        file,
                        Arrays.copyOf(content, content.length + 1 + random.nextInt(5000)),
                        content.length,
                        content.length);
        }
    }

    /** A part that is absent, empty, another store's, or another part's. */
    private void damageParts(SplittableRandom random) {
        partsToo = true;
        List<Path> runs = SUBJECT.files(".run");
        List<Path> small = new ArrayList<>(SUBJECT.files("manifest"));
        small.addAll(SUBJECT.files("key-map"));
        small.addAll(SUBJECT.files("segment-ids"));
        Path run = runs.get(random.nextInt(runs.size()));
        Path part = random.nextBoolean() ? run : small.get(random.nextInt(small.size()));
        done += part + ", way ";
        int way = random.nextInt(7);
        done += way;
        switch (way) {
            case 0 -> remove(part);
            case 1 -> DamageSubject.write(storage, part, new byte[0]);
            case 2 -> takeFrom(OTHER.copy(), part, part);
            case 3 -> takeFrom(SUBJECT.copy(), runs.get(random.nextInt(runs.size())), run);
            case 4 -> empty(part.getParent());
            case 5 -> {
                empty(part.getParent());
                remove(part.getParent());
            }
            default -> {
                empty(part.getParent());
                for (Path file : OTHER.files("")) {
                    if (file.getParent().equals(part.getParent())) {
                        takeFrom(OTHER.copy(), file, file);
                    }
                }
            }
        }
    }

    private void takeFrom(SimulatedStorage source, Path from, Path to) {
        if (source.kind(from) == Storage.PathKind.FILE) {
            DamageSubject.write(storage, to, source.readAll(from, Integer.MAX_VALUE));
            storage.forceDirectory(to.getParent());
        }
    }

    private void empty(Path directory) {
        DamageSubject.below(storage, directory).forEach(this::remove);
    }

    private void remove(Path path) {
        storage.delete(path);
        storage.forceDirectory(path.getParent());
    }

    @Test
    void aSegmentWhoseFilesAreGoneIsALostRange() {
        for (Path manifest : SUBJECT.files("manifest")) {
            for (int way = 0; way < 2; way++) {
                fresh();
                partsToo = true;
                empty(manifest.getParent());
                if (way == 1) {
                    remove(manifest.getParent());
                }
                RepairReport report = repair();
                judge(report);
                assertEquals(1, report.lost().size(), report::text);
                assertFalse(report.text().contains("entries that nothing counts"), report::text);
            }
        }
    }

    @Test
    void aRunOfAnotherStoreLosesWhatStoodInItsPlaceAndNothingElse() {
        for (Path run : SUBJECT.files(".run")) {
            fresh();
            partsToo = true;
            takeFrom(OTHER.copy(), run, run);
            judge(repair());
        }
    }

    @Test
    void aDamagedManifestThatStillNamesItsRunsLosesNothing() {
        for (Path manifest : SUBJECT.files("manifest")) {
            fresh();
            byte[] content = storage.readAll(manifest, Integer.MAX_VALUE);
            content[content.length - 1] ^= 1;
            overwrite(manifest, content, content.length - 1, content.length);
            RepairReport report = repair();
            judge(report);
            assertTrue(report.nothingLost(), report::text);
        }
    }
}
