package io.cleave.core.merge;

import io.cleave.core.bytes.OrderWord;
import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** An {@link EntryCursor} over a sorted list. Overwrites its key array at each move, as the contract allows. */
final class ListCursor extends EntryCursor {
    private final List<Version> entries;
    private final boolean knowsPrefix;
    private final boolean onePerKey;
    private final byte[] shared;
    private final byte[] keyArray = new byte[256];
    private int position = -1;
    private int closes;

    /** A source of versions that knows as much as it can about itself. */
    ListCursor(List<Version> entries) {
        this(entries, true);
    }

    private ListCursor(List<Version> entries, boolean knowsPrefix) {
        this.entries = entries.stream().sorted().toList();
        this.knowsPrefix = knowsPrefix && !entries.isEmpty();
        byte[] first = entries.isEmpty() ? new byte[0] : this.entries.get(0).key;
        this.shared = entries.isEmpty() ? first : OrderWord.common(first, this.entries.get(entries.size() - 1).key);
        this.onePerKey = knowsPrefix
                && entries.stream()
                                .map(version -> ByteBuffer.wrap(version.key))
                                .distinct()
                                .count()
                        == entries.size();
    }

    /** A source that knows as little about itself as a memtable. */
    static ListCursor modest(List<Version> entries) {
        return new ListCursor(entries, false);
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

    /**
     * Up to {@code countMax} entries with different sequence numbers from 1 on, few different keys among them or about as
     * many as entries. All keys start alike, or all but one, or just as it happens.
     */
    static List<Version> randomVersions(SplittableRandom random, int countMax) {
        List<byte[]> keys = new ArrayList<>();
        int keyCount = 1 + random.nextInt(random.nextBoolean() ? 12 : 4 * countMax);
        byte[] start = new byte[random.nextInt(3) * random.nextInt(12)];
        Arrays.fill(start, (byte) 'a');
        for (int i = 0; i < keyCount; i++) {
            byte[] rest = RandomCases.key(random, random.nextBoolean() ? 12 : 1);
            byte[] key = Arrays.copyOf(start, start.length + rest.length);
            System.arraycopy(rest, 0, key, start.length, rest.length);
            keys.add(key);
        }
        if (random.nextInt(3) == 0) {
            keys.set(0, RandomCases.key(random, 3));
        }
        List<Version> versions = new ArrayList<>();
        int count = random.nextInt(countMax + 1);
        for (int sequence = 1; sequence <= count; sequence++) {
            byte kind = random.nextInt(3) == 0 ? EntryKind.TOMBSTONE : EntryKind.PUT;
            versions.add(new Version(keys.get(random.nextInt(keyCount)), sequence, kind));
        }
        return versions;
    }

    /** A key that some version has, or one close to it, or any. */
    static byte[] randomTarget(SplittableRandom random, List<Version> versions) {
        if (versions.isEmpty() || random.nextInt(5) == 0) {
            return RandomCases.key(random, 12);
        }
        byte[] key = versions.get(random.nextInt(versions.size())).key;
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(key, key.length + 1);
            case 1 -> Arrays.copyOf(key, Math.max(1, key.length - 1 - random.nextInt(3)));
            case 2 -> {
                byte[] near = key.clone();
                near[random.nextInt(near.length)] += (byte) (random.nextBoolean() ? 1 : -1);
                yield near;
            }
            default -> key;
        };
    }

    /** A source that tells what it knows about itself, or one that does not. */
    static ListCursor any(List<Version> entries, SplittableRandom random) {
        return random.nextBoolean() ? new ListCursor(entries) : modest(entries);
    }

    /** The entry that a cursor stands on. */
    static Version at(EntryCursor cursor) {
        byte[] key = Arrays.copyOf(cursor.key(), cursor.keyLength());
        if (cursor.word() != cursor.wordOf(key, key.length)) {
            throw new AssertionError("word of " + Arrays.toString(key));
        }
        byte[] copied = new byte[key.length];
        cursor.copyKey(copied);
        if (!Arrays.equals(key, copied)) {
            throw new AssertionError("copy of " + Arrays.toString(key));
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
            stand(wordOf(key, key.length), key.length, current().value().length);
            standAt(current().sequence, current().kind);
        } else {
            // Nobody may ask now: nonsense, so that a test notices.
            stand(0x5555_5555_5555_5555L, -1, -1);
            standAt(Long.MIN_VALUE, (byte) 77);
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
    public boolean land(byte[] key, int keyLength) {
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
    public byte[] key() {
        current();
        return keyArray;
    }

    @Override
    public void copyKey(byte[] target) {
        System.arraycopy(current().key, 0, target, 0, current().key.length);
    }

    @Override
    public boolean leavesKey() {
        current();
        return onePerKey;
    }

    @Override
    public byte[] sharedPrefix() {
        return knowsPrefix ? shared : null;
    }

    @Override
    protected void reorder() {
        position = -1;
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
