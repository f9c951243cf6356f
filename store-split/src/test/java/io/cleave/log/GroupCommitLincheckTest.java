package io.cleave.log;

import io.cleave.core.storage.LincheckScale;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Positions of the log are claimed once each, and whoever has synced finds his position durable, however appends, syncs and the
 * making of files interleave.
 */
final class GroupCommitLincheckTest {
    /** The group commit over a device that knows what it was told to force. */
    public static final class Group {
        private final AtomicLong newest = new AtomicLong();
        private final AtomicLong forced = new AtomicLong();
        private final AtomicBoolean forcing = new AtomicBoolean();
        private final AtomicBoolean wrong = new AtomicBoolean();
        private final GroupCommit group = new GroupCommit(Path.of("log"), new Device(), 0);

        private final class Device implements GroupCommit.Source {
            @Override
            public long newest() {
                return newest.get();
            }

            @Override
            public void force(long target) {
                if (!forcing.compareAndSet(false, true) || target > newest.get()) {
                    wrong.set(true);
                }
                forced.set(Math.max(forced.get(), target));
                forcing.set(false);
            }
        }

        /** Claims a position and returns when it is durable: true if it is. */
        @Operation
        public boolean commit() {
            long position = newest.incrementAndGet();
            group.sync(position);
            return forced.get() >= position && group.synced() >= position;
        }

        /** The same as a flush does it, which forces no more than it must. */
        @Operation
        public boolean commitExactly() {
            long position = newest.incrementAndGet();
            group.syncExactly(position);
            return forced.get() >= position && group.synced() >= position;
        }

        /** What is said to be durable is. */
        @Operation
        public boolean isHonest() {
            long synced = group.synced();
            return forced.get() >= synced;
        }

        /** One force at a time, none beyond the end, nobody left waiting. */
        @Validate
        public void everythingClaimedIsDurable() {
            if (wrong.get() || group.waiting() > 0 || forced.get() < newest.get()) {
                throw new AssertionError("forced " + forced + " of " + newest + ", waiting " + group.waiting());
            }
        }
    }

    /** Every answer is yes. */
    public static final class Yes {
        /** See {@link Group}. */
        public boolean commit() {
            return true;
        }

        /** See {@link Group}. */
        public boolean commitExactly() {
            return true;
        }

        /** See {@link Group}. */
        public boolean isHonest() {
            return true;
        }
    }

    /** A real log: appends under one lock, as under the commit lock; everything else beside them. */
    public static final class Log {
        private final SimulatedStorage storage = new SimulatedStorage(1);
        private final WriteAheadLog log =
                WriteAheadLog.open(storage, LogHistory.DIRECTORY, LogHistory.STORE, LogHistory.SMALL, record -> {});
        private final Object commitLock = new Object();
        private final List<Long> ends = new ArrayList<>();
        private final OperationsEncoder encoder = new OperationsEncoder();
        private long sequence;

        private long append() {
            synchronized (commitLock) {
                // So long that a few fill a file.
                encoder.reset();
                encoder.put(
                        1, ByteBuffer.allocate(Long.BYTES).putLong(++sequence).array(), new byte[1_500]);
                long end = log.append(sequence, 1, encoder.array(), encoder.length());
                boolean rises = ends.isEmpty() || end > ends.get(ends.size() - 1);
                ends.add(end);
                return rises ? end : -1;
            }
        }

        /** Claims a place behind all others; true if it is. */
        @Operation
        public boolean write() {
            return append() >= 0;
        }

        /** The same, and returns when it is durable; true if it is. */
        @Operation
        public boolean writeDurably() {
            long end = append();
            log.sync(end);
            return end >= 0 && log.syncedPosition() >= end;
        }

        /** A worker makes the next file. */
        @Operation
        public boolean prepare() {
            log.prepareNext();
            return true;
        }

        /** A worker gives back the files whose records are durable; here nothing needs them. */
        @Operation
        public boolean syncAll() {
            long end = log.endPosition();
            log.sync(end);
            return log.syncedPosition() >= end;
        }

        /** A power cut after the close loses nothing, and each record is found at the place that was claimed for it. */
        @Validate
        public void replaysWhatWasClaimed() {
            log.close();
            List<Long> found = new ArrayList<>();
            for (LogHistory.Entry entry : LogHistory.read(storage.crash(1))) {
                if (entry.kind() == LogRecordKind.DATA) {
                    found.add(entry.end());
                }
            }
            if (!found.equals(ends)) {
                throw new AssertionError("claimed " + ends + ", replayed " + found);
            }
        }
    }

    /** Every answer is yes. */
    public static final class LogYes {
        /** See {@link Log}. */
        public boolean write() {
            return true;
        }

        /** See {@link Log}. */
        public boolean writeDurably() {
            return true;
        }

        /** See {@link Log}. */
        public boolean prepare() {
            return true;
        }

        /** See {@link Log}. */
        public boolean syncAll() {
            return true;
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "sun.misc.unsafe.memory.access", matches = "deny")
    void whoeverHasSyncedIsDurableInEveryInterleaving() {
        new ModelCheckingOptions()
                .iterations(LincheckScale.iterations(6))
                .invocationsPerIteration(100)
                // The stack is asked for room by a recursion, which is no loop without an end.
                .recursionBound(400)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .minimizeFailedScenario(false)
                .sequentialSpecification(Yes.class)
                .check(Group.class);
    }

    @Test
    void whoeverHasSyncedIsDurableUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(8))
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(3)
                .minimizeFailedScenario(false)
                .sequentialSpecification(Yes.class)
                .check(Group.class);
    }

    @Test
    void positionsAreClaimedOnceAndReplayedUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(6))
                .invocationsPerIteration(60)
                .threads(3)
                .actorsPerThread(3)
                .minimizeFailedScenario(false)
                .sequentialSpecification(LogYes.class)
                .check(Log.class);
    }
}
