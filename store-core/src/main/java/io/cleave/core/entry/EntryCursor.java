package io.cleave.core.entry;

import io.cleave.core.bytes.OrderWord;

/**
 * A position in a sorted sequence of entries: by key ascending, within a key by sequence number descending.
 *
 * <p>Shape: what everybody asks about an entry stands in fields here, put there by each move, so that asking is a plain
 * load whatever the kind of cursor; only moves and copies of keys and values are virtual calls.
 *
 * <p>Starts unpositioned. A move returns true when it ends on an entry; when it returns false the cursor is unpositioned and
 * only {@link #first}, {@link #last} and {@link #seek} lead back. The accessors may be called only on an entry, and what
 * they return is valid until the next move.
 *
 * <p>Belongs to one thread at a time. Closing returns what the cursor holds; it does not close the source unless the
 * implementation says so.
 */
public abstract class EntryCursor implements AutoCloseable {
    private static final byte[] NO_PREFIX = {};

    private byte[] prefix = NO_PREFIX;
    private long word;
    private long sequence;
    private int keyLength;
    private int valueLength;
    private byte kind;

    /** Moves to the first entry. */
    public abstract boolean first();

    /** Moves to the last entry. */
    public abstract boolean last();

    /** Moves to the first entry whose key is not below the given one, that is to its newest version. */
    public final boolean seek(byte[] key, int keyLength) {
        aim(key, keyLength);
        return land(key, keyLength);
    }

    /** The first half of {@link #seek}: finds out what of it needs no entry. Leaves the cursor unpositioned. */
    public void aim(byte[] key, int keyLength) {}

    /**
     * Asks memory for what {@link #land} will look at, after {@link #aim}: several cursors that are asked one after the
     * other wait together.
     *
     * @return a number without meaning, to be kept somewhere: else the loads could be optimized away
     */
    public long touch() {
        return 0;
    }

    /** The second half of {@link #seek}, for the key of the last {@link #aim}. */
    public abstract boolean land(byte[] key, int keyLength);

    /** Moves one entry on. */
    public abstract boolean next();

    /** Moves one entry back. */
    public abstract boolean previous();

    /** The key in an array of the cursor's, valid in its first {@link #keyLength} bytes; copied there on first demand. */
    public abstract byte[] key();

    /** Copies the key to the start of an array. */
    public abstract void copyKey(byte[] target);

    /** Copies {@code length} bytes of the value, from its byte {@code from} on. */
    public abstract void copyValue(int from, byte[] target, int at, int length);

    /**
     * True when the entry that follows in the direction of the last move, if any, is of another key for certain; false
     * says nothing.
     */
    public abstract boolean leavesKey();

    /** What all keys of the sequence start with, null when that is not known without a search; do not change it. */
    public abstract byte[] sharedPrefix();

    /**
     * Makes {@link #word} the order word behind a prefix; before, it is the one behind none. Any prefix is right, see {@link
     * io.cleave.core.bytes.OrderWord}. Leaves the cursor unpositioned.
     */
    public final void orderBehind(byte[] newPrefix) {
        prefix = newPrefix;
        reorder();
    }

    @Override
    public abstract void close();

    /** The word that a key would have here. */
    public final long wordOf(byte[] key, int length) {
        return OrderWord.of(key, length, prefix);
    }

    /** The key's {@link io.cleave.core.bytes.OrderWord}. */
    public final long word() {
        return word;
    }

    /** Length of the key in bytes. */
    public final int keyLength() {
        return keyLength;
    }

    /** Sequence number. */
    public final long sequence() {
        return sequence;
    }

    /** Kind, see {@link EntryKind}. */
    public final byte kind() {
        return kind;
    }

    /** Length of the value in bytes. */
    public final int valueLength() {
        return valueLength;
    }

    /** What order words are taken behind. */
    protected final byte[] prefix() {
        return prefix;
    }

    /** {@link #prefix} has changed: unpositions the cursor. */
    protected abstract void reorder();

    /** Tells key and value of the entry that a move ended on. */
    protected final void stand(long newWord, int newKeyLength, int newValueLength) {
        word = newWord;
        keyLength = newKeyLength;
        valueLength = newValueLength;
    }

    /** Tells the version of the entry that a move ended on. */
    protected final void standAt(long newSequence, byte newKind) {
        sequence = newSequence;
        kind = newKind;
    }

    /** Stands on the same entry as another cursor. */
    protected final void standWith(EntryCursor other) {
        word = other.word;
        sequence = other.sequence;
        keyLength = other.keyLength;
        valueLength = other.valueLength;
        kind = other.kind;
    }
}
