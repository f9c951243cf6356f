package io.cleave.core.storage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * The content of a simulated file: what a reader sees, and for each {@value #SECTOR_BYTES}-byte sector that was written since
 * the last force, what the disk still has. Guarded by its storage.
 */
final class SimulatedBytes extends SimulatedNode {
    /** What a disk writes in one piece. */
    static final int SECTOR_BYTES = 512;

    private static final long GROWTH_BYTES_MAX = 64L << 20;
    private static final byte[] EMPTY = {};
    private static final byte[][] NO_SECTORS = {};

    /** Readers' content; its capacity is a multiple of the sector, zero behind the length. */
    private byte[] bytes = EMPTY;

    private int length;
    private int durableLength;
    private BitSet dirty = new BitSet();
    /** The durable content of dirty sectors; null where that is zeros. */
    private byte[][] durable = NO_SECTORS;

    /** Open files, regions and mappings; a deleted file takes room as long as there are any. */
    int handles;
    /** True while a name stands for it. */
    boolean linked = true;

    boolean locked;

    int length() {
        return length;
    }

    /** True when a power cut could change what a reader sees. */
    boolean hasUnforced() {
        return !dirty.isEmpty() || length != durableLength;
    }

    void write(int position, byte[] source, int from, int count) {
        if (count == 0) {
            return;
        }
        prepare(position, position + count);
        System.arraycopy(source, from, bytes, position, count);
        length = Math.max(length, position + count);
    }

    void writeInt(int position, int value) {
        prepare(position, position + Integer.BYTES);
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[position + i] = (byte) (value >>> (Byte.SIZE * i));
        }
        length = Math.max(length, position + Integer.BYTES);
    }

    /** Appends zeros up to a length. */
    void growTo(int end) {
        if (end > length) {
            prepare(length, end);
            length = end;
        }
    }

    int read(long position, byte[] target, int at, int count) {
        if (position >= length) {
            return 0;
        }
        int available = (int) Math.min(count, length - position);
        System.arraycopy(bytes, (int) position, target, at, available);
        return available;
    }

    ByteBuffer directCopy() {
        return ByteBuffer.allocateDirect(length).put(bytes, 0, length);
    }

    void force() {
        dirty.clear();
        durable = NO_SECTORS;
        durableLength = length;
    }

    /** Forces the sectors that a range touches. */
    void force(int offset, int count) {
        if (count == 0) {
            return;
        }
        int first = offset / SECTOR_BYTES;
        int last = (offset + count - 1) / SECTOR_BYTES;
        dirty.clear(first, last + 1);
        Arrays.fill(durable, Math.min(first, durable.length), Math.min(last + 1, durable.length), null);
    }

    /** The same content with the same part of it unforced. Shares the array: only the maker of a file can write into it. */
    SimulatedBytes copy() {
        SimulatedBytes copy = new SimulatedBytes();
        copy.bytes = bytes;
        copy.length = length;
        copy.durableLength = durableLength;
        copy.dirty = (BitSet) dirty.clone();
        copy.durable = durable.clone();
        return copy;
    }

    /** What a power cut may leave: the durable part, and of the rest none, all, some sectors or the first ones. */
    SimulatedBytes afterPowerCut(SplittableRandom random) {
        SimulatedBytes after = copy();
        if (!hasUnforced()) {
            return after;
        }
        Survival survival = Survival.random(random);
        int lengthAfter = survival == Survival.ALL ? length : randomLength(random);
        after.bytes = Arrays.copyOf(bytes, bytes.length);
        survival.forEachLost(dirty, random, after::revert);
        Arrays.fill(after.bytes, lengthAfter, after.bytes.length, (byte) 0);
        after.length = lengthAfter;
        after.force();
        return after;
    }

    private int randomLength(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> durableLength;
            case 1 -> length;
            default -> random.nextInt(durableLength, length + 1);
        };
    }

    private void revert(int sector) {
        int from = sector * SECTOR_BYTES;
        byte[] before = sector < durable.length ? durable[sector] : null;
        if (before == null) {
            Arrays.fill(bytes, from, from + SECTOR_BYTES, (byte) 0);
        } else {
            System.arraycopy(before, 0, bytes, from, SECTOR_BYTES);
        }
    }

    /** Makes room and keeps the durable content of the sectors that are about to change. */
    private void prepare(int from, int end) {
        if (end > bytes.length) {
            long doubled = Math.max(end, Math.min(bytes.length * 2L, bytes.length + GROWTH_BYTES_MAX));
            long sectors = (doubled + SECTOR_BYTES - 1) / SECTOR_BYTES;
            bytes = Arrays.copyOf(bytes, Math.toIntExact(sectors * SECTOR_BYTES));
        }
        int last = (end - 1) / SECTOR_BYTES;
        for (int sector = from / SECTOR_BYTES; sector <= last; sector++) {
            if (!dirty.get(sector)) {
                dirty.set(sector);
                keepDurable(sector);
            }
        }
    }

    private void keepDurable(int sector) {
        int from = sector * SECTOR_BYTES;
        if (from >= durableLength) {
            return;
        }
        if (sector >= durable.length) {
            durable = Arrays.copyOf(durable, (durableLength + SECTOR_BYTES - 1) / SECTOR_BYTES);
        }
        durable[sector] = Arrays.copyOfRange(bytes, from, from + SECTOR_BYTES);
    }
}
