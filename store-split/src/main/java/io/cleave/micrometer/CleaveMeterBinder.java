package io.cleave.micrometer;

import io.cleave.SegmentStore;
import io.cleave.StoreMetrics;
import io.cleave.core.metrics.Latency;
import io.cleave.error.StoreClosedException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Gauges and counters of a store; every meter has the tag {@code store}. What each means: docs/operations.md, under the name
 * that it has in {@link StoreMetrics}.
 *
 * <p>All meters share one {@link StoreMetrics}, which is at most {@value #FRESH_MILLIS} ms old by the clock of the registry.
 * After the close of the store gauges are NaN and counters keep their last value.
 *
 * <p>Each of the first {@value #INDEXES_MAX} indexes has meters of its own, with the tag {@code index}; see {@link
 * #refreshIndexes}. Percentiles of {@code cleave.latency} are those of the last half to whole minute, NaN when nothing was timed.
 *
 * <p>Ownership: does not close the store. A registry that it was bound to holds it, and so the store, until {@link #close},
 * which takes its meters away. Thread-safe.
 */
public final class CleaveMeterBinder implements MeterBinder, AutoCloseable {
    static final long FRESH_MILLIS = 500;

    /** So many indexes have meters of their own, the first by name when it is bound: a registry keeps each. */
    static final int INDEXES_MAX = 100;

    private static final String PREFIX = "cleave.";
    private static final String SECONDS = "seconds";

    private final SegmentStore store;
    private final Tags tags;
    private final List<Bound> bound = new CopyOnWriteArrayList<>();

    /** The meters in one registry. Thread-safe. */
    private static final class Bound {
        private final Binding binding;
        /** Of the store. */
        private final List<Meter> meters;
        /** Of its indexes, by name. Guarded by this. */
        private final Map<String, List<Meter>> indexes = new TreeMap<>();

        /** Guarded by this. */
        private boolean ended;

        Bound(Binding binding) {
            this.binding = binding;
            this.meters = binding.meters;
        }

        synchronized void refresh(Collection<String> names) {
            if (ended) {
                // Nobody would take them away any more.
                return;
            }
            indexes.entrySet().removeIf(index -> {
                boolean gone = !names.contains(index.getKey());
                if (gone) {
                    remove(index.getValue());
                }
                return gone;
            });
            for (String name : names) {
                if (indexes.size() < INDEXES_MAX && !indexes.containsKey(name)) {
                    indexes.put(name, binding.index(name));
                }
            }
        }

        synchronized void end() {
            ended = true;
            remove(meters);
            indexes.values().forEach(this::remove);
        }

        private void remove(List<Meter> all) {
            all.forEach(binding.registry::remove);
        }
    }

    /** Of a store, whose directory is the tag. */
    public CleaveMeterBinder(SegmentStore store) {
        this(store, store.directory().toString(), List.of());
    }

    /**
     * Of a store.
     *
     * @param store not owned
     * @param name value of the tag {@code store}
     * @param more further tags
     */
    public CleaveMeterBinder(SegmentStore store, String name, Iterable<Tag> more) {
        this.store = Objects.requireNonNull(store, "store");
        this.tags = Tags.concat(more, "store", Objects.requireNonNull(name, "name"));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Binding binding =
                new Binding(registry, new Reading(store, registry.config().clock()), tags);
        binding.operations();
        binding.latencies();
        binding.readers();
        binding.memory();
        binding.work();
        binding.log();
        binding.stalls();
        binding.resources();
        binding.rest();
        Bound made = new Bound(binding);
        bound.add(made);
        refresh(made);
    }

    /**
     * Makes meters for indexes that were created since, and takes those of dropped ones away. To be called once in a while, each
     * minute for example: meters do not come by themselves when somebody reads them. Nothing happens when the store is closed.
     */
    public void refreshIndexes() {
        bound.forEach(this::refresh);
    }

    private void refresh(Bound registry) {
        try {
            registry.refresh(store.indexNames());
        } catch (StoreClosedException e) {
            // Those that there are show NaN.
            assert e.getMessage() != null;
        }
    }

    /** Takes its meters away from every registry that it was bound to. The store stays open. Idempotent. */
    @Override
    public void close() {
        bound.forEach(Bound::end);
        bound.clear();
    }

    /** Registers the meters with one registry. Belongs to the thread that binds. */
    private static final class Binding {
        private static final double NANOS_A_SECOND = TimeUnit.SECONDS.toNanos(1);

        private final MeterRegistry registry;
        private final Reading reading;
        private final Tags tags;
        private final List<Meter> meters = new CopyOnWriteArrayList<>();

        Binding(MeterRegistry registry, Reading reading, Tags tags) {
            this.registry = registry;
            this.reading = reading;
            this.tags = tags;
        }

        void operations() {
            Function<String, Tags> result = value -> tags.and("result", value);
            count(
                    "gets",
                    "operations",
                    result.apply("hit"),
                    m -> m.operations().gets().hits());
            count(
                    "gets",
                    "operations",
                    result.apply("absent"),
                    m -> m.operations().gets().absents());
            count("puts", "operations", tags, m -> m.operations().puts().count());
            count("deletes", "operations", tags, m -> m.operations().deletes().count());
            count("batches", "operations", tags, m -> m.operations().batches().count());
            count("batch.operations", "operations", tags, m -> m.operations().batchOperations());
            count("put.bytes", BaseUnits.BYTES, tags, m -> m.operations().bytesPut());
            count("cursors", "cursors", tags, m -> m.operations().cursors().opened());
            count(
                    "cursor.seeks",
                    "operations",
                    tags,
                    m -> m.operations().cursors().seeks().count());
            count(
                    "cursor.steps",
                    "operations",
                    tags,
                    m -> m.operations().cursors().steps());
        }

        void latencies() {
            latency("get", m -> m.operations().gets().recent());
            latency("put", m -> m.operations().puts().recent());
            latency("delete", m -> m.operations().deletes().recent());
            latency("batch", m -> m.operations().batches().recent());
            latency("seek", m -> m.operations().cursors().seeks().recent());
            latency("log.sync", m -> m.log().syncs().recent());
        }

        void readers() {
            gauge("readers", "readers", tags, m -> m.readers().open());
            gauge("readers.oldest.behind", "operations", tags, m -> m.readers().oldestBehind());
            gauge("readers.oldest.age", SECONDS, tags, m -> m.readers().oldestNanos() / NANOS_A_SECOND);
        }

        void memory() {
            gauge("memtable.bytes", BaseUnits.BYTES, tags, m -> m.memtables().bytes());
            gauge(
                    "memtable.bytes.max",
                    BaseUnits.BYTES,
                    tags,
                    m -> m.memtables().bytesMax());
            gauge("memtables", "memtables", tags, m -> m.memtables().count());
            gauge("indexes", "indexes", tags, m -> m.segments().indexes());
            gauge("segments", "segments", tags, m -> m.segments().count());
            gauge("segments.loaded", "segments", tags, m -> m.segments().loaded());
            gauge("runs", "runs", tags, m -> m.segments().runs());
            gauge("run.bytes", BaseUnits.BYTES, tags, m -> m.segments().runBytes());
            gauge("mappings", "mappings", tags, m -> m.mappings().count());
            gauge("mapped.bytes", BaseUnits.BYTES, tags, m -> m.mappings().bytes());
        }

        void work() {
            work("flush", StoreMetrics::flushes);
            work("compaction", StoreMetrics::compactions);
            work("split", m -> m.rewrites().splits());
            work("merge", m -> m.rewrites().merges());
            work("rewrite", m -> m.rewrites().rewrites());
            gauge("write.amplification", null, tags, StoreMetrics::writeAmplification);
        }

        void log() {
            gauge("log.bytes", BaseUnits.BYTES, tags, m -> m.log().bytesOnDisk());
            gauge("log.files", BaseUnits.FILES, tags, m -> m.log().files());
            count("log.appended", BaseUnits.BYTES, tags, m -> m.log().bytesAppended());
            count("log.syncs", "syncs", tags, m -> m.log().syncs().count());
        }

        void stalls() {
            stall(
                    "memory_slowdown",
                    m -> m.stalls().memorySlowdowns(),
                    m -> m.stalls().memorySlowdownNanos());
            stall("memory_stop", m -> m.stalls().memoryStops(), m -> m.stalls().memoryStopNanos());
            stall(
                    "deltas_slowdown",
                    m -> m.stalls().deltaSlowdowns(),
                    m -> m.stalls().deltaSlowdownNanos());
        }

        void resources() {
            gauge("resources", BaseUnits.FILES, tags, m -> m.resources().active());
            gauge("resources.references", "references", tags, m -> m.resources().references());
            gauge(
                    "resources.lingering",
                    BaseUnits.FILES,
                    tags,
                    m -> m.resources().lingering());
            gauge("pending.deletes", BaseUnits.FILES, tags, m -> m.resources().pendingDeletes());
            gauge(
                    "pending.delete.bytes",
                    BaseUnits.BYTES,
                    tags,
                    m -> m.resources().pendingDeleteBytes());
            gauge("pending.delete.age", SECONDS, tags, m -> m.resources().oldestPendingDeleteNanos() / NANOS_A_SECOND);
            count("cleanup.failures", BaseUnits.FILES, tags, m -> m.resources().cleanUpFailures());
            count(
                    "leaks",
                    "handles",
                    tags.and("kind", "resource"),
                    m -> m.resources().leaks());
            count("leaks", "handles", tags.and("kind", "cursor"), m -> m.leaks().cursors());
            count(
                    "leaks",
                    "handles",
                    tags.and("kind", "snapshot"),
                    m -> m.leaks().snapshots());
            count("leaks", "handles", tags.and("kind", "batch"), m -> m.leaks().batches());
        }

        void rest() {
            gauge("storage.files", BaseUnits.FILES, tags, m -> m.storage().files());
            gauge("storage.memory", BaseUnits.BYTES, tags, m -> m.storage().memoryBytes());
            gauge("storage.threads", BaseUnits.THREADS, tags, m -> m.storage().threads());
            count("storage.written", BaseUnits.BYTES, tags, m -> m.storage().bytesWritten());
            count("storage.syncs", "syncs", tags, m -> m.storage().syncs());
            gauge(
                    "maintenance.queued",
                    BaseUnits.TASKS,
                    tags,
                    m -> m.maintenance().queued());
            count(
                    "maintenance.failures",
                    BaseUnits.TASKS,
                    tags,
                    m -> m.maintenance().failures());
            count("listener.failures", "calls", tags, m -> m.maintenance().listenerFailures());
        }

        /** Percentiles as gauges: a histogram of ours can't be handed on bucket by bucket. */
        private void latency(String operation, Function<StoreMetrics, Latency> latency) {
            Tags operations = tags.and("operation", operation);
            seconds(operations, "0.5", latency, Latency::p50Nanos);
            seconds(operations, "0.9", latency, Latency::p90Nanos);
            seconds(operations, "0.99", latency, Latency::p99Nanos);
            seconds(operations, "0.999", latency, Latency::p999Nanos);
            seconds(operations, "1", latency, Latency::maxNanos);
        }

        private void seconds(
                Tags operation,
                String quantile,
                Function<StoreMetrics, Latency> latency,
                ToDoubleFunction<Latency> nanos) {
            gauge("latency", SECONDS, operation.and("quantile", quantile), m -> {
                Latency found = latency.apply(m);
                return found.samples() == 0 ? Double.NaN : nanos.applyAsDouble(found) / NANOS_A_SECOND;
            });
        }

        /** The meters of one index; its figures are NaN while it is not there. */
        List<Meter> index(String name) {
            Binding own = new Binding(registry, reading, tags.and("index", name));
            own.index("segments", "segments", name, StoreMetrics.Index::segments);
            own.index("segments.loaded", "segments", name, StoreMetrics.Index::loaded);
            own.index("entries", "entries", name, StoreMetrics.Index::entries);
            own.index("runs", "runs", name, StoreMetrics.Index::runs);
            own.index("run.bytes", BaseUnits.BYTES, name, StoreMetrics.Index::runBytes);
            own.index("memtable.bytes", BaseUnits.BYTES, name, StoreMetrics.Index::memtableBytes);
            return own.meters;
        }

        private void index(String figure, String unit, String name, ToDoubleFunction<StoreMetrics.Index> value) {
            gauge("index." + figure, unit, tags, m -> {
                StoreMetrics.Index index = m.indexes().get(name);
                return index == null ? Double.NaN : value.applyAsDouble(index);
            });
        }

        private void work(String kind, Function<StoreMetrics, StoreMetrics.RunWork> work) {
            Tags all = tags.and("work", kind);
            count("work", "tasks", all, m -> work.apply(m).count());
            count(
                    "work.read",
                    BaseUnits.BYTES,
                    all,
                    m -> work.apply(m).traffic().bytesIn());
            count(
                    "work.written",
                    BaseUnits.BYTES,
                    all,
                    m -> work.apply(m).traffic().bytesOut());
            count("work.time", SECONDS, all, m -> work.apply(m).nanos() / NANOS_A_SECOND);
        }

        private void stall(String reason, ToDoubleFunction<StoreMetrics> count, ToDoubleFunction<StoreMetrics> nanos) {
            Tags all = tags.and("reason", reason);
            count("stalls", "writes", all, count);
            count("stall.time", SECONDS, all, m -> nanos.applyAsDouble(m) / NANOS_A_SECOND);
        }

        private void gauge(String name, String unit, Tags all, ToDoubleFunction<StoreMetrics> figure) {
            meters.add(Gauge.builder(PREFIX + name, reading, read -> read.gauge(figure))
                    .baseUnit(unit)
                    .tags(all)
                    .strongReference(true)
                    .register(registry));
        }

        private void count(String name, String unit, Tags all, ToDoubleFunction<StoreMetrics> figure) {
            meters.add(FunctionCounter.builder(PREFIX + name, reading, read -> read.counter(figure))
                    .baseUnit(unit)
                    .tags(all)
                    .register(registry));
        }
    }
}
