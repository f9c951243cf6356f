package io.cleave.core.merge;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;

/**
 * What one snapshot sees of a sorted source: for each key the newest version not above a sequence number, without
 * tombstones, within bounds. Both directions.
 *
 * <p>As a rule the source stands on the entry shown. Only going backward over a key that may have several versions, which
 * come oldest first, the entry shown is copied and the source stands before all of its key's versions.
 *
 * <p>Ownership: closes the source. Belongs to one thread at a time. Starts unpositioned, like {@link EntryCursor}.
 */
public final class VisibleCursor implements AutoCloseable {
    private enum Place {
        NOWHERE,
        /** The source stands on the entry. */
        ON_SOURCE,
        /** The entry is in the saved fields; the source stands before its key, if anywhere. */
        SAVED
    }

    private static final byte[] NO_BYTES = {};
    private static final int KEY_ROOM = 64;
    private static final int VALUE_ROOM = 256;

    private final EntryCursor source;
    private final long sequence;
    private final byte[] lower;
    private final byte[] upper;
    /** No word of a key within the bounds is below. */
    private final long lowerWord;
    /** No word of a key within the bounds is above. */
    private final long upperWord;

    private Place place = Place.NOWHERE;
    /** The source moved forward last. */
    private boolean upward;

    private byte[] key = NO_BYTES;
    private int keyLength;
    private long keyWord;
    private byte[] value = NO_BYTES;
    private int valueLength;
    /** Entries passed because nobody sees them here. */
    private long passed;
    /** While {@link Place#SAVED}: whether the source stands on an entry at all. */
    private boolean sourcePositioned;

    /**
     * @param source all versions
     * @param sequence newest sequence number that is visible
     * @param bounds keys outside are not shown
     */
    public VisibleCursor(EntryCursor source, long sequence, KeyBounds bounds) {
        this.source = source;
        this.sequence = sequence;
        this.lower = bounds.lower();
        this.upper = bounds.upper();
        this.lowerWord = lower == null ? OrderWord.BELOW : source.wordOf(lower, lower.length);
        this.upperWord = upper == null ? OrderWord.ABOVE : source.wordOf(upper, upper.length);
    }

    /** Moves to the first visible entry within the bounds. */
    public boolean first() {
        return showForward(lower == null ? source.first() : source.seek(lower, lower.length));
    }

    /** Moves to the last visible entry within the bounds. */
    public boolean last() {
        return upper == null ? showBackward(source.last()) : showBelow(upper);
    }

    /** Moves to the first visible entry within the bounds whose key is not below the given one. */
    public boolean seek(byte[] target, int targetLength) {
        if (lower != null && KeyOrder.compare(target, targetLength, lower, lower.length) < 0) {
            return first();
        }
        return showForward(source.seek(target, targetLength));
    }

    /** Moves to the last visible entry within the bounds whose key is below the given one. */
    public boolean seekBelow(byte[] target) {
        boolean beyond = upper != null && KeyOrder.compare(target, upper) > 0;
        return showBelow(beyond ? upper : target);
    }

    /** Moves to the next visible entry. */
    public boolean next() {
        if (place == Place.NOWHERE) {
            return false;
        }
        if (place == Place.SAVED) {
            return showForward(skipVersions(source.seek(key, keyLength)));
        }
        return showForward(upward ? leaveForward() : turnForward());
    }

    /** Moves to the previous visible entry. */
    public boolean previous() {
        if (place == Place.NOWHERE) {
            return false;
        }
        if (place == Place.SAVED) {
            return showBackward(sourcePositioned);
        }
        // Newer versions of the key shown come first; they are hidden, and passed over as such.
        return showBackward(source.previous());
    }

    /** Length of the current key. */
    public int keyLength() {
        return place == Place.SAVED ? keyLength : source.keyLength();
    }

    /** The current key, valid in its first {@link #keyLength} bytes until the next move. */
    public byte[] key() {
        return place == Place.SAVED ? key : source.key();
    }

    /** Copies the current key to the start of an array. */
    public void copyKey(byte[] target) {
        if (place == Place.SAVED) {
            System.arraycopy(key, 0, target, 0, keyLength);
        } else {
            source.copyKey(target);
        }
    }

