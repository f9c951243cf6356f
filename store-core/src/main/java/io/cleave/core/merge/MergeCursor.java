package io.cleave.core.merge;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import io.cleave.core.entry.EntryCursor;
import java.util.Arrays;
import java.util.List;

/**
 * Several sorted sources as one. The positioned sources stand in an array sorted by their entries, and the head moves on
 * without a look at any key for as long as its order word is on the near side of the second's. Words are taken behind a
 * prefix that the runs share.
 *
 * <p>Ownership: closes its sources. Belongs to one thread at a time.
 */
public final class MergeCursor extends EntryCursor {
    private final EntryCursor[] sources;
    /** The positioned sources, in the direction of travel; the first {@link #live} are valid. */
    private final EntryCursor[] sorted;

    private int live;
    private boolean backward;
    /** Nobody reads it; without it the loads that gave it could be optimized away. */
    @SuppressWarnings("unused")
    private long ignoredBytes;

    private MergeCursor(EntryCursor[] sources) {
        this.sources = sources;
        this.sorted = new EntryCursor[sources.length];
    }

    /** Merges sources; a single one is returned as it is. All are unpositioned afterwards. */
    public static EntryCursor of(List<EntryCursor> sources) {
        EntryCursor cursor =
                sources.size() == 1 ? sources.get(0) : new MergeCursor(sources.toArray(new EntryCursor[0]));
        byte[] shared = cursor.sharedPrefix();
        if (shared == null && sources.size() > 1) {
            shared = searchPrefix(sources);
        }
        if (shared != null) {
            cursor.orderBehind(shared);
        }
        return cursor;
    }

    @Override
    public boolean first() {
        backward = false;
        live = 0;
        for (EntryCursor source : sources) {
            if (source.first()) {
                insert(source);
            }
        }
        return show();
    }

    @Override
    public boolean last() {
        backward = true;
        live = 0;
        for (EntryCursor source : sources) {
            if (source.last()) {
                insert(source);
            }
        }
        return show();
    }

    @Override
    public void aim(byte[] key, int keyLength) {
        live = 0;
        for (EntryCursor source : sources) {
            source.aim(key, keyLength);
        }
        // All at once: the processor waits for their memory at the same time.
        ignoredBytes = touch();
    }

    @Override
    public long touch() {
        long sum = 0;
        for (EntryCursor source : sources) {
            sum += source.touch();
        }
        return sum;
    }

    @Override
    public boolean land(byte[] key, int keyLength) {
        backward = false;
        live = 0;
        for (EntryCursor source : sources) {
            if (source.land(key, keyLength)) {
                insert(source);
            }
        }
        return show();
    }

    @Override
    public boolean next() {
        if (live == 0) {
            return false;
        }
        if (backward) {
            turnForward();
        }
        EntryCursor head = sorted[0];
        if (!head.next()) {
            return dropHead();
        }
        if (live > 1 && Long.compareUnsigned(head.word(), sorted[1].word()) >= 0) {
            return sinkHead();
        }
        standWith(head);
        return true;
    }

    @Override
    public boolean previous() {
        if (live == 0) {
            return false;
        }
        if (!backward) {
            turnBackward();
        }
        EntryCursor head = sorted[0];
        if (!head.previous()) {
            return dropHead();
        }
        if (live > 1 && Long.compareUnsigned(head.word(), sorted[1].word()) <= 0) {
            return sinkHead();
        }
        standWith(head);
        return true;
    }

    @Override
    public byte[] key() {
        return sorted[0].key();
    }

    @Override
    public void copyKey(byte[] target) {
        sorted[0].copyKey(target);
    }

    @Override
    public void copyValue(int from, byte[] target, int at, int length) {
        sorted[0].copyValue(from, target, at, length);
    }

    @Override
    public boolean leavesKey() {
        return (live == 1 || sorted[1].word() != word()) && sorted[0].leavesKey();
    }

    @Override
    public byte[] sharedPrefix() {
        byte[] shared = null;
        for (EntryCursor source : sources) {
            byte[] prefix = source.sharedPrefix();
            if (prefix != null) {
                shared = shared == null ? prefix : OrderWord.common(shared, prefix);
            }
        }
        return shared;
    }

