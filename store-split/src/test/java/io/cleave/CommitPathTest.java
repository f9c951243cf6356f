package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.log.LogRecordKind;
import io.cleave.log.OperationsEncoder;
import io.cleave.log.WriteAheadLog;
import io.cleave.route.RoutedIndex;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a write gets its number, into the log and into memory, without a store. */
final class CommitPathTest {
    private static final byte[] KEY = {1};
    private static final byte[] VALUE = {2, 3};

    private final SimulatedStorage disk = new SimulatedStorage(1);
    private StoreContextFixture fixture;
    private RoutedIndex index;
    private CommitPath commits;
    private WriteAheadLog log;

    private void start(StoreLimits limits) {
        fixture = StoreContextFixture.create(
                disk, StoreContextFixture.options().limits(limits).build());
        index = fixture.index(1);
        fixture.openLog(record -> {});
        commits = new CommitPath(fixture.shared, new StoreMaintenance(fixture.shared));
        log = fixture.shared.log().writer();
    }

    private long visible() {
        return fixture.shared.context().snapshots().visible();
    }

    @Test
    void putsAndDeletesTakeTheNextNumberEach() {
        start(StoreLimits.none());
        commits.put(index, KEY, VALUE, Durability.PROCESS);
        assertEquals(1, visible());
        assertEquals(1, log.lastSequence());
        assertArrayEquals(VALUE, StoreContextFixture.get(index, KEY, 1));
        commits.delete(index, KEY, Durability.PROCESS);
        assertEquals(2, visible());
        assertEquals(2, log.lastSequence());
        assertNull(StoreContextFixture.get(index, KEY, 2));
        assertArrayEquals(VALUE, StoreContextFixture.get(index, KEY, 1), "who reads at 1 still sees it");
        fixture.close();
    }

    @Test
    void durabilitySaysHowFarAWriteGoes() {
        start(StoreLimits.none());
        long before = log.endPosition();
        commits.put(index, KEY, VALUE, Durability.MEMORY);
        assertEquals(before, log.endPosition(), "not even into the log");
        commits.put(index, KEY, VALUE, Durability.PROCESS);
        long logged = log.endPosition();
        commits.put(index, KEY, VALUE, Durability.DEVICE);
        assertEquals(log.endPosition(), log.syncedPosition());
        assertEquals(3, visible());
        assertEquals(true, logged > before);
        fixture.close();
    }

    @Test
    void aBatchOverTwoIndexesIsOneRecord() {
        start(StoreLimits.none());
        RoutedIndex other = fixture.index(2);
        OperationsEncoder encoded = new OperationsEncoder();
        encoded.put(1, KEY, VALUE);
        encoded.delete(2, KEY);
        commits.write(
                List.of(
                        new CommitPath.Operation(index, EntryKind.PUT, KEY, VALUE),
                        new CommitPath.Operation(other, EntryKind.TOMBSTONE, KEY, CommitPath.NO_VALUE)),
                encoded,
                Durability.DEVICE);
        assertEquals(2, visible());
        assertEquals(2, log.lastSequence());
        assertArrayEquals(VALUE, StoreContextFixture.get(index, KEY, 2));
        assertNull(StoreContextFixture.get(other, KEY, 2));
        assertEquals(log.endPosition(), log.syncedPosition());
        List<Integer> operations = new ArrayList<>();
        StoreContextFixture.again(disk.kill(), fixture.shared.options()).openLog(record -> {
            if (record.kind() == LogRecordKind.DATA) {
                operations.add(record.operations());
            }
        });
        assertEquals(List.of(2), operations);
    }

    private void batch() {
        OperationsEncoder encoded = new OperationsEncoder();
        encoded.put(1, KEY, VALUE);
        commits.write(List.of(new CommitPath.Operation(index, EntryKind.PUT, KEY, VALUE)), encoded, Durability.PROCESS);
    }

    @Test
    void aQuotaThatIsUsedUpRefusesPutsAndLetsDeletesThrough() {
        start(StoreLimits.none().withDiskBytesMax(1));
        assertThrows(StoreException.LimitReached.class, () -> commits.put(index, KEY, VALUE, Durability.PROCESS));
        assertEquals(0, visible());
        commits.delete(index, KEY, Durability.PROCESS);
        assertEquals(1, visible());
        fixture.close();
    }

    @Test
    void theGateIsAskedBeforeTheQuota() {
        start(StoreLimits.none().withDiskBytesMax(1));
        fixture.shared.gate().poison(new StoreException.Busy("broken"));
        assertThrows(StoreException.Poisoned.class, () -> commits.put(index, KEY, VALUE, Durability.PROCESS));
        assertThrows(StoreException.Poisoned.class, this::batch);
        fixture.shared.gate().close();
        assertThrows(StoreClosedException.class, () -> commits.put(index, KEY, VALUE, Durability.PROCESS));
        assertThrows(StoreClosedException.class, () -> commits.delete(index, KEY, Durability.PROCESS));
        fixture.close();
    }
}
