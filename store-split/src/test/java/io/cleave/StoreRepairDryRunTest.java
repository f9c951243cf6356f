package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.DamageSubject.Boot;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A dry run only looks: it takes no lock and makes no file, and tells nothing of a store that somebody wrote to meanwhile. */
final class StoreRepairDryRunTest {
    private static final DamageSubject SUBJECT = DamageSubject.make();

    private SimulatedStorage storage;

    @BeforeEach
    void fresh() {
        storage = SUBJECT.copy(Boot.OTHER).kill();
    }

    private SegmentStore openStore() {
        return SegmentStore.open(
                DamageSubject.STORE, DamageSubject.options(storage).build());
    }

    private void damage() {
        storage.delete(DamageSubject.STORE.resolve(StoreCatalog.FILE_NAME));
    }

    @Test
    void nothingIsChangedNotEvenForALock() {
        damage();
        Path lock = DamageSubject.STORE.resolve(StoreLayout.LOCK_NAME);
        storage.delete(lock);
        long before = storage.operations();
        assertFalse(DamageJudge.repair(storage).dryRun().nothingToDo());
        assertEquals(before, storage.operations());
        assertEquals(Storage.PathKind.ABSENT, storage.kind(lock));
    }

    @Test
    void aStoreThatIsOpenIsRefused() {
        try (SegmentStore store = openStore()) {
            assertFalse(store.indexNames().isEmpty());
            StoreRepair repair = DamageJudge.repair(storage);
            StoreException.Locked refused = assertThrows(StoreException.Locked.class, repair::dryRun);
            assertTrue(refused.getMessage().contains("is open for writing in"), refused.getMessage());
        }
    }

    @Test
    void aStoreThatIsOpenedMeanwhileIsRefused() {
        SegmentStore[] opened = new SegmentStore[1];
        StoreRepair repair = new StoreRepair(storage, DamageSubject.STORE, (done, total) -> {
            if (opened[0] == null) {
                opened[0] = openStore();
            }
        });
        StoreException.Locked refused = assertThrows(StoreException.Locked.class, repair::dryRun);
        assertTrue(refused.getMessage().contains("is open for writing in"), refused.getMessage());
        opened[0].close();
    }

    @Test
    void aStoreThatWasOpenedAndClosedMeanwhileIsRefused() {
        boolean[] opened = new boolean[1];
        StoreRepair repair = new StoreRepair(storage, DamageSubject.STORE, (done, total) -> {
            if (!opened[0]) {
                opened[0] = true;
                openStore().close();
            }
        });
        StoreException.Locked refused = assertThrows(StoreException.Locked.class, repair::dryRun);
        assertTrue(
                refused.getMessage().contains("was opened for writing while it was looked at"), refused.getMessage());
    }
}
