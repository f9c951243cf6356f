package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which memtable is flushed when memory gets short, and who is told that it is not, without a store. */
final class MemoryReliefTest {
    private final SimulatedStorage storage = new SimulatedStorage(1);
    private final List<Member> members = new ArrayList<>();

    /** Takes every flush, and does none. */
    private record Queue(Member member, MaintenanceWorkers workers) implements MemoryRelief.Flushes {
        @Override
        public TaskHandle request(FlushTarget target) {
            if (member.failure != null) {
                throw member.failure;
            }
            int id = target.index().indexId();
            member.asked.add(id);
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
        /** What its queue throws, or null. */
        private Error failure;

        private final StoreContextFixture fixture;
        private final RuntimeResources runtime;
        private final MemoryRelief relief;

        Member(StoreContextFixture fixture) {
            this.fixture = fixture;
            StoreContext shared = fixture.shared;
            this.runtime = shared.runtime();
            MaintenanceWorkers workers =
                    new MaintenanceWorkers(shared.storage(), runtime.workers(), (key, thrown) -> {});
            MemoryRelief.Home home =
                    new MemoryRelief.Home(shared.directory(), shared.storage(), shared.gate(), shared.indexes(), 0);
            WritePacing pacing = new WritePacing(shared.storage(), runtime.budget());
            relief = new MemoryRelief(home, runtime, pacing, workers, new Queue(this, workers));
            runtime.add(relief);
            members.add(this);
        }

        /** Gives an index a part of the budget. */
        void fill(int id, double part) {
            RoutedIndex index = fixture.index(id);
            long until = runtime.budget().used() + (long) (runtime.budget().limit() * part);
            for (int i = 0; runtime.budget().used() < until; i++) {
                fixture.put(index, StoreContextFixture.key(i), new byte[500]);
            }
        }
    }

    private Member alone() {
        return new Member(StoreContextFixture.create(
                storage, StoreContextFixture.options().build()));
    }

    private Member sharing(String name, RuntimeResources runtime) {
        return new Member(StoreContextFixture.create(storage, name, runtime));
    }

    private RuntimeResources memory() {
        return new RuntimeResources(storage, 1 << 20, 1 << 10, 0, "common", false);
    }

    @AfterEach
    void close() {
        for (Member member : members) {
            if (!member.runtime.isOfOne()) {
                member.runtime.remove(member.relief);
            }
            member.fixture.close();
        }
        members.forEach(member -> member.runtime.close());
    }

    @Test
    void nobodyIsAskedWhileThereIsRoom() {
        Member member = alone();
        member.fill(1, 0.5);
        member.relief.relieve();
        assertEquals(List.of(), member.asked);
    }

    @Test
    void theLargestIsAskedForOnce() {
        Member member = alone();
        member.fill(1, 0.25);
        member.fill(2, 0.5);
        member.relief.relieve();
        member.relief.relieve();
        assertEquals(List.of(2), member.asked, "one flush at a time for each thread");
    }

    @Test
    void theLargestOfAllStoresIsAskedForWhoeverWrites() {
        RuntimeResources memory = memory();
        Member one = sharing("one", memory);
        Member other = sharing("other", memory);
        one.fill(1, 0.25);
        other.fill(2, 0.5);
        one.relief.relieve();
        assertEquals(List.of(), one.asked);
        assertEquals(List.of(2), other.asked);
    }

    @Test
    void aStoreThatRestsIsNotAskedAndItsOwnWritersAreToldWhy() {
        RuntimeResources memory = memory();
        Member one = sharing("one", memory);
        Member full = sharing("full", memory);
        one.fill(1, 0.4);
        full.fill(2, 0.45);
        full.relief.rest().flushEnded(new StoreException.DiskFull("no space left", null));
        assertTrue(memory.budget().aside() > 0, "what it holds is set aside");
        one.relief.lookAgain();
        assertEquals(List.of(1), one.asked);
        assertEquals(List.of(), full.asked);
        assertFalse(one.relief.isHeldBack());
        assertTrue(full.relief.isHeldBack());
        StoreException.DiskFull told = assertThrows(StoreException.DiskFull.class, full.relief::await);
        assertTrue(told.getMessage().contains("because a flush failed: no space left"), told.getMessage());
        full.relief.rest().flushEnded(null);
        assertFalse(full.relief.isHeldBack());
        assertEquals(0, memory.budget().aside());
    }

    @Test
    void aStoreThatSharesWithNobodyNeverRests() {
        Member member = alone();
        member.fill(1, 0.7);
        member.relief.rest().flushEnded(new StoreException.DiskFull("no space left", null));
        assertFalse(member.relief.rest().isBegun());
        member.relief.relieve();
        assertEquals(List.of(1), member.asked);
    }

    @Test
    void aFlushThatCouldNotBeAskedForIsNotCountedAsUnderWay() {
        Member member = alone();
        member.fill(1, 0.7);
        member.failure = new StackOverflowError();
        assertThrows(StackOverflowError.class, member.relief::relieve);
        assertEquals(0, member.runtime.pressureFlushes().get());
        member.failure = null;
        member.relief.relieve();
        assertEquals(List.of(1), member.asked);
    }
}
