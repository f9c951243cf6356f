package io.cleave.split;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;

/** The commit path for a writer beside which splits go on: it looks for the slot again when that was replaced. */
final class SplitConcurrency {
    private SplitConcurrency() {}

    static void put(SplitFixture fixture, String key, String value) {
        RoutedIndex index = fixture.index();
        byte[] bytes = SplitFixture.bytes(key);
        while (true) {
            SegmentSlot slot = index.loadedSlot(bytes);
            fixture.context().commitLock().lock();
            try {
                if (SplitFixture.isWritableLocked(index, slot, bytes)) {
                    fixture.acknowledgeLocked(slot, key, value);
                    return;
                }
            } finally {
                fixture.context().commitLock().unlock();
            }
        }
    }

    /** Puts an entry into a slot that is writable. Requires the commit lock. */
    static void apply(RoutedIndex index, SegmentSlot slot, SplitFixture.Write write, MemtableLayer.Entry entry) {
        byte kind = write.value() == null ? EntryKind.TOMBSTONE : EntryKind.PUT;
        byte[] value = write.value() == null ? new byte[0] : SplitFixture.bytes(write.value());
        index.putLocked(
                slot, entry.set(SplitFixture.bytes(write.key()), write.sequence(), kind, value), write.sequence());
    }
}
