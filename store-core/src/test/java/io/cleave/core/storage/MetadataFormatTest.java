package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.bytes.RandomCases;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MetadataFormatTest {
    private static final Path FILE = Path.of("/sim/catalog");
    private static final long MAGIC = MetadataFormat.magic("CLVTESTS");

    private static byte[] example() {
        return MetadataFormat.encode(MAGIC, new StoreIdentity(5, 6), 9, new byte[] {1, 2, 3, 4, 5});
    }

    private static byte[] ofVersion(int version) {
        byte[] file = example();
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(MetadataFormat.VERSION_OFFSET, version);
        int crcOffset = file.length - MetadataFormat.TRAILER_BYTES;
        return bytes.putInt(crcOffset, Checksum.at(MAGIC, 0, file, 0, crcOffset))
                .array();
    }

    @Test
    void decodesWhatItEncodes() {
        RandomCases.check(500, (random, seed) -> {
            byte[] body = new byte[random.nextInt(200)];
            random.nextBytes(body);
            StoreIdentity store = new StoreIdentity(random.nextLong(), random.nextLong());
            long version = 1 + random.nextLong(Long.MAX_VALUE);
            byte[] file = random.nextBoolean()
                    ? MetadataFormat.encode(MAGIC, store, version, body)
                    : MetadataFormat.encode(MAGIC, store, body);
            MetadataFormat.Frame frame = MetadataFormat.decode(FILE, MAGIC, file);
            boolean tells = frame.version() == MetadataFormat.VERSION;
            assertEquals(tells ? version : 0, frame.partVersion());
            assertEquals(MetadataFormat.checksum(file), frame.checksum());
            byte[] found = new byte[frame.body().remaining()];
            frame.body().get(0, found);
            assertArrayEquals(body, found);
            assertEquals(ByteOrder.LITTLE_ENDIAN, frame.body().order());
            assertEquals(store, frame.store());
        });
    }

    @Test
    void aPartVersionBelowOneIsRefused() {
        for (long version : new long[] {0, -1, Long.MIN_VALUE}) {
            byte[] file = MetadataFormat.encode(MAGIC, new StoreIdentity(5, 6), version, new byte[3]);
            StoreException.Corrupt e =
                    assertThrows(StoreException.Corrupt.class, () -> MetadataFormat.decode(FILE, MAGIC, file));
            assertEquals(MetadataFormat.BODY_OFFSET + 3, e.offset());
        }
    }

    @Test
    void everyFlippedBitIsRefused() {
        everyFlippedBitIsRefused(example());
        everyFlippedBitIsRefused(MetadataFormat.encode(MAGIC, new StoreIdentity(5, 6), new byte[] {1, 2, 3}));
    }

    private static void everyFlippedBitIsRefused(byte[] file) {
        for (int bit = 0; bit < file.length * 8; bit++) {
            file[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(StoreException.Corrupt.class, () -> MetadataFormat.decode(FILE, MAGIC, file), "bit " + bit);
            file[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void everyOtherLengthIsRefused() {
        byte[] file = example();
        for (int length = 0; length < file.length + 20; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            if (length != file.length) {
                assertThrows(
                        StoreException.Corrupt.class,
                        () -> MetadataFormat.decode(FILE, MAGIC, cut),
                        "length " + length);
            }
        }
    }

    @Test
    void anUnknownVersionIsToldFromDamage() {
        for (int version : new int[] {3, 77, -1, 0}) {
            StoreException.FormatVersion e = assertThrows(
                    StoreException.FormatVersion.class, () -> MetadataFormat.decode(FILE, MAGIC, ofVersion(version)));
            assertTrue(e.getMessage().contains("version " + version + " is too"), e.getMessage());
        }
    }

    @Test
    void theFileOfAnotherKindIsRefusedAtItsMagic() {
        StoreException.Corrupt e = assertThrows(
                StoreException.Corrupt.class,
                () -> MetadataFormat.decode(FILE, MetadataFormat.magic("CLVOTHER"), example()));
        assertEquals(MetadataFormat.MAGIC_OFFSET, e.offset());
        assertThrows(IllegalArgumentException.class, () -> MetadataFormat.magic("short"));
    }

    @Test
    void theFileOfAnotherStoreIsRefused() {
        SimulatedStorage storage = new SimulatedStorage(1);
        MetadataFile.publish(storage, FILE, example());
        assertEquals(
                5,
                MetadataFile.read(storage, FILE, MAGIC, new StoreIdentity(5, 6))
                        .body()
                        .capacity());
        for (StoreIdentity other : List.of(new StoreIdentity(5, 7), new StoreIdentity(7, 6))) {
            StoreException.Corrupt e =
                    assertThrows(StoreException.Corrupt.class, () -> MetadataFile.read(storage, FILE, MAGIC, other));
            assertEquals(MetadataFormat.STORE_HIGH_OFFSET, e.offset());
        }
    }

    @Test
    void aFileAboveTheBoundIsNotReadIntoMemory() {
        SimulatedStorage storage = new SimulatedStorage(1);
        try (StorageFile file = storage.create(FILE)) {
            byte[] chunk = new byte[16 << 20];
            for (int i = 0; i < 4; i++) {
                file.append(chunk, 0, chunk.length);
            }
            file.append(chunk, 0, 1);
        }
        assertThrows(StoreException.LimitReached.class, () -> MetadataFile.read(storage, FILE, MAGIC));
    }

    @Test
    void aPublishThatIsCutAnywhereLeavesTheOldFileOrTheNewOne() {
        byte[] next = MetadataFormat.encode(MAGIC, new StoreIdentity(5, 6), new byte[3000]);
        for (long operation = 1; ; operation++) {
            SimulatedStorage storage = new SimulatedStorage(operation);
            MetadataFile.publish(storage, FILE, example());
            long before = storage.operations();
            storage.crashInside(before + operation);
            boolean published = true;
            try {
                MetadataFile.publish(storage, FILE, next);
            } catch (SimulatedCrash e) {
                published = false;
            }
            for (long seed = 0; seed < 20; seed++) {
                byte[] found = storage.crash(seed).readAll(FILE, 1 << 20);
                boolean old = Arrays.equals(found, example());
                assertTrue(Arrays.equals(found, next) || (old && !published), "operation " + operation);
            }
            if (published) {
                assertTrue(operation > 4, "only " + operation + " operations");
                return;
            }
        }
    }

    @Test
    void aFailedPublishIsPoisonedOnlyOnceTheNameMayHaveChanged() {
        long calls = 0;
        for (long call = 1; call <= Math.max(1, calls); call++) {
            SimulatedStorage disk = new SimulatedStorage(1);
            FaultingStorage storage = new FaultingStorage(disk);
            MetadataFile.publish(storage, FILE, example());
            long before = storage.callCount();
            storage.listCalls().failAt(before + call, Fault.IO_ERROR, false);
            StoreException e =
                    assertThrows(StoreException.class, () -> MetadataFile.publish(storage, FILE, new byte[9]));
            calls = 5;
            String failed = storage.calls().get((int) call - 1);
            boolean poisoned = failed.startsWith("rename") || failed.startsWith("forceDirectory");
            assertEquals(poisoned, e instanceof StoreException.Poisoned, failed + ": " + e);
            if (!poisoned) {
                assertArrayEquals(example(), disk.readAll(FILE, 100), failed);
            }
        }
    }
}
