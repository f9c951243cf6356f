package io.cleave.core.merge;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** An {@link EntryCursor} over a sorted list. Overwrites its key array at each move, as the contract allows. */
final class ListCursor implements EntryCursor {
    private final List<Version> entries;
    private final byte[] keyArray = new byte[256];
    private int position = -1;
    private int closes;

    ListCursor(List<Version> entries) {
        this.entries = entries.stream().sorted().toList();
    }

    /** One entry. Its value tells its sequence number; a tombstone has none. */
    record Version(byte[] key, long sequence, byte kind) implements Comparable<Version> {
        byte[] value() {
            return kind == EntryKind.TOMBSTONE ? new byte[0] : ("v" + sequence).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int compareTo(Version other) {
            int byKey = Arrays.compareUnsigned(key, other.key);
            return byKey != 0 ? byKey : Long.compare(other.sequence, sequence);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Version version && compareTo(version) == 0 && kind == version.kind;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(sequence);
        }

        @Override
        public String toString() {
            return Arrays.toString(key) + "@" + sequence + (kind == EntryKind.TOMBSTONE ? "-" : "+");
        }
    }

    /** Up to {@code countMax} entries with different sequence numbers from 1 on, few different keys among them. */
    static List<Version> randomVersions(SplittableRandom random, int countMax) {
        List<byte[]> keys = new ArrayList<>();
        int keyCount = 1 + random.nextInt(12);
        for (int i = 0; i < keyCount; i++) {
            keys.add(io.cleave.core.bytes.RandomCases.key(random, 12));
        }
        List<Version> versions = new ArrayList<>();
        int count = random.nextInt(countMax + 1);
        for (int sequence = 1; sequence <= count; sequence++) {
            byte kind = random.nextInt(3) == 0 ? EntryKind.TOMBSTONE : EntryKind.PUT;
            versions.add(new Version(keys.get(random.nextInt(keyCount)), sequence, kind));
        }
        return versions;
    }

    /** The entry that a cursor stands on. */
    static Version at(EntryCursor cursor) {
        byte[] key = Arrays.copyOf(cursor.key(), cursor.keyLength());
        if (cursor.keyPrefix() != KeyOrder.prefix(key, key.length)) {
            throw new AssertionError("prefix of " + Arrays.toString(key));
        }
        Version version = new Version(key, cursor.sequence(), cursor.kind());
        byte[] value = new byte[cursor.valueLength()];
        cursor.copyValue(0, value, 0, value.length);
        if (!Arrays.equals(version.value(), value)) {
            throw new AssertionError("value of " + version + ": " + new String(value, StandardCharsets.UTF_8));
        }
        return version;
    }

    int closes() {
        return closes;
    }

    private boolean moveTo(int next) {
        Arrays.fill(keyArray, (byte) 0x55);
        position = next >= 0 && next < entries.size() ? next : -1;
        if (position >= 0) {
            byte[] key = entries.get(position).key;
            System.arraycopy(key, 0, keyArray, 0, key.length);
        }
        return position >= 0;
    }

    private Version current() {
        if (position < 0) {
            throw new AssertionError("accessor of a cursor that is not on an entry");
        }
        return entries.get(position);
    }

    @Override
    public boolean first() {
        return moveTo(0);
    }

    @Override
    public boolean last() {
        return moveTo(entries.size() - 1);
    }

    @Override
    public boolean seek(byte[] key, int keyLength) {
        byte[] wanted = Arrays.copyOf(key, keyLength);
        int place = 0;
        while (place < entries.size() && Arrays.compareUnsigned(entries.get(place).key, wanted) < 0) {
            place++;
        }
        return moveTo(place);
    }

    @Override
    public boolean next() {
        return position >= 0 && moveTo(position + 1);
    }

    @Override
    public boolean previous() {
        return position >= 0 && moveTo(position - 1);
    }

    @Override
    public int keyLength() {
        return current().key.length;
    }

    @Override
    public long keyPrefix() {
        return KeyOrder.prefix(current().key, current().key.length);
    }

    @Override
    public byte[] key() {
        current();
        return keyArray;
    }

    @Override
    public long sequence() {
        return current().sequence;
    }

    @Override
    public byte kind() {
        return current().kind;
    }

    @Override
    public int valueLength() {
        return current().value().length;
    }

    @Override
    public void copyValue(int from, byte[] target, int at, int length) {
        System.arraycopy(current().value(), from, target, at, length);
    }

    @Override
    public void close() {
        closes++;
    }
}