    @Override
    protected void reorder() {
        live = 0;
        for (EntryCursor source : sources) {
            source.orderBehind(prefix());
        }
    }

    @Override
    public void close() {
        live = 0;
        for (EntryCursor source : sources) {
            source.close();
        }
    }

    /** What the keys of the first source that has any start with; null when none has. */
    private static byte[] searchPrefix(List<EntryCursor> sources) {
        for (EntryCursor source : sources) {
            if (source.first()) {
                byte[] first = Arrays.copyOf(source.key(), source.keyLength());
                // More entries may have come meanwhile; that there is none left can't be.
                source.last();
                return OrderWord.common(first, Arrays.copyOf(source.key(), source.keyLength()));
            }
        }
        return null;
    }

    private boolean show() {
        if (live == 0) {
            return false;
        }
        standWith(sorted[0]);
        return true;
    }

    /** The head ran out. */
    private boolean dropHead() {
        live--;
        System.arraycopy(sorted, 1, sorted, 0, live);
        return show();
    }

    /** The head may have moved past others. */
    private boolean sinkHead() {
        EntryCursor head = sorted[0];
        int place = 0;
        while (place + 1 < live && precedes(sorted[place + 1], head)) {
            sorted[place] = sorted[place + 1];
            place++;
        }
        sorted[place] = head;
        return show();
    }

    private void insert(EntryCursor source) {
        int place = live++;
        while (place > 0 && precedes(source, sorted[place - 1])) {
            sorted[place] = sorted[place - 1];
            place--;
        }
        sorted[place] = source;
    }

    private boolean precedes(EntryCursor a, EntryCursor b) {
        return backward ? compare(a, b) > 0 : compare(a, b) < 0;
    }

    /** Puts every source on its first entry after the head's, in forward order, the head itself staying where it is. */
    private void turnForward() {
        EntryCursor head = sorted[0];
        byte[] key = head.key();
        int keyLength = head.keyLength();
        backward = false;
        live = 0;
        insert(head);
        for (EntryCursor source : sources) {
            if (source != head && seekBehind(source, key, keyLength, head.sequence())) {
                insert(source);
            }
        }
    }

    /** Puts every source on its last entry before the head's, in backward order, the head itself staying where it is. */
    private void turnBackward() {
        EntryCursor head = sorted[0];
        byte[] key = head.key();
        int keyLength = head.keyLength();
        backward = true;
        live = 0;
        insert(head);
        for (EntryCursor source : sources) {
            if (source == head) {
                continue;
            }
            if (seekBefore(source, key, keyLength, head.sequence())) {
                insert(source);
            }
        }
    }

    /** Moves a source to its last entry before a version that another one holds. */
    private static boolean seekBefore(EntryCursor source, byte[] key, int keyLength, long sequence) {
        boolean behind = seekBehind(source, key, keyLength, sequence);
        boolean positioned = behind ? source.previous() : source.last();
        // A memtable may have got entries behind it between the two moves.
        while (positioned && compareTo(source, key, keyLength, sequence) >= 0) {
            positioned = source.previous();
        }
        return positioned;
    }

    /** Moves a source to its first entry behind a version that another one holds. */
    private static boolean seekBehind(EntryCursor source, byte[] key, int keyLength, long sequence) {
        boolean positioned = source.seek(key, keyLength);
        while (positioned && compareTo(source, key, keyLength, sequence) < 0) {
            positioned = source.next();
        }
        return positioned;
    }

    private static int compare(EntryCursor a, EntryCursor b) {
        int byWord = Long.compareUnsigned(a.word(), b.word());
        if (byWord != 0) {
            return byWord;
        }
        int byKey = KeyOrder.compare(a.key(), a.keyLength(), b.key(), b.keyLength());
        return byKey != 0 ? byKey : Long.compare(b.sequence(), a.sequence());
    }

    private static int compareTo(EntryCursor source, byte[] key, int keyLength, long sequence) {
        int byKey = KeyOrder.compare(source.key(), source.keyLength(), key, keyLength);
        return byKey != 0 ? byKey : Long.compare(sequence, source.sequence());
    }
}
