package io.cleave.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.registry.SegmentRegistryAccess;
import io.cleave.core.registry.SegmentRegistryStatus;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.route.RoutedIndex;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R2.8, R2.10 and R2.11: which locks a split takes, in which order, and what happens under them. */
@Timeout(600)
final class SplitLockTest {
    private static final Set<String> NO_INPUT_OUTPUT =
            Set.of("nanoTime", "wallMillis", "randomLong", "bootId", "processId", "counters", "allocate");

    private final AtomicReference<RoutedIndex> index = new AtomicReference<>();
    private final List<String> underKeyMapLock = new ArrayList<>();
    private final List<String> underCommitLock = new ArrayList<>();

    /** A storage that writes down what is called, also on what it hands out, while a lock is held by the caller. */
    private <T> T watched(Class<T> type, T target, String path) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            String what = method.getName() + " "
                    + (arguments != null && arguments.length > 0 && arguments[0] instanceof java.nio.file.Path
                            ? SimulatedStorage.DIRECTORY.relativize((java.nio.file.Path) arguments[0])
                            : path);
            RoutedIndex current = index.get();
            if (current != null && !NO_INPUT_OUTPUT.contains(method.getName())) {
                if (current.keyMapLock().isHeld()) {
                    underKeyMapLock.add(what);
                }
                if (current.context().commitLock().isHeld()) {
                    underCommitLock.add(what);
                }
            }
            try {
                Object result = method.invoke(target, arguments);
                boolean handle =
                        method.getReturnType().isInterface() && method.getName().matches("create|tryLock");
                return handle && result != null ? handle(method.getReturnType(), result, what) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private <T> T handle(Class<T> type, Object result, String path) {
        return watched(type, type.cast(result), path.substring(path.indexOf(' ') + 1));
    }

    private SplitFixture fixture(int handlersMax) {
        SplitFixture fixture = SplitFixture.create(watched(Storage.class, new SimulatedStorage(1), ""), handlersMax);
        index.set(fixture.index());
        return fixture;
    }

    private void checkKeyMapLock(String where) {
        List<String> others = underKeyMapLock.stream()
                .filter(call -> !call.contains("key-map"))
                .toList();
        assertEquals(
                List.of("forceDirectory index-00001"),
                others.stream().distinct().toList(),
                where);
        assertTrue(underKeyMapLock.stream().anyMatch(call -> call.startsWith("rename index-00001/key-map.tmp")));
        assertEquals(List.of(), underCommitLock, where);
    }

    @Test
    void nothingButTheKeyMapsOwnPersistHappensUnderTheKeyMapLock() {
        SplitFixture fixture = fixture(64);
        fixture.fill(40);
        fixture.flushAll();
        fixture.split(step -> {
            if (step == SplitStep.S2_ISOLATED) {
                fixture.put("k001", "during");
            }
        });
        checkKeyMapLock("split");
        fixture.close();
    }

    @Test
    void noOtherSegmentIsEvictedUnderTheKeyMapLock() {
        SplitFixture fixture = fixture(2);
        fixture.fill(80);
        for (int i = 0; i < 4; i++) {
            fixture.flushAll();
            fixture.split(step -> {});
        }
        checkKeyMapLock("split with a full cache");
        fixture.close();
    }

    @Test
    void locksAreTakenHandlerThenIteratorAndHandlerThenKeyMap() {
        SplitFixture fixture = fixture(64);
        fixture.fill(40);
        fixture.split(step -> {
            boolean locked = step.compareTo(SplitStep.S5_APPLIED) < 0;
            boolean keyMap = step == SplitStep.S4_PUBLISHED;
            assertEquals(keyMap, fixture.index().keyMapLock().isHeld(), step.toString());
            assertFalse(fixture.context().commitLock().isHeld(), step.toString());
            if (locked) {
                try (SegmentRegistryAccess access = fixture.index().registry().getSegment(1)) {
                    assertEquals(SegmentRegistryStatus.BUSY, access.lock(), step + ": the handler is not locked");
                }
            }
        });
        fixture.close();
    }

    @Test
    void aSplitUnderTheKeyMapLockIsAssertedAgainst() {
        SplitFixture fixture = fixture(64);
        fixture.fill(40);
        fixture.index().keyMapLock().lock();
        assertThrows(AssertionError.class, () -> fixture.split(step -> {}));
        fixture.index().keyMapLock().unlock();
        fixture.check("after the assertion");
        fixture.close();
    }

    /** A put finds its place and a reader sees every acknowledged write while splits and merges go on all the time. */
    @Test
    void readersAndWritersRunThroughSplitsAndSeeEveryOwnWrite() throws InterruptedException {
        SplitFixture fixture = fixture(64);
        index.set(null);
        fixture.fill(40);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread writer = new Thread(() -> guarded(failure, stop, () -> {
            TreeMap<String, String> own = new TreeMap<>(fixture.model(Long.MAX_VALUE));
            for (int i = 0; !stop.get(); i++) {
                String key = String.format("k%03d", i * 7 % 40);
                SplitConcurrency.put(fixture, key, "w" + i);
                own.put(key, "w" + i);
                assertEquals("w" + i, fixture.get(key), "own write");
                String other = String.format("k%03d", i * 11 % 40);
                assertEquals(own.get(other), fixture.get(other), other);
            }
        }));
        Thread reader = new Thread(() -> guarded(failure, stop, () -> {
            while (!stop.get()) {
                assertEquals(40, fixture.scan(1L << 50).size(), "keys in a scan");
            }
        }));
        writer.start();
        reader.start();
        int splits = 0;
        for (int i = 0; i < 300 && failure.get() == null; i++) {
            splits += fixture.split(step -> {}) == SplitOutcome.SPLIT ? 1 : 0;
            while (fixture.index().route().size() > 1 && failure.get() == null) {
                assertEquals(
                        SplitOutcome.MERGED,
                        new SegmentSplitter(new SplitLimits(1 << 30, 1 << 30), step -> {})
                                .mergeIfSmall(fixture.index(), fixture.slot(0)));
            }
        }
        stop.set(true);
        writer.join();
        reader.join();
        if (failure.get() != null) {
            throw new AssertionError("after " + splits + " splits", failure.get());
        }
        // The others rewrote the segment as one: what the writer adds meanwhile decides.
        assertTrue(splits > 50, splits + " splits");
        fixture.check("at the end");
        fixture.close();
    }

    private static void guarded(AtomicReference<Throwable> failure, AtomicBoolean stop, Runnable body) {
        try {
            body.run();
        } catch (Throwable t) {
            failure.compareAndSet(null, t);
            stop.set(true);
        }
    }
}
