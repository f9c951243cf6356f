package io.cleave.core.registry;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentBuilder;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/** A registry over real segments, with a look at what its loader is asked. */
final class RegistryFixture implements AutoCloseable {
    final SegmentFixture segments;
    final SegmentRegistry registry;
    final AtomicInteger loads = new AtomicInteger();
    final AtomicInteger creations = new AtomicInteger();
    final AtomicInteger deletions = new AtomicInteger();
    /** Called with the id before a segment is opened. */
    volatile LongConsumer beforeLoad = id -> {};
    /** Called with the id once it is open, before the registry knows. */
    volatile LongConsumer afterLoad = id -> {};

    private final Storage storage;

    RegistryFixture(Storage storage, int handlersMax) {
        this.storage = storage;
        segments = new SegmentFixture(storage);
        SegmentIdAllocator allocator = new SegmentIdAllocator(
                storage, segments.context().parts(), SegmentFixture.INDEX_ID, SimulatedStorage.DIRECTORY);
        registry = new SegmentRegistry(new Loader(), allocator, handlersMax, () -> false);
    }

    /** Creates segments 1 to {@code count}, not pinned. */
    void create(int count) {
        for (int i = 0; i < count; i++) {
            registry.createSegment().close();
        }
    }

    /** A new segment that the registry does not know. */
    Segment create() {
        return segments.create(registry.allocateSegmentId());
    }

    /** Creates segments 1 to {@code count} that are not in the cache. */
    void createOnDisk(int count) {
        for (int id = 1; id <= count; id++) {
            segments.create(registry.allocateSegmentId()).close();
        }
    }

    boolean isCached(long id) {
        return registry.loadedSegments().stream().anyMatch(segment -> segment.id() == id);
    }

    @Override
    public void close() {
        registry.close();
        segments.close();
    }

    private final class Loader implements SegmentLoader {
        @Override
        public Segment tryOpen(long segmentId) {
            beforeLoad.accept(segmentId);
            loads.incrementAndGet();
            Segment segment = segments.open(segmentId);
            afterLoad.accept(segmentId);
            return segment;
        }

        @Override
        public Segment create(long segmentId) {
            creations.incrementAndGet();
            try (SegmentBuilder builder = new SegmentBuilder(
                    segments.context(), SegmentFixture.INDEX_ID, segmentId, SegmentFixture.directory(segmentId))) {
                return builder.finish(KeyBounds.ALL, 0);
            }
        }

        @Override
        public boolean delete(long segmentId) {
            boolean there = storage.kind(SegmentFixture.directory(segmentId)) != Storage.PathKind.ABSENT;
            deletions.incrementAndGet();
            SegmentDirectory.delete(storage, SegmentFixture.directory(segmentId));
            return there;
        }
    }
}
