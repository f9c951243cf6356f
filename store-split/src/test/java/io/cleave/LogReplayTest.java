package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.catalog.StoreCatalog;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.route.RoutedIndex;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a log brings back into memory, without a store. */
final class LogReplayTest {
    private static final byte[] VALUE = {7};

    private final StoreOptions options = StoreContextFixture.options().build();
    private final SimulatedStorage storage = written();

    /** Five puts to index 1, number 3 of them deleted, and one put to index 2. */
    private SimulatedStorage written() {
        SimulatedStorage disk = new SimulatedStorage(1);
        StoreContextFixture fixture = StoreContextFixture.create(disk, options);
        RoutedIndex one = fixture.index(1);
        RoutedIndex two = fixture.index(2);
        disk.forceDirectory(StoreContextFixture.DIRECTORY);
        fixture.openLog(record -> {});
        CommitPath commits = new CommitPath(fixture.shared, new StoreMaintenance(fixture.shared));
        for (int i = 0; i < 5; i++) {
            commits.put(one, StoreContextFixture.key(i), VALUE, Durability.PROCESS);
        }
        commits.delete(one, StoreContextFixture.key(3), Durability.PROCESS);
        commits.put(two, StoreContextFixture.key(9), VALUE, Durability.DEVICE);
        return disk.kill();
    }

    private LogReplay replay(StoreContextFixture fixture, int nextIndexId) {
        StoreMaintenance maintenance = new StoreMaintenance(fixture.shared);
        StoreCatalog catalog = StoreCatalog.empty().withIndexes(nextIndexId, Map.of(), Map.of());
        return new LogReplay(fixture.shared, catalog, maintenance, new IdleSegments(fixture.shared, maintenance));
    }

    @Test
    void whatWasLoggedIsInMemoryAgain() {
        StoreContextFixture fixture = StoreContextFixture.again(storage, options);
        RoutedIndex one = fixture.index(1);
        RoutedIndex two = fixture.index(2);
        fixture.openLog(replay(fixture, 3));
        assertEquals(7, fixture.shared.context().snapshots().visible());
        for (int i = 0; i < 5; i++) {
            byte[] found = StoreContextFixture.get(one, StoreContextFixture.key(i), 7);
            if (i == 3) {
                assertNull(found);
            } else {
                assertArrayEquals(VALUE, found);
            }
        }
        assertArrayEquals(VALUE, StoreContextFixture.get(two, StoreContextFixture.key(9), 7));
        fixture.close();
    }

    @Test
    void whatADroppedIndexHadIsPassedOver() {
        StoreContextFixture fixture = StoreContextFixture.again(storage, options);
        RoutedIndex one = fixture.index(1);
        fixture.openLog(replay(fixture, 3));
        assertArrayEquals(VALUE, StoreContextFixture.get(one, StoreContextFixture.key(4), 7));
        fixture.close();
    }

    @Test
    void anIndexThatNeverWasIsDamage() {
        StoreContextFixture fixture = StoreContextFixture.again(storage, options);
        fixture.index(1);
        StoreException.Corrupt thrown =
                assertThrows(StoreException.Corrupt.class, () -> fixture.openLog(replay(fixture, 2)));
        assertTrue(thrown.getMessage().contains("below 2"), thrown.getMessage());
        fixture.close();
    }

    @Test
    void whatASegmentHasInItsRunsIsNotBroughtBack() {
        SimulatedStorage disk = new SimulatedStorage(1);
        StoreContextFixture fixture = StoreContextFixture.create(disk, options);
        RoutedIndex index = fixture.index(1);
        fixture.openLog(record -> {});
        StoreMaintenance maintenance = new StoreMaintenance(fixture.shared);
        CommitPath commits = new CommitPath(fixture.shared, maintenance);
        commits.put(index, StoreContextFixture.key(1), VALUE, Durability.PROCESS);
        maintenance.flushLargestNow();
        StoreContextFixture next = StoreContextFixture.again(disk.kill(), options);
        RoutedIndex again = next.index(1);
        next.openLog(replay(next, 2));
        assertFalse(again.route().slot(0).isDirty());
        assertArrayEquals(VALUE, StoreContextFixture.get(again, StoreContextFixture.key(1), 1));
        next.close();
    }

    @Test
    void aLogThatIsLargerThanMemoryIsFlushedOnTheWay() {
        SimulatedStorage disk = new SimulatedStorage(1);
        StoreContextFixture fixture = StoreContextFixture.create(disk, options);
        RoutedIndex index = fixture.index(1);
        fixture.openLog(record -> {});
        CommitPath commits = new CommitPath(fixture.shared, new StoreMaintenance(fixture.shared));
        for (int i = 0; i < 200; i++) {
            commits.put(index, StoreContextFixture.key(i), new byte[1_000], Durability.PROCESS);
        }
        StoreOptions little =
                StoreContextFixture.options().memtableBytesMax(128 << 10).build();
        StoreContextFixture next = StoreContextFixture.again(disk.kill(), little);
        RoutedIndex again = next.index(1);
        next.openLog(replay(next, 2));
        assertTrue(next.shared.work().flushes().sum().count() > 0, "no flush");
        for (int i = 0; i < 200; i++) {
            assertEquals(1_000, StoreContextFixture.get(again, StoreContextFixture.key(i), 200).length);
        }
        next.close();
    }
}
