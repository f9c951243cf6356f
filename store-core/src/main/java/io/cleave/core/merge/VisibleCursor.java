package io.cleave.core.merge;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;

/**
 * What one snapshot sees of a sorted source: for each key the newest version not above a sequence number, without
 * tombstones, within bounds. Both directions.
 *
 * <p>Going forward the source stands on the entry shown. Going backward the versions of a key come oldest first, so the
 * entry shown is copied and the source stands before all of its key's versions.
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

    private final EntryCursor source;
    private final long sequence;
    private final byte[] lower;
    private final byte[] upper;
    private final long upperPrefix;

    private Place place = Place.NOWHERE;
    private byte[] key = new byte[64];
    private int keyLength;
    private byte[] value = new byte[256];
    private int valueLength;
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
        this.upperPrefix = upper == null ? -1L : KeyOrder.prefix(upper, upper.length);
    }

    /** Moves to the first visible entry within the bounds. */
    public boolean first() {
        return showForward(lower == null ? source.first() : source.seek(lower, lower.length));
    }

    /** Moves to the last visible entry within the bounds. */
    public boolean last() {
        if (upper == null) {
            return showBackward(source.last());
        }
        return showBackward(source.seek(upper, upper.length) ? source.previous() : source.last());
    }

    /** Moves to the first visible entry within the bounds whose key is not below the given one. */
    public boolean seek(byte[] target, int targetLength) {
        if (lower != null && KeyOrder.compare(target, targetLength, lower, lower.length) < 0) {
            return first();
        }
        return showForward(source.seek(target, targetLength));
    }

    /** Moves to the next visible entry. */
    public boolean next() {
        if (place == Place.NOWHERE) {
            return false;
        }
        if (place == Place.SAVED) {
            return showForward(skipVersions(source.seek(key, keyLength)));
        }
        saveKey();
        return showForward(skipVersions(source.next()));
    }

    /** Moves to the previous visible entry. */
    public boolean previous() {
        if (place == Place.NOWHERE) {
            return false;
        }
        if (place == Place.SAVED) {
            return showBackward(sourcePositioned);
        }
        saveKey();
        boolean positioned = source.previous();
        while (positioned && onSavedKey()) {
            positioned = source.previous();
        }
        return showBackward(positioned);
    }

    /** Length of the current key. */
    public int keyLength() {
        return place == Place.SAVED ? keyLength : source.keyLength();
    }

    /** The current key, valid in its first {@link #keyLength} bytes until the next move. */
    public byte[] key() {
        return place == Place.SAVED ? key : source.key();
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

    @Override
    public void close() {
        source.close();
    }

    private boolean showForward(boolean positioned) {
        boolean onEntry = positioned;
        while (onEntry && !atOrAboveUpper()) {
            if (source.sequence() > sequence) {
                onEntry = source.next();
            } else if (source.kind() == EntryKind.TOMBSTONE) {
                saveKey();
                onEntry = skipVersions(source.next());
            } else {
                place = Place.ON_SOURCE;
                return true;
            }
        }
        place = Place.NOWHERE;
        return false;
    }

    /** Moves on while the source stands on the saved key. */
    private boolean skipVersions(boolean positioned) {
        boolean onEntry = positioned;
        while (onEntry && onSavedKey()) {
            onEntry = source.next();
        }
        return onEntry;
    }

    private boolean showBackward(boolean positioned) {
        boolean onEntry = positioned;
        while (onEntry && !belowLower()) {
            saveKey();
            byte newest = 0;
            while (onEntry && onSavedKey()) {
                if (source.sequence() <= sequence) {
                    newest = source.kind();
                    saveValue();
                }
                onEntry = source.previous();
            }
            if (newest == EntryKind.PUT) {
                sourcePositioned = onEntry;
                place = Place.SAVED;
                return true;
            }
        }
        place = Place.NOWHERE;
        return false;
    }

    private boolean atOrAboveUpper() {
        if (upper == null) {
            return false;
        }
        int byPrefix = Long.compareUnsigned(source.keyPrefix(), upperPrefix);
        return byPrefix > 0
                || (byPrefix == 0 && KeyOrder.compare(source.key(), source.keyLength(), upper, upper.length) >= 0);
    }

    private boolean belowLower() {
        return lower != null && KeyOrder.compare(source.key(), source.keyLength(), lower, lower.length) < 0;
    }

    private boolean onSavedKey() {
        return source.keyLength() == keyLength && KeyOrder.compare(source.key(), keyLength, key, keyLength) == 0;
    }

    private void saveKey() {
        keyLength = source.keyLength();
        if (key.length < keyLength) {
            key = new byte[Math.max(keyLength, key.length * 2)];
        }
        System.arraycopy(source.key(), 0, key, 0, keyLength);
    }

    private void saveValue() {
        valueLength = source.valueLength();
        if (value.length < valueLength) {
            value = new byte[Math.max(valueLength, value.length * 2)];
        }
        source.copyValue(0, value, 0, valueLength);
    }
}
