package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.fixture.StoreOfLevel1;
import io.cleave.inspect.Finding;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import io.cleave.repair.StoreRepair;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Between any two calls of a verification or inspection a live writer drops, splits, merges or releases: that is no damage. */
final class StoreVerificationBesideWriterTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");

    /** What the writer does in the middle of a look. */
    private enum Deed {
        DROP(store -> store.dropIndex("dropped")),
        SPLIT(store -> {
            fill(store.index("kept"), 100, 260);
            store.index("kept").flush();
            store.awaitMaintenance();
        }),
        COMPACT(store -> {
            fill(store.index("dropped"), 0, 20);
            store.index("dropped").compact();
            store.index("kept").compact();
            store.awaitMaintenance();
        }),
        RELEASE_THE_LOG(store -> {
            for (int i = 0; i < 6; i++) {
                store.index("kept").put(("long" + i).getBytes(UTF_8), new byte[1500]);
                store.index("kept").flush();
            }
            store.index("dropped").flush();
            store.awaitMaintenance();
        }),
        EVERYTHING(store -> {
            SPLIT.does.accept(store);
            RELEASE_THE_LOG.does.accept(store);
            store.index("new").put("key".getBytes(UTF_8), new byte[20]);
            DROP.does.accept(store);
        });

        @SuppressWarnings("ImmutableEnumChecker") // functions without a state of their own
        private final Consumer<SegmentStore> does;

        Deed(Consumer<SegmentStore> does) {
            this.does = does;
        }
    }

    private final SimulatedStorage template = new SimulatedStorage(1);
    private long calls;
    private long actAt;
    private Runnable act;

    StoreVerificationBesideWriterTest() {
        try (SegmentStore store = open(template)) {
            fill(store.index("kept"), 0, 70);
            fill(store.index("dropped"), 0, 130);
            store.index("dropped").flush();
            store.awaitMaintenance();
            fill(store.index("kept"), 30, 90);
            fill(store.index("dropped"), 50, 60);
        }
    }

    private static SegmentStore open(SimulatedStorage storage) {
        return SegmentStore.open(STORE, RepairSubject.options(storage).build());
    }

    private static void fill(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.put("key-%04d".formatted(i).getBytes(UTF_8), new byte[20]);
        }
    }

    /** The same storage, through which something is done before one call. */
    private Storage watched(Storage storage) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (++calls == actAt) {
                        act.run();
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Looks, and does something before the call of that number; returns how many calls there were. */
    private long look(Deed deed, long at, Consumer<Storage> looking) {
        SimulatedStorage storage = template.kill();
        calls = 0;
        actAt = at;
        try (SegmentStore store = open(storage)) {
            act = () -> deed.does.accept(store);
            looking.accept(watched(storage));
        } catch (RuntimeException | Error e) {
            throw new AssertionError(deed + " before call " + at + ": " + e, e);
        }
        return calls;
    }

    @Test
    void anUpgradeBesideAVerificationIsNoDamage() {
        StoreOfLevel1 level1 = StoreOfLevel1.ALL.stream()
                .filter(kept -> kept.closed() && kept.contents().containsKey("main"))
                .findFirst()
                .orElseThrow();
        long all = Long.MAX_VALUE;
        for (long at = 1; at <= all; at++) {
            SimulatedStorage storage = new SimulatedStorage(1);
            storage.createDirectory(STORE);
            level1.image().write(storage, STORE);
            calls = 0;
            actAt = at;
            act = () -> {
                StoreOptions options =
                        RepairSubject.options(storage).upgrade(true).build();
                try (SegmentStore store = SegmentStore.open(STORE, options)) {
                    store.index("main").put("key".getBytes(UTF_8), new byte[20]);
                    store.index("main").flush();
                }
            };
            Verdict verdict = new StoreVerification(watched(storage), STORE, (done, total) -> {}).verify();
            String when = "upgraded before call " + at + ": " + verdict.findings();
            assertTrue(verdict.findings().stream().noneMatch(f -> f.severity() == Finding.Severity.ERROR), when);
            all = calls;
        }
        assertTrue(all > 10, "calls of the last look: " + all);
    }

    /** At moments spread over the whole look, others in each campaign. */
    private void atMoments(String name, Consumer<Storage> looking) {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            long cases = 0;
            SplittableRandom random = new SplittableRandom(Campaign.seed());
            for (Deed deed : Deed.values()) {
                long all = look(deed, 0, looking);
                long stride = Math.max(1, all / Campaign.count(24, Long.MAX_VALUE));
                for (long at = 1 + random.nextLong(stride); at <= all; at += stride) {
                    look(deed, at, looking);
                    cases++;
                }
            }
            System.out.printf("%s beside a writer: cases=%d false alarms=0%n", name, cases);
        }
    }

    @Test
    void whatVanishesDuringAVerificationIsNoDamage() {
        atMoments("verification", storage -> {
            List<Finding> errors = new StoreVerification(storage, STORE, (done, total) -> {})
                    .verify().findings().stream()
                            .filter(finding -> finding.severity() != Finding.Severity.WARNING)
                            .toList();
            assertEquals(List.of(), errors);
        });
    }

    @Test
    void whatVanishesDuringAnInspectionIsLookedForAgain() {
        atMoments("inspection", storage -> {
            StoreInspection inspection = new StoreInspection(storage, STORE);
            List<Finding> unread = new ArrayList<>();
            List<IndexLook> looks = inspection.readable();
            looks.forEach(look -> unread.addAll(look.unread()));
            assertEquals(List.of(), unread);
            assertTrue(looks.stream().anyMatch(look -> look.name().equals("kept")));
            assertTrue(inspection.index("kept").entries() > 0);
            assertTrue(inspection.logFiles().size() > 0);
            try {
                assertTrue(inspection.index("dropped").segments().size() > 0);
            } catch (StoreException.NotFound e) {
                assertTrue(e.getMessage().contains("no index of that name"), e::getMessage);
            }
        });
    }

    @Test
    void realDamageIsFoundBesideAWriter() {
        SimulatedStorage storage = template.kill();
        try (QuietLog quiet = new QuietLog();
                SegmentStore store = open(storage)) {
            assertTrue(quiet.isQuiet() && store.hasIndex("kept"));
            List<Path> runs = DamageSubject.below(storage, STORE).stream()
                    .filter(path -> path.toString().endsWith(".run"))
                    .toList();
            for (Path run : runs) {
                SimulatedStorage damaged = template.kill();
                byte[] content = damaged.readAll(run, Integer.MAX_VALUE);
                content[100] ^= 4;
                DamageSubject.write(damaged, run, content);
                List<Finding> found = new StoreVerification(damaged, STORE, (done, total) -> {})
                        .verify()
                        .findings();
                assertEquals(1, found.size(), found::toString);
                assertTrue(found.get(0).index() != null, found::toString);
            }
        }
    }

    @Test
    void whatThisUserMayNotReadIsNoDamage() {
        SimulatedStorage closed = template.kill();
        Storage denying = (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    boolean opens = method.getName().equals("map");
                    if (opens) {
                        throw new StoreException.Io(arguments[0] + ": mapping: " + StoreException.Io.DENIED, null);
                    }
                    try {
                        return method.invoke(closed, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        Verdict verdict = new StoreVerification(denying, STORE, (done, total) -> {}).verify();
        assertTrue(!verdict.healthy() && !verdict.damaged(), verdict::toString);
        assertTrue(verdict.findings().stream()
                .anyMatch(finding -> finding.severity() == Finding.Severity.UNREAD
                        && finding.found().equals("permission denied")));
        assertThrows(StoreException.Io.class, () -> new StoreRepair(denying, STORE, (done, total) -> {}).repair());
    }
}
