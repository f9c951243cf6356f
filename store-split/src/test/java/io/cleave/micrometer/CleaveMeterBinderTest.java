package io.cleave.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The meters of a store follow its figures, by the clock of the registry. */
final class CleaveMeterBinderTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    private SegmentStore store;
    private SegmentIndex index;

    @BeforeEach
    void open() {
        store = SegmentStore.open(
                SimulatedStorage.DIRECTORY.resolve("store"),
                StoreOptions.builder()
                        .storage(leaks.watch(new SimulatedStorage(1)))
                        .maintenanceThreads(0)
                        .build());
        index = store.index("a");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] key(int i) {
        return ("key" + i).getBytes(StandardCharsets.US_ASCII);
    }

    private double counter(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private void becomeOld() {
        clock.add(Duration.ofMillis(CleaveMeterBinder.FRESH_MILLIS));
    }

    @Test
    void metersFollowTheFigures() {
        new CleaveMeterBinder(store, "books", List.of()).bindTo(registry);
        for (int i = 0; i < 1_000; i++) {
            index.put(key(i), new byte[10]);
        }
        index.get(key(1));
        index.get(key(-1));
        index.get(key(-2));
        index.flush();
        store.sync();
        assertEquals(1_000, counter("cleave.puts", "store", "books"));
        assertEquals(1, counter("cleave.gets", "store", "books", "result", "hit"));
        assertEquals(2, counter("cleave.gets", "store", "books", "result", "absent"));
        assertEquals(1, counter("cleave.work", "work", "flush"));
        assertEquals((double) index.stats().runBytes(), counter("cleave.work.written", "work", "flush"));
        assertEquals(store.metrics().flushes().nanos() / 1e9, counter("cleave.work.time", "work", "flush"), 1e-12);
        assertEquals(1, gauge("cleave.segments"));
        assertEquals(1, gauge("cleave.runs"));
        assertEquals(store.metrics().writeAmplification(), gauge("cleave.write.amplification"), 1e-9);
        double median = store.metrics().operations().puts().latency().p50Nanos() / 1e9;
        assertTrue(median > 0);
        assertEquals(median, gauge("cleave.latency", "operation", "put", "quantile", "0.5"), 1e-12);
    }

    @Test
    void figuresAreReadAnewWhenTheyAreOld() {
        new CleaveMeterBinder(store).bindTo(registry);
        assertEquals(0, counter("cleave.puts"));
        index.put(key(1), new byte[1]);
        assertEquals(0, counter("cleave.puts"));
        becomeOld();
        assertEquals(1, counter("cleave.puts"));
    }

    @Test
    void aClosedStoreKeepsItsCountersAndHasNoGauges() {
        new CleaveMeterBinder(store).bindTo(registry);
        index.put(key(1), new byte[1]);
        assertEquals(1, counter("cleave.puts"));
        store.close();
        becomeOld();
        assertEquals(1, counter("cleave.puts"));
        assertTrue(Double.isNaN(gauge("cleave.segments")));
    }

    @Test
    void everyMeterSaysWhichStore() {
        new CleaveMeterBinder(store).bindTo(registry);
        assertTrue(registry.getMeters().size() > 60, registry.getMetersAsString());
        registry.getMeters()
                .forEach(meter -> assertEquals(
                        store.directory().toString(), meter.getId().getTag("store"), meter.getId()::toString));
    }

    @Test
    void closingTheBinderTakesItsMetersAway() {
        CleaveMeterBinder binder = new CleaveMeterBinder(store);
        binder.bindTo(registry);
        binder.close();
        assertEquals(List.of(), registry.getMeters());
    }

    @Test
    void indexesHaveMetersOfTheirOwnThatComeAndGo() {
        CleaveMeterBinder binder = new CleaveMeterBinder(store);
        binder.bindTo(registry);
        index.put(key(1), new byte[100]);
        index.flush();
        index.put(key(2), new byte[100]);
        assertEquals(1, gauge("cleave.index.segments", "index", "a"));
        assertEquals(1, gauge("cleave.index.runs", "index", "a"));
        assertEquals(2, gauge("cleave.index.entries", "index", "a"));
        assertEquals((double) index.stats().runBytes(), gauge("cleave.index.run.bytes", "index", "a"));
        assertTrue(gauge("cleave.index.memtable.bytes", "index", "a") >= 100);
        store.index("b");
        assertTrue(registry.find("cleave.index.runs").tag("index", "b").gauge() == null);
        binder.refreshIndexes();
        becomeOld();
        assertEquals(0, gauge("cleave.index.runs", "index", "b"));
        store.dropIndex("a");
        becomeOld();
        assertTrue(Double.isNaN(gauge("cleave.index.runs", "index", "a")));
        binder.refreshIndexes();
        assertTrue(registry.find("cleave.index.runs").tag("index", "a").gauge() == null);
        for (int i = 0; i < CleaveMeterBinder.INDEXES_MAX; i++) {
            store.index("more" + i);
        }
        binder.refreshIndexes();
        assertEquals(
                CleaveMeterBinder.INDEXES_MAX,
                registry.find("cleave.index.runs").gauges().size());
        binder.close();
        binder.refreshIndexes();
        assertEquals(List.of(), registry.getMeters());
    }

    @Test
    void aRefreshBesideTheCloseLeavesNoMeterBehind() throws Exception {
        for (int round = 0; round < 300; round++) {
            CleaveMeterBinder binder = new CleaveMeterBinder(store);
            binder.bindTo(registry);
            store.index("more" + round);
            Thread refresher = new Thread(binder::refreshIndexes);
            refresher.start();
            binder.close();
            refresher.join();
            assertEquals(List.of(), registry.getMeters(), "round " + round);
        }
    }

    @Test
    void whatWasNotTimedLatelyHasNoPercentiles() {
        new CleaveMeterBinder(store).bindTo(registry);
        assertTrue(Double.isNaN(gauge("cleave.latency", "operation", "get", "quantile", "0.99")));
    }
}
