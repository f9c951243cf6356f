package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.OrderingRules.Publish;
import io.cleave.ProtocolTrace.Event;
import io.cleave.ProtocolTrace.Kind;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.log.LogOptions;
import io.cleave.log.WriteAheadLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every publish in traces of {@link CrashWorkload} and of recoveries from its death obeys the {@link OrderingRules}. */
final class StoreProtocolTest {
    /** How many deaths of the workload are tried, evenly spread. */
    private static final long DEATHS = Campaign.count(120, 100_000);

    /** In CI every so many syncs are left out of a trace. */
    private static final long SYNC_STRIDE = Campaign.standard(3, 1);

    private static final byte[] PROBE = {'p'};

    private final Map<Publish, Integer> counts = new EnumMap<>(Publish.class);

    private static List<Event> record(SimulatedStorage disk, int threads) {
        ProtocolTrace trace = new ProtocolTrace().startFrom(disk, SimulatedStorage.DIRECTORY);
        StoreOptions options = CrashWorkload.optionsBuilder(new RecordingStorage(disk, trace))
                .maintenanceThreads(threads)
                .build();
        CrashWorkload workload = new CrashWorkload(disk, options, trace::note);
        workload.run();
        return trace.events();
    }

    private void check(List<Event> events) {
        OrderingRules.check(CrashWorkload.DIRECTORY, events, counts);
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 2})
    void everyPublishOfTheWorkloadObeysTheRulesOfOrder(int threads) {
        List<Event> events = record(new SimulatedStorage(1), threads);
        check(events);
        System.out.printf("protocol: workload threads=%d events=%d %s%n", threads, events.size(), counts);
        for (Publish publish : Publish.values()) {
            assertTrue(counts.getOrDefault(publish, 0) > 3, () -> publish + " hardly happens: " + counts);
        }
    }

    @Test
    void everyPublishOfARecoveryFromAKillObeysTheRulesOfOrder() {
        long operations = operations();
        long stride = Math.max(1, operations / DEATHS);
        long cases = 0;
        try (QuietLog quiet = new QuietLog()) {
            for (long at = 1 + Campaign.seed() % stride; at <= operations; at += stride) {
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                ProtocolTrace trace = new ProtocolTrace().startFrom(dying, SimulatedStorage.DIRECTORY);
                CrashWorkload workload =
                        new CrashWorkload(dying, CrashWorkload.options(new RecordingStorage(dying, trace)), note -> {
                            // What goes on until a failure reaches the workload is nobody's any more.
                            if (!dying.isDead()) {
                                trace.note(note);
                            }
                        });
                workload.run();
                trace.note(Kind.KILLED);
                recoverAndCheck(dying.kill(), trace, "killed at operation " + at);
                cases++;
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("protocol: kills=%d of %d operations %s%n", cases, operations, counts);
    }

    @Test
    void everyPublishOfARecoveryFromAPowerCutObeysTheRulesOfOrder() {
        long operations = operations();
        long stride = Math.max(1, operations / DEATHS);
        long cases = 0;
        try (QuietLog quiet = new QuietLog()) {
            for (long at = 1 + Campaign.seed() % stride; at <= operations; at += stride) {
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                new CrashWorkload(dying).run();
                SimulatedStorage next = dying.crash(at);
                ProtocolTrace trace = new ProtocolTrace().startFrom(next, SimulatedStorage.DIRECTORY);
                recoverAndCheck(next, trace, "power cut at operation " + at);
                cases++;
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("protocol: power cuts=%d of %d operations %s%n", cases, operations, counts);
    }

    /** Opens what a death left, writes to every index, flushes, drops one, makes one, closes. */
    private void recoverAndCheck(SimulatedStorage disk, ProtocolTrace trace, String when) {
        StoreOptions options = CrashWorkload.options(new RecordingStorage(disk, trace));
        try {
            try (SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, options)) {
                store.index("made after recovery").put(PROBE, PROBE);
                for (String name : store.indexNames()) {
                    SegmentIndex index = store.index(name);
                    index.put(PROBE, PROBE, Durability.PROCESS);
                    index.flush();
                    trace.note(Kind.BEGIN);
                    index.put(PROBE, PROBE, Durability.DEVICE);
                    trace.note(Kind.ACKNOWLEDGE_DEVICE);
                }
                store.dropIndex(store.indexNames().first());
            }
            check(trace.events());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(when, e);
        }
    }

    private static long operations() {
        SimulatedStorage whole = new SimulatedStorage(1);
        new CrashWorkload(whole).run();
        return whole.operations();
    }

    @Test
    void aTraceThatBreaksARuleIsRefusedByThatRule() {
        List<Event> events = record(new SimulatedStorage(1), 0);
        check(events);
        Map<Integer, Integer> refused = new TreeMap<>();
        for (BrokenTrace broken : BrokenTrace.values()) {
            String refusal = refusal(broken.of(events));
            assertNotNull(refusal, () -> "accepted: " + broken);
            assertTrue(refusal.startsWith("rule " + broken.rule() + ":"), () -> broken + " is refused by " + refusal);
            refused.merge(broken.rule(), 1, Integer::sum);
        }
        assertEquals(8, refused.size(), () -> "rules that were seen to refuse: " + refused);
        System.out.printf("protocol: broken traces=%d refused by rule %s%n", BrokenTrace.values().length, refused);
    }

    @Test
    void aTraceWithoutOneOfItsSyncsIsRefusedForNearlyEverySync() {
        List<Event> events = record(new SimulatedStorage(1), 0);
        Map<String, Integer> refused = new TreeMap<>();
        int syncs = 0;
        int left = 0;
        for (int i = 0; i < events.size(); i++) {
            Kind kind = events.get(i).kind();
            boolean sync = kind == Kind.FORCE || kind == Kind.FORCE_DIRECTORY || kind == Kind.FORCE_RANGE;
            if (sync && (syncs++ + Campaign.seed()) % SYNC_STRIDE == 0) {
                left++;
                List<Event> without = new ArrayList<>(events);
                without.remove(i);
                String refusal = refusal(without);
                refused.merge(refusal == null ? "not needed" : refusal.substring(0, 6), 1, Integer::sum);
            }
        }
        System.out.printf("protocol: syncs left out=%d of %d refused by %s%n", left, syncs, refused);
        int needless = refused.getOrDefault("not needed", 0);
        int all = left;
        assertTrue(needless * 4 < left, () -> needless + " of " + all + " syncs seem not to be needed: " + refused);
    }

    /** Background work deletes a file while an appender goes on in the next one, which nobody has forced yet. */
    @Test
    void aFileOfTheLogMayGoWhileTheNewestIsNotDurableYet() {
        SimulatedStorage disk = new SimulatedStorage(1);
        disk.createDirectory(CrashWorkload.DIRECTORY);
        disk.forceDirectory(SimulatedStorage.DIRECTORY);
        ProtocolTrace trace = new ProtocolTrace().startFrom(disk, SimulatedStorage.DIRECTORY);
        Path directory = CrashWorkload.DIRECTORY.resolve(StoreLayout.LOG_NAME);
        WriteAheadLog log = WriteAheadLog.open(
                new RecordingStorage(disk, trace),
                directory,
                new StoreIdentity(1, 2),
                new LogOptions(LogOptions.FILE_BYTES_MIN),
                record -> {});
        long inSecond = 0;
        for (long sequence = 1; log.files() < 3; sequence++) {
            long position = log.appendSequenceMark(sequence);
            if (log.files() == 2) {
                log.sync(position);
                inSecond = inSecond == 0 ? position : inSecond;
            }
        }
        log.release(inSecond);
        assertEquals(2, log.files());
        assertNull(refusal(trace.events()));
        log.close();
    }

    /** What the rules say against a trace, or null. */
    private static String refusal(List<Event> events) {
        try {
            OrderingRules.check(CrashWorkload.DIRECTORY, events, new EnumMap<>(Publish.class));
            return null;
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }
}
