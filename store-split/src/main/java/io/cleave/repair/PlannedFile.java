package io.cleave.repair;

import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.WritableRegion;
import java.util.Objects;

/** An open file that a plan makes: its bytes are in memory until the plan is carried out. Belongs to one thread. */
final class PlannedFile implements StorageFile, WritableRegion {
    private final PlannedNode node;

    PlannedFile(PlannedNode node) {
        this.node = node;
    }

    @Override
    public void append(byte[] source, int from, int length) {
        node.write(node.length(), source, from, length);
    }

    @Override
    public int read(long offset, byte[] target, int at, int length) {
        int count = (int) Math.min(length, Math.max(0, node.length() - offset));
        if (count > 0) {
            System.arraycopy(node.content(), (int) offset, target, at, count);
        }
        return Math.max(0, count);
    }

    @Override
    public long size() {
        return node.length();
    }

    @Override
    public long length() {
        return node.length();
    }

    @Override
    public void put(long offset, byte[] source, int from, int length) {
        Objects.checkFromIndexSize(offset, length, node.length());
        node.write((int) offset, source, from, length);
    }

    @Override
    public void putIntRelease(long offset, int value) {
        byte[] word = {(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)};
        put(offset, word, 0, word.length);
    }

    /** Nothing: what carries out the plan forces each file that it makes. */
    @Override
    public void force() {
        assert node.source == null;
    }

    @Override
    public void force(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, node.length());
    }

    @Override
    public void close() {
        assert node.source == null;
    }
}
