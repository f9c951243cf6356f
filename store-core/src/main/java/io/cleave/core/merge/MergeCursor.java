package io.cleave.core.merge;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import java.util.List;

/**
 * Several sorted sources as one. The positioned sources stand in an array sorted by their entries; moving the head usually
 * costs one comparison with the second.
 *
 * <p>Ownership: closes its sources. Belongs to one thread at a time.
 */
public final class MergeCursor implements EntryCursor {
    private final EntryCursor[] sources;
    /** The positioned sources, in the direction of travel; the first {@link #live} are valid. */
    private final EntryCursor[] sorted;

    private int live;
    private boolean backward;

    private MergeCursor(EntryCursor[] sources) {
        this.sources = sources;
        this.sorted = new EntryCursor[sources.length];
    }

    /** Merges sources; a single one is returned as it is. */
    public static EntryCursor of(List<EntryCursor> sources) {
        return sources.size() == 1 ? sources.get(0) : new MergeCursor(sources.toArray(new EntryCursor[0]));
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
        return live > 0;
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
        return live > 0;
    }

    @Override
    public boolean seek(byte[] key, int keyLength) {
        backward = false;
        live = 0;
        for (EntryCursor source : sources) {
            if (source.seek(key, keyLength)) {
                insert(source);
            }
        }
        return live > 0;
    }

    @Override
    public boolean next() {
        if (live == 0) {
            return false;
        }
        if (backward) {
            turnForward();
        }
        advanceHead(sorted[0].next());
        return live > 0;
    }

    @Override
    public boolean previous() {
        if (live == 0) {
            return false;
        }
        if (!backward) {
            turnBackward();
        }
        advanceHead(sorted[0].previous());
        return live > 0;
    }

    @Override
    public int keyLength() {
        return sorted[0].keyLength();
    }

    @Override
    public long keyPrefix() {
        return sorted[0].keyPrefix();
    }

    @Override
    public byte[] key() {
        return sorted[0].key();
    }

    @Override
    public long sequence() {
        return sorted[0].sequence();
    }

    @Override
    public byte kind() {
        return sorted[0].kind();
    }

    @Override
    public int valueLength() {
        return sorted[0].valueLength();
    }

    @Override
    public void copyValue(int from, byte[] target, int at, int length) {
        sorted[0].copyValue(from, target, at, length);
    }

    @Override
    public void close() {
        for (EntryCursor source : sources) {
            source.close();
        }
    }

    /** The head has moved: keeps it in order, or drops it when it ran out. */
    private void advanceHead(boolean positioned) {
        EntryCursor head = sorted[0];
        if (!positioned) {
            live--;
            System.arraycopy(sorted, 1, sorted, 0, live);
            return;
        }
        int place = 0;
        while (place + 1 < live && precedes(sorted[place + 1], head)) {
            sorted[place] = sorted[place + 1];
            place++;
        }
        sorted[place] = head;
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
        byte[] key = head.key().clone();
        int keyLength = head.keyLength();
        long sequence = head.sequence();
        backward = false;
        live = 0;
        insert(head);
        for (EntryCursor source : sources) {
            if (source == head) {
                continue;
            }
            boolean positioned = source.seek(key, keyLength);
            while (positioned && compareTo(source, key, keyLength, sequence) < 0) {
                positioned = source.next();
            }
            if (positioned) {
                insert(source);
            }
        }
    }

    /** Puts every source on its last entry before the head's, in backward order, the head itself staying where it is. */
    private void turnBackward() {
        EntryCursor head = sorted[0];
        byte[] key = head.key().clone();
        int keyLength = head.keyLength();
        long sequence = head.sequence();
        backward = true;
        live = 0;
        insert(head);
        for (EntryCursor source : sources) {
            if (source == head) {
                continue;
            }
            boolean positioned = source.seek(key, keyLength);
            while (positioned && compareTo(source, key, keyLength, sequence) < 0) {
                positioned = source.next();
            }
            if (positioned ? source.previous() : source.last()) {
                insert(source);
            }
        }
    }

    private static int compare(EntryCursor a, EntryCursor b) {
        int byPrefix = Long.compareUnsigned(a.keyPrefix(), b.keyPrefix());
        if (byPrefix != 0) {
            return byPrefix;
        }
        int byKey = KeyOrder.compare(a.key(), a.keyLength(), b.key(), b.keyLength());
        return byKey != 0 ? byKey : Long.compare(b.sequence(), a.sequence());
    }

    private static int compareTo(EntryCursor source, byte[] key, int keyLength, long sequence) {
        int byKey = KeyOrder.compare(source.key(), source.keyLength(), key, keyLength);
        return byKey != 0 ? byKey : Long.compare(sequence, source.sequence());
    }
}
