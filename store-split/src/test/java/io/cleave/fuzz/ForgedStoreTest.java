package io.cleave.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.Durability;
import io.cleave.QuietLog;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.WriteBatch;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.log.LogOptions;
import io.cleave.log.WriteAheadLog;
import io.cleave.repair.StoreRepair;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** Files with right checksums and wrong contents, as only somebody who means it makes them. */
final class ForgedStoreTest {
    /** In the body of a catalog. */
    private static final int NEXT_INDEX_ID_OFFSET = 12;

    private static final String RUN = "index-00001/segment-\\d+/run-\\d+\\.run";

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));

    /** Without compression, cleanly closed. */
    private final StoreImage image = SampleStore.image(1);

    private final QuietLog quiet = new QuietLog();

    @AfterEach
    void logAgain() {
        quiet.close();
    }

    @BeforeEach
    void makeTheRoot() {
        storage.createDirectory(SampleStore.ROOT);
    }

    @Test
    void aRunWhoseKeysAreOutOfOrderIsNamedByCompaction() {
        Path run = SampleStore.ROOT.resolve(disorderFirstRun());
        try (SegmentStore store = open()) {
            SegmentIndex main = store.index("main");
            StoreException.Corrupt refused = assertThrows(StoreException.Corrupt.class, main::compact);
            assertEquals(run, refused.file());
            assertArrayEquals(SampleStore.bytes("newer"), main.get(SampleStore.key(4)));
        }
    }

    @Test
    void aRunWhoseKeysAreOutOfOrderIsNamedBySplit() {
        Path run = SampleStore.ROOT.resolve(disorderFirstRun());
        long segment = segmentOf(run.toString());
        try (SegmentStore store = open()) {
            SegmentIndex main = store.index("main");
            StoreException.Corrupt refused = assertThrows(StoreException.Corrupt.class, () -> main.split(segment));
            assertEquals(run, refused.file());
        }
    }

    /** Makes a key of the first run larger than those after it, within the bounds of its segment. */
    private String disorderFirstRun() {
        String run = first(RUN);
        byte[] content = image.content(run);
        int key = indexOf(content, SampleStore.key(1));
        content[key + 14] = '9';
        image.seal(run);
        image.write(storage, SampleStore.ROOT);
        return run;
    }

    @Test
    void indexIdsThatHaveRunOutAreALimit() {
        forgeAndAccept("catalog", MetadataFormat.BODY_OFFSET + NEXT_INDEX_ID_OFFSET, Integer.MAX_VALUE, Integer.BYTES);
        for (int i = 0; i < 2; i++) {
            try (SegmentStore store = open()) {
                assertThrows(StoreException.LimitReached.class, () -> store.index("new"));
                assertArrayEquals(
                        SampleStore.bytes("newer"), store.index("main").get(SampleStore.key(4)));
            }
        }
    }

    @Test
    void segmentIdsThatHaveRunOutAreALimit() {
        forgeAndAccept("index-00001/segment-ids", MetadataFormat.BODY_OFFSET, 999_999_999_999_999_999L, Long.BYTES);
        for (int i = 0; i < 2; i++) {
            try (SegmentStore store = open()) {
                SegmentIndex main = store.index("main");
                long segment = segmentOf(first(RUN));
                assertThrows(StoreException.LimitReached.class, () -> main.split(segment));
                assertArrayEquals(SampleStore.bytes("newer"), main.get(SampleStore.key(4)));
            }
        }
    }

    @Test
    void aMarkBeyondTheLastSegmentIdIsRefused() {
        forge("index-00001/segment-ids", MetadataFormat.BODY_OFFSET, 1_000_000_000_000_000_000L, Long.BYTES);
        requireRefused("index-00001/segment-ids", this::openAndClose);
        StoreInspection inspection = new StoreInspection(storage, SampleStore.ROOT);
        assertThrows(StoreException.Corrupt.class, () -> inspection.segmentIdsLayout("main"));
    }

    @Test
    void aMarkOfAnotherLengthIsRefusedByInspection() {
        for (int length : new int[] {40, 48}) {
            StoreImage longer = image.copy();
            byte[] content = java.util.Arrays.copyOf(image.content("index-00001/segment-ids"), length);
            StoreImage.sealFrame(content);
            longer.put("index-00001/segment-ids", content);
            SimulatedStorage other = leaks.watch(new SimulatedStorage(1));
            other.createDirectory(SampleStore.ROOT);
            longer.write(other, SampleStore.ROOT);
            StoreInspection inspection = new StoreInspection(other, SampleStore.ROOT);
            assertThrows(StoreException.Corrupt.class, () -> inspection.segmentIdsLayout("main"));
        }
    }

    @Test
    void aSegmentIdThatNoDirectoryCanHaveIsRefused() {
        forge("index-00001/key-map", MetadataFormat.BODY_OFFSET + 16, Long.MAX_VALUE, Long.BYTES);
        requireRefused("index-00001/key-map", this::openAndClose);
        assertTrue(!new StoreVerification(storage, SampleStore.ROOT, (done, total) -> {})
                .verify()
                .healthy());
    }

    @Test
    void numbersOfAManifestThatWouldOverflowAreRefused() {
        String manifest = first(RUN).replaceAll("run-.*", "manifest");
        int flushedSequence = MetadataFormat.BODY_OFFSET + 16;
        forge(manifest, flushedSequence, EntryLimits.SEQUENCE_MAX + 1, Long.BYTES);
        requireRefused(manifest, this::scanMain);
        forge(manifest, flushedSequence, EntryLimits.SEQUENCE_MAX, Long.BYTES);
        forge(manifest, flushedSequence + 8, Long.MAX_VALUE, Long.BYTES);
        requireRefused(manifest, this::scanMain);
    }

    @Test
    void sequenceNumbersThatHaveRunOutAreALimitForEveryWrite() {
        image.write(storage, SampleStore.ROOT);
        StoreIdentity identity = new StoreInspection(storage, SampleStore.ROOT).identity();
        try (WriteAheadLog log = WriteAheadLog.open(
                storage,
                SampleStore.ROOT.resolve("log"),
                identity,
                new LogOptions(LogOptions.FILE_BYTES_MIN),
                record -> {})) {
            log.appendSequenceMark(EntryLimits.SEQUENCE_MAX - 1);
        }
        try (SegmentStore store = open();
                WriteBatch batch = store.batch()) {
            SegmentIndex main = store.index("main");
            batch.put(main, SampleStore.key(1), new byte[1]).put(main, SampleStore.key(2), new byte[1]);
            assertThrows(StoreException.LimitReached.class, batch::commit);
            main.put(SampleStore.key(4), SampleStore.bytes("the last one"));
            for (Durability durability : Durability.values()) {
                assertThrows(
                        StoreException.LimitReached.class, () -> main.put(SampleStore.key(1), new byte[1], durability));
            }
        }
        try (SegmentStore store = open()) {
            assertArrayEquals(
                    SampleStore.bytes("the last one"), store.index("main").get(SampleStore.key(4)));
        }
    }

    @Test
    void aFileWithTheLastNumberThatNobodyBeganUsesNoneUp() {
        image.put("log/log-999999999999999999", new byte[0]);
        image.write(storage, SampleStore.ROOT);
        openAndClose();
        openAndClose();
    }

    private void requireRefused(String file, Executable use) {
        image.replace(storage, SampleStore.ROOT);
        StoreException.Corrupt refused = assertThrows(StoreException.Corrupt.class, use);
        assertEquals(SampleStore.ROOT.resolve(file), refused.file());
    }

    /** Writes a number into a framed file and makes its checksum fit. */
    private void forge(String file, int offset, long value, int width) {
        ByteBuffer content = ByteBuffer.wrap(image.content(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (width == Integer.BYTES) {
            content.putInt(offset, (int) value);
        } else {
            content.putLong(offset, value);
        }
        image.seal(file);
    }

    /** The same, and has a repair take it for good: the ledger of the parts would tell of it otherwise. */
    private void forgeAndAccept(String file, int offset, long value, int width) {
        forge(file, offset, value, width);
        image.write(storage, SampleStore.ROOT);
        new StoreRepair(storage, SampleStore.ROOT, (done, total) -> {}).repair();
    }

    private String first(String pattern) {
        return image.files().stream()
                .filter(path -> path.matches(pattern))
                .findFirst()
                .orElseThrow();
    }

    private static long segmentOf(String run) {
        return Long.parseLong(run.replaceAll(".*segment-(\\d+)/.*", "$1"));
    }

    private static int indexOf(byte[] content, byte[] wanted) {
        for (int at = 0; at + wanted.length <= content.length; at++) {
            if (java.util.Arrays.equals(content, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new AssertionError("not in the file");
    }

    private SegmentStore open() {
        return SegmentStore.open(SampleStore.ROOT, SampleStore.options(storage).build());
    }

    private void openAndClose() {
        open().close();
    }

    private void scanMain() {
        try (SegmentStore store = open()) {
            for (int i = 0; i < SampleStore.KEYS; i++) {
                store.index("main").get(SampleStore.key(i));
            }
        }
    }
}