    /** Length of the current value. */
    public int valueLength() {
        return place == Place.SAVED ? valueLength : source.valueLength();
    }

    /** Copies a part of the current value. */
    public void copyValue(int from, byte[] target, int at, int length) {
        if (place == Place.SAVED) {
            System.arraycopy(value, from, target, at, length);
        } else {
            source.copyValue(from, target, at, length);
        }
    }

    /** Entries that it has passed without showing them: tombstones, and older or newer versions. */
    public long passed() {
        return passed;
    }

    @Override
    public void close() {
        source.close();
    }

    private boolean showForward(boolean positioned) {
        upward = true;
        boolean onEntry = positioned;
        while (onEntry && !atOrAboveUpper()) {
            if (source.sequence() > sequence) {
                passed++;
                onEntry = source.next();
            } else if (source.kind() == EntryKind.TOMBSTONE) {
                passed++;
                onEntry = leaveForward();
            } else {
                place = Place.ON_SOURCE;
                return true;
            }
        }
        place = Place.NOWHERE;
        return false;
    }

    /** Moves on to the next key, the source having moved forward to this one. */
    private boolean leaveForward() {
        if (source.leavesKey()) {
            return source.next();
        }
        return turnForward();
    }

    /** Moves on to the next key, whatever way the source came. */
    private boolean turnForward() {
        saveKey();
        return skipVersions(source.next());
    }

    /** Moves on while the source stands on the saved key. */
    private boolean skipVersions(boolean positioned) {
        boolean onEntry = positioned;
        while (onEntry && onSavedKey()) {
            passed++;
            onEntry = source.next();
        }
        return onEntry;
    }

    private boolean showBelow(byte[] target) {
        return showBackward(source.seek(target, target.length) ? source.previous() : source.last());
    }

    /** The source moved backward; behind it no version of the key it stands on is left to be shown. */
    private boolean showBackward(boolean positioned) {
        upward = false;
        boolean onEntry = positioned;
        while (onEntry && !belowLower()) {
            if (!source.leavesKey()) {
                byte newest = saveNewest();
                onEntry = sourcePositioned;
                if (newest == EntryKind.PUT) {
                    place = Place.SAVED;
                    return true;
                }
                passed++;
            } else if (source.sequence() <= sequence && source.kind() == EntryKind.PUT) {
                place = Place.ON_SOURCE;
                return true;
            } else {
                passed++;
                onEntry = source.previous();
            }
        }
        place = Place.NOWHERE;
        return false;
    }

    /** Saves the newest version of a key that is visible and moves before all of them. Returns its kind, 0 for none. */
    private byte saveNewest() {
        saveKey();
        byte newest = 0;
        boolean onEntry = true;
        while (onEntry && onSavedKey()) {
            if (source.sequence() <= sequence) {
                newest = source.kind();
                saveValue();
            }
            onEntry = source.previous();
        }
        sourcePositioned = onEntry;
        return newest;
    }

    private boolean atOrAboveUpper() {
        if (Long.compareUnsigned(source.word(), upperWord) < 0 || upper == null) {
            return false;
        }
        return source.word() != upperWord
                || KeyOrder.compare(source.key(), source.keyLength(), upper, upper.length) >= 0;
    }

    private boolean belowLower() {
        if (Long.compareUnsigned(source.word(), lowerWord) > 0 || lower == null) {
            return false;
        }
        return source.word() != lowerWord
                || KeyOrder.compare(source.key(), source.keyLength(), lower, lower.length) < 0;
    }

    private boolean onSavedKey() {
        return source.word() == keyWord
                && source.keyLength() == keyLength
                && KeyOrder.compare(source.key(), keyLength, key, keyLength) == 0;
    }

    private void saveKey() {
        keyWord = source.word();
        keyLength = source.keyLength();
        if (key.length < keyLength) {
            key = new byte[Math.max(Math.max(keyLength, KEY_ROOM), key.length * 2)];
        }
        source.copyKey(key);
    }

    private void saveValue() {
        valueLength = source.valueLength();
        if (value.length < valueLength) {
            long room = Math.max(VALUE_ROOM, 2L * value.length);
            value = new byte[Math.max(valueLength, (int) Math.min(room, Integer.MAX_VALUE - 8L))];
        }
        source.copyValue(0, value, 0, valueLength);
    }
}
