package io.cleave;

import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreOwnership;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SharedRun;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.log.LogOptions;
import io.cleave.log.ReplaySink;
import io.cleave.route.IndexPlace;
import io.cleave.route.RetryPolicy;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** What the parts of a store share, without a store: no catalog, no handles, no threads. */
final class StoreContextFixture implements AutoCloseable {
    static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final StoreIdentity STORE = new StoreIdentity(1, 2);

    final StoreContext shared;
    private final boolean fresh;

    private StoreContextFixture(
            Storage storage, StoreOptions options, Path directory, RuntimeResources runtime, boolean fresh) {
        this.fresh = fresh;
        if (fresh) {
            storage.createDirectory(directory);
        }
        StoreOwnership ownership = StoreOwnership.take(storage, directory);
        Parts files = Parts.of(ownership.storage(), directory, STORE, null);
        if (fresh) {
            files.settle();
        }
        MappedResources<SharedRun> runs = new MappedResources<>(ownership.storage(), 0, Runnable::run, () -> false);
        shared = StoreContext.of(directory, options, ownership.storage(), ownership, files, runtime, runs);
    }

    static StoreOptions.Builder options() {
        return StoreOptions.builder()
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .memtableChunkBytes(1 << 10)
                .logFileBytes(64 << 10);
    }

    static StoreContextFixture create(Storage storage, StoreOptions options) {
        return new StoreContextFixture(
                storage, options, DIRECTORY, StoreRuntime.ofOne(storage, options, DIRECTORY), true);
    }

    /** One of several that share memory. */
    static StoreContextFixture create(Storage storage, String name, RuntimeResources runtime) {
        return new StoreContextFixture(
                storage, options().build(), SimulatedStorage.DIRECTORY.resolve(name), runtime, true);
    }

    /** On what another one has left. */
    static StoreContextFixture again(Storage storage, StoreOptions options) {
        return new StoreContextFixture(
                storage, options, DIRECTORY, StoreRuntime.ofOne(storage, options, DIRECTORY), false);
    }

    /** An open index that the catalog, if there were one, would name. */
    RoutedIndex index(int id) {
        StoreOptions options = shared.options();
        IndexPlace place = new IndexPlace(
                "index " + id,
                id,
                StoreLayout.indexDirectory(shared.directory(), id),
                options.indexOptions().stored(),
                options.openSegmentsMax(),
                new RetryPolicy(shared.storage(), options.waitMillisMax()));
        RoutedIndex index =
                fresh ? RoutedIndex.create(shared.context(), place) : RoutedIndex.open(shared.context(), place);
        shared.indexes().add(index);
        return index;
    }

    void openLog(ReplaySink sink) {
        LogOptions options =
                new LogOptions(shared.options().logFileBytes(), shared.context().parts()::ledgerVersion);
        shared.log().open(STORE, options, sink, () -> {});
    }

    /** Past the log. */
    void put(RoutedIndex index, byte[] key, byte[] value) {
        SegmentSlot slot = index.loadedSlot(key);
        shared.context().commitLock().lock();
        try {
            long sequence = shared.context().snapshots().visible() + 1;
            slot.reserveLocked(sequence, key.length, value.length);
            MemtableLayer.Entry entry = new MemtableLayer.Entry().set(key, sequence, EntryKind.PUT, value);
            index.putLocked(slot, entry, MemtableLayer.NO_LOG);
            shared.context().snapshots().publish(sequence);
        } finally {
            shared.context().commitLock().unlock();
        }
    }

    /** Null when it is not there. */
    static byte[] get(RoutedIndex index, byte[] key, long sequence) {
        Lookup lookup = new Lookup();
        index.loadedSlot(key);
        if (index.find(key, sequence, lookup) != RoutedIndex.Found.ENTRY || lookup.kind() != EntryKind.PUT) {
            return null;
        }
        byte[] value = new byte[lookup.valueLength()];
        lookup.copyValue(value, 0, value.length);
        return value;
    }

    static byte[] key(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    @Override
    public void close() {
        shared.indexes().all().forEach(RoutedIndex::close);
        if (shared.log().writer() != null) {
            shared.log().writer().abandon();
        }
        shared.context().runs().close();
        if (shared.runtime().isOfOne()) {
            shared.runtime().close();
        }
        shared.ownership().close();
    }
}
