package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SegmentDirectoryTest {
    @Test
    void namesHaveFiveDigitsAndWidenBeyond() {
        assertEquals("segment-00001", SegmentDirectory.name(1));
        assertEquals("segment-99999", SegmentDirectory.name(99_999));
        assertEquals("segment-100000", SegmentDirectory.name(100_000));
    }

    @Test
    void everyNameParsesBack() {
        RandomCases.check(2_000, (random, seed) -> {
            long id = 1 + random.nextLong(1L << random.nextInt(1, 59));
            assertEquals(OptionalLong.of(id), SegmentDirectory.parse(SegmentDirectory.name(id)));
        });
    }

    @Test
    void otherNamesAreNoSegments() {
        List<String> others = List.of(
                "",
                "segment-",
                "segment-1",
                "segment-0001",
                "segment-00000",
                "segment-000001",
                "segment--0001",
                "segment-0000a",
                "segment-+0001",
                "Segment-00001",
                "segment-00001 ",
                "segment-00001.tmp",
                "index-00001",
                "segment-9999999999999999999",
                "segment-\u0661\u0661\u0661\u0661\u0661",
                "segment_00001");
        others.forEach(name -> assertEquals(OptionalLong.empty(), SegmentDirectory.parse(name), name));
    }

    @Test
    void deletesTheDirectoryWithItsFilesAndNothingWhenItIsAbsent() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Path directory = SegmentFixture.directory(1);
        SegmentDirectory.delete(storage, directory);
        storage.createDirectory(directory);
        storage.create(directory.resolve("manifest")).close();
        storage.create(directory.resolve("stranger")).close();
        SegmentDirectory.delete(storage, directory);
        assertEquals(Storage.PathKind.ABSENT, storage.kind(directory));
    }

    @Test
    void neverGoesIntoADirectoryBelow() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Path directory = SegmentFixture.directory(1);
        Path below = directory.resolve("precious");
        storage.createDirectory(directory);
        storage.createDirectory(below);
        storage.create(below.resolve("file")).close();
        assertThrows(StoreException.Io.class, () -> SegmentDirectory.delete(storage, directory));
        assertEquals(Storage.PathKind.FILE, storage.kind(below.resolve("file")));
    }

    @Test
    void leavesAFileOfThatNameAlone() {
        SimulatedStorage storage = new SimulatedStorage(1);
        storage.create(SegmentFixture.directory(1)).close();
        SegmentDirectory.delete(storage, SegmentFixture.directory(1));
        assertEquals(Storage.PathKind.FILE, storage.kind(SegmentFixture.directory(1)));
    }
}
