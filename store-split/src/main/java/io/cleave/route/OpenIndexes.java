package io.cleave.route;

import io.cleave.core.segment.SegmentView;
import io.cleave.event.SegmentPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The open indexes of a store, by id, and how their segments are named in events.
 *
 * <p>Ownership: closes none of them. Thread-safe; indexes are added and removed under the store lock.
 */
public final class OpenIndexes {
    private final String store;
    private final Map<Integer, RoutedIndex> indexes = new ConcurrentHashMap<>();

    /** None yet; {@code store} is the directory of all. */
    public OpenIndexes(Path store) {
        this.store = store.toString();
    }

    /** Takes one in. */
    public void add(RoutedIndex index) {
        indexes.put(index.indexId(), index);
    }

    /** Takes one out, which the caller closes; null when it is not there. */
    public RoutedIndex remove(int id) {
        return indexes.remove(id);
    }

    /** All as they are now; the list is the caller's. */
    public List<RoutedIndex> all() {
        return new ArrayList<>(indexes.values());
    }

    /** One of them, or null. */
    public RoutedIndex byId(int id) {
        return indexes.get(id);
    }

    /** Calls for every slot of every index as its route is then. */
    public void forEachSlot(BiConsumer<RoutedIndex, SegmentSlot> action) {
        for (RoutedIndex index : all()) {
            index.forEachSlot(slot -> action.accept(index, slot));
        }
    }

    /** Memory that the memtables of loaded segments take. */
    public long memtableBytes() {
        long[] bytes = {0};
        forEachSlot((index, slot) -> {
            SegmentView view = slot.view();
            bytes[0] += view == null ? 0 : view.memtableBytes();
        });
        return bytes[0];
    }

    /** A segment as events and listeners know it; 0 for no segment. */
    public SegmentPlace place(RoutedIndex index, long segmentId) {
        return new SegmentPlace(store, index.name(), segmentId);
    }

    /** The same by the id of the index, 0 for none; of one that is not open the name is empty. */
    public SegmentPlace place(int indexId, long segmentId) {
        RoutedIndex index = byId(indexId);
        return new SegmentPlace(store, index == null ? "" : index.name(), segmentId);
    }

    /** The store itself, for what is about no index. */
    public SegmentPlace ofStore() {
        return new SegmentPlace(store, "", 0);
    }
}
