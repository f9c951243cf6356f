package io.cleave.core.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The mutating operations of a {@link SimulatedStorage}: their count, their log, the one to die at. Guarded by its storage;
 * {@link #isDead} may be asked by anybody.
 */
final class SimulatedOperations {
    private volatile boolean dead;
    private long count;
    private long crashAt = Long.MAX_VALUE;
    private boolean inside;
    private List<String> log;

    boolean isDead() {
        return dead;
    }

    void die() {
        dead = true;
    }

    void requireAlive() {
        if (dead) {
            throw new SimulatedCrash("this storage is dead");
        }
    }

    /** The {@code operation}-th dies before it takes effect or, when {@code inside}, with half of its bytes written. */
    void crashAt(long operation, boolean halfWritten) {
        crashAt = operation;
        inside = halfWritten;
    }

    long count() {
        return count;
    }

    void startLog() {
        if (log == null) {
            log = new ArrayList<>();
        }
    }

    List<String> log() {
        return log == null ? List.of() : new ArrayList<>(log);
    }

    void note(String line) {
        if (log != null) {
            log.add(line);
        }
    }

    /** Counts an operation that takes effect whole or not at all. */
    void begin(String verb, Path path, Path target, long offset, long length) {
        beginWrite(verb, path, target, offset, length);
        throwIfCrashed();
    }

    /** Counts a write; returns how much of it takes effect. {@link #throwIfCrashed} must follow. */
    int beginWrite(String verb, Path path, Path target, long offset, long length) {
        requireAlive();
        count++;
        if (log != null) {
            String range = length > 0 ? " " + offset + " " + length : "";
            log.add(verb + " " + path + (target != null ? " " + target : range));
        }
        if (count >= crashAt) {
            dead = true;
            return inside ? (int) (length / 2) : 0;
        }
        return (int) length;
    }

    void throwIfCrashed() {
        if (dead) {
            throw new SimulatedCrash("crash at operation " + count);
        }
    }
}
