package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.TaskHandle;
import io.cleave.maintenance.TaskKey;
import io.cleave.maintenance.TaskKind;
import io.cleave.maintenance.WritePacing;
import io.cleave.route.RoutedIndex;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which memtable is flushed when memory gets short, and who waits for it, without a store. */
final class MemoryReliefTest {
    private final StoreContextFixture fixture = StoreContextFixture.create(
            new SimulatedStorage(1), StoreContextFixture.options().build());
    private final StoreContext shared = fixture.shared;
    private final RuntimeParts memory = shared.runtime();

    /** Takes every flush, and does none. */
    private record Queue(List<Integer> asked, MaintenanceWorkers workers) implements MemoryRelief.Flushes {
        @Override
        public TaskHandle request(FlushTarget target) {
            int id = target.index().indexId();
            asked.add(id);
            return workers.submit(new TaskKey(TaskKind.FLUSH, id, 1), () -> {});
        }

        @Override
        public boolean isPossible(FlushTarget target) {
            return true;
        }

        @Override
        public boolean isGivenUp(FlushTarget target) {
            return false;
        }
    }

    /** One store's part, and what it was asked for. */
    private final class Member {
        private final List<Integer> asked = new ArrayList<>();
        private final MemoryRelief relief;

        Member(RuntimeParts runtime) {
            MaintenanceWorkers workers =
                    new MaintenanceWorkers(shared.storage(), runtime.workers(), (key, thrown) -> {});
            MemoryRelief.Home home =
                    new MemoryRelief.Home(shared.directory(), shared.storage(), shared.gate(), shared.indexes(), 0);
            WritePacing pacing = new WritePacing(shared.storage(), runtime.budget());
            relief = new MemoryRelief(home, runtime, pacing, workers, new Queue(asked, workers));
            runtime.add(relief);
        }
    }

    private void fill(RoutedIndex index, long bytes) {
        long until = memory.budget().used() + bytes;
        for (int i = 0; memory.budget().used() < until; i++) {
            fixture.put(index, StoreContextFixture.key(i), new byte[500]);
        }
    }

    @Test
    void nobodyIsAskedWhileThereIsRoom() {
        fill(fixture.index(1), memory.budget().limit() / 2);
        Member member = new Member(memory);
        member.relief.relieve();
        assertEquals(List.of(), member.asked);
        fixture.close();
    }

    @Test
    void theLargestIsAskedForOnce() {
        fill(fixture.index(1), memory.budget().limit() / 4);
        fill(fixture.index(2), memory.budget().limit() / 2);
        Member member = new Member(memory);
        member.relief.relieve();
        member.relief.relieve();
        assertEquals(List.of(2), member.asked, "one flush at a time for each thread");
        fixture.close();
    }

    @Test
    void aStoreThatRestsIsNotAskedAndItsWritersAreToldWhy() {
        RuntimeParts common = new RuntimeParts(shared.storage(), memory.budget().limit(), 1 << 10, 0, "common", false);
        Member member = new Member(common);
        RoutedIndex index = fixture.index(1);
        fill(index, memory.budget().limit() / 2);
        member.relief.rest().flushEnded(new StoreException.DiskFull("no space left", null));
        assertTrue(member.relief.rest().isResting());
        assertTrue(common.budget().aside() > 0, "what it holds is set aside");
        member.relief.lookAgain();
        assertEquals(List.of(), member.asked);
        member.relief.rest().flushEnded(null);
        assertFalse(member.relief.rest().isBegun());
        assertEquals(0, common.budget().aside());
        common.remove(member.relief);
        common.close();
        fixture.close();
    }
}
