package io.cleave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.fuzz.StoreImage;
import io.cleave.inspect.StoreInspection;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Stores put together from copies that were taken along a history: each is told, or holds what the store held at one moment, or is
 * one of those that docs/adr/0026-ledger-of-parts.md calls untellable. And histories without such mixtures, in which nothing is told.
 */
final class StoreAgesTest {
    private static final int SESSIONS = 12;
    private static final int MIXTURES_IN_HISTORY = 25;

    /** What is taken from another copy: paths below the store's directory. */
    private static final List<Pattern> PARTS = List.of(
            Pattern.compile("index-\\d+/segment-\\d+(?=/|$)"),
            Pattern.compile("index-\\d+(?=/|$)"),
            Pattern.compile("catalog"),
            Pattern.compile("log(?=/|$)"),
            Pattern.compile("index-\\d+/key-map"),
            Pattern.compile("index-\\d+/segment-\\d+/manifest"),
            Pattern.compile("index-\\d+/segment-ids"),
            Pattern.compile("parts"));

    private SplittableRandom random;

    /** A mixture, and from which copies it is. */
    private record Mixture(StoreImage image, String name) {}

    @Test
    void aStoreOfPartsOfDifferentAgesIsToldOrShowsOneMoment() {
        CampaignSeries series = CampaignSeries.of("ages-mixed", 200, 20_000, MIXTURES_IN_HISTORY);
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            while (series.next()) {
                random = new SplittableRandom(series.seed());
                AgingStore aging = aging();
                for (int i = 0; i < SESSIONS; i++) {
                    aging.session();
                }
                for (int i = 0; i < MIXTURES_IN_HISTORY; i++) {
                    Mixture mixture = mixture(aging.copies());
                    try {
                        series.add(judge(mixture, aging), 1);
                    } catch (RuntimeException | Error e) {
                        throw new AssertionError(
                                series.place() + ", mixture " + i + ", " + mixture.name() + ": " + e, e);
                    }
                }
                series.add("mixtures", MIXTURES_IN_HISTORY);
                series.add("wrong and not told", 0);
            }
        }
        System.out.println(series);
        assertTrue(series.sum("told") > 0 && series.sum("one moment") > 0, series::toString);
    }

    @Test
    void noHistoryOfSessionsCutsSplitsDropsRepairsAndUpgradesRaisesAFalseAlarm() {
        CampaignSeries series = CampaignSeries.of("ages", 24, 10_000);
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            while (series.next()) {
                AgingStore aging;
                try {
                    random = new SplittableRandom(series.seed());
                    aging = aging();
                    for (int i = 0; i < SESSIONS / 2; i++) {
                        aging.session();
                    }
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(series.place() + ": " + e, e);
                }
                aging.count(series);
                series.add("false alarms", 0);
            }
        }
        System.out.println(series);
        assertTrue(series.sum("upgrades") > 0 && series.sum("upgrades cut short") > 0, series::toString);
    }

    private AgingStore aging() {
        return random.nextInt(3) == 0 ? AgingStore.upgraded(random) : new AgingStore(random);
    }

    private Mixture mixture(List<StoreImage> copies) {
        StoreImage base = copies.get(random.nextInt(copies.size()));
        StoreImage mixed = base.copy();
        StringBuilder name = new StringBuilder("of " + copies.indexOf(base));
        for (int i = random.nextInt(4) == 0 ? 2 : 1; i > 0; i--) {
            StoreImage other = copies.get(random.nextInt(copies.size()));
            String part = part(base, other);
            if (part == null) {
                continue;
            }
            replace(mixed, other, part);
            name.append(", ").append(part).append(" of ").append(copies.indexOf(other));
        }
        return new Mixture(mixed, name.toString());
    }

    /** A part that one of two copies has, null when there is none of the kind. */
    private String part(StoreImage one, StoreImage other) {
        Pattern kind = PARTS.get(random.nextInt(PARTS.size()));
        TreeSet<String> found = new TreeSet<>();
        for (StoreImage image : List.of(one, other)) {
            image.paths().forEach(path -> kind.matcher(path).results().forEach(match -> found.add(match.group())));
        }
        found.removeIf(path -> !kind.matcher(path).matches() || path.endsWith("lock"));
        return found.isEmpty() ? null : new ArrayList<>(found).get(random.nextInt(found.size()));
    }

    private static void replace(StoreImage image, StoreImage from, String part) {
        for (String path : List.copyOf(image.paths())) {
            if (path.equals(part) || path.startsWith(part + "/")) {
                image.remove(path);
            }
        }
        for (String path : from.paths()) {
            if (path.equals(part) || path.startsWith(part + "/")) {
                image.put(path, from.content(path));
            }
        }
        for (int slash = part.lastIndexOf('/'); slash > 0; slash = part.lastIndexOf('/', slash - 1)) {
            if (!image.paths().contains(part.substring(0, slash))) {
                image.put(part.substring(0, slash), null);
            }
        }
    }

    /** What came of a mixture; throws when it is wrong and nobody tells. */
    private static String judge(Mixture mixture, AgingStore aging) {
        boolean verified = isTold(mixture.image());
        String shown;
        try {
            shown = read(storage(mixture.image()));
        } catch (StoreException.Corrupt e) {
            if (!verified) {
                throw new AssertionError("refused and called healthy: " + e, e);
            }
            return "told";
        } catch (StoreException.NotAStore | StoreException.FormatVersion e) {
            return "told";
        }
        if (aging.held(shown)) {
            return verified ? "told by verification of a whole moment" : "one moment";
        }
        if (isUntellable(mixture.image())) {
            return "untellable";
        }
        throw new AssertionError((verified ? "opened, told by verification alone: " : "not told: ") + shown);
    }

    /** True when verification tells of damage; a directory without a store is told by no finding. */
    private static boolean isTold(StoreImage image) {
        try {
            return !AgingStore.errors(storage(image)).isEmpty();
        } catch (StoreException.NotFound e) {
            return false;
        }
    }

    private static String read(SimulatedStorage storage) {
        StoreOptions options =
                CrashWorkload.optionsBuilder(storage).upgrade(true).build();
        try (SegmentStore store = SegmentStore.open(AgingStore.DIRECTORY, options)) {
            return AgingStore.shown(store);
        }
    }

    private static SimulatedStorage storage(StoreImage image) {
        SimulatedStorage storage = new SimulatedStorage(1);
        storage.createDirectory(AgingStore.DIRECTORY);
        image.write(storage, AgingStore.DIRECTORY);
        return storage;
    }

    /**
     * The end was not clean, and neither the log nor any part that is named is older than the ledger that is there tells: what ADR
     * 0026 can't tell. By the files themselves, not by what an open or a verification says of them.
     */
    private static boolean isUntellable(StoreImage mixed) {
        SimulatedStorage storage = storage(mixed);
        Path file = AgingStore.DIRECTORY.resolve(PartsLedger.FILE_NAME);
        MetadataFormat.Frame frame = PartsLedgerFormat.frame(storage, file);
        PartsLedger ledger = PartsLedgerFormat.decode(file, frame, frame.store());
        LogEnd end = LogInspection.verify(storage, AgingStore.DIRECTORY.resolve("log"), frame.store())
                .ending();
        boolean clean = ledger.clean() && end.closed() && end.lastSequence() == ledger.sequence();
        boolean logReaches = end.lastSequence() >= ledger.sequence()
                && end.newestFile() >= ledger.logFile()
                && end.ledgerVersion() <= ledger.version();
        return !clean && logReaches && namedParts(storage).noneMatch(part -> part.isOlderThan(ledger));
    }

    /** The catalog, what it names, and what that names. */
    private static Stream<LyingPart> namedParts(SimulatedStorage storage) {
        LyingPart catalog = LyingPart.of(storage, PartId.CATALOG, AgingStore.DIRECTORY, StoreCatalog.FILE_NAME);
        Stream<LyingPart> indexes = new StoreInspection(storage, AgingStore.DIRECTORY)
                .catalog().indexes().values().stream().flatMap(id -> namedParts(storage, id));
        return Stream.concat(Stream.of(catalog), indexes);
    }

    private static Stream<LyingPart> namedParts(SimulatedStorage storage, int indexId) {
        Path directory = StoreLayout.indexDirectory(AgingStore.DIRECTORY, indexId);
        LyingPart keyMap = LyingPart.of(storage, PartId.keyMap(indexId), directory, KeyMapFormat.FILE_NAME);
        KeyMap map = KeyMapFormat.decode(directory, keyMap.frame().body());
        return Stream.concat(
                Stream.of(
                        keyMap,
                        LyingPart.of(storage, PartId.segmentIds(indexId), directory, SegmentIdAllocator.FILE_NAME)),
                map.ranges().stream()
                        .map(range -> LyingPart.of(
                                storage,
                                PartId.manifest(indexId, range.segmentId()),
                                directory.resolve(SegmentDirectory.name(range.segmentId())),
                                SegmentManifest.FILE_NAME)));
    }

    /** A part as it lies there. */
    private record LyingPart(PartId id, MetadataFormat.Frame frame) {
        static LyingPart of(SimulatedStorage storage, PartId id, Path directory, String name) {
            Path file = directory.resolve(name);
            byte[] content = storage.readAll(file, MetadataFormat.FILE_BYTES_MAX);
            return new LyingPart(id, MetadataFormat.decode(file, magic(id.kind()), content));
        }

        private static long magic(PartId.Kind kind) {
            return switch (kind) {
                case CATALOG -> StoreCatalogFormat.MAGIC;
                case KEY_MAP -> KeyMapFormat.MAGIC;
                case SEGMENT_IDS -> SegmentIdAllocator.MAGIC;
                case MANIFEST -> SegmentManifestFormat.MAGIC;
            };
        }

        boolean isOlderThan(PartsLedger ledger) {
            PartLine line = ledger.line(id);
            return line != null
                    && (frame.partVersion() < line.version()
                            || (frame.partVersion() == line.version() && frame.checksum() != line.checksum()));
        }
    }
}
