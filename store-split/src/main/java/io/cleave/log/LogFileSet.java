package io.cleave.log;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The started files of an open log, oldest first, and those among them that are not durable yet.
 *
 * <p>Thread-safe by its monitor, a leaf lock: no I/O under it. It owns the regions of the files in it.
 */
final class LogFileSet {
    /**
     * A started file.
     *
     * @param path where it is
     * @param base position of its byte 0
     * @param bytes its length
     */
    record Started(Path path, long base, long bytes) {}

    /** Guarded by this. */
    private final ArrayDeque<Started> started = new ArrayDeque<>();

    /** Guarded by this; the last is the current one. */
    private final ArrayDeque<LogFile> open = new ArrayDeque<>();

    LogFileSet(Collection<LogFileInfo> recovered) {
        for (LogFileInfo file : recovered) {
            started.addLast(new Started(file.path(), file.base(), file.bytes()));
        }
    }

    /** The file becomes the current one. */
    synchronized void add(LogFile file) {
        started.addLast(new Started(file.path(), file.base(), file.bytes()));
        open.addLast(file);
    }

    synchronized int count() {
        return started.size();
    }

    synchronized long bytes() {
        return started.stream().mapToLong(Started::bytes).sum();
    }

    /** Position of the first record that is still there. */
    synchronized long firstPosition() {
        return started.getFirst().base() + LogChainFormat.FILE_HEADER_BYTES;
    }

    /** Files whose records all lie below {@code position}, oldest first; never the current one. */
    synchronized List<Started> below(long position) {
        List<Started> result = new ArrayList<>();
        Started previous = null;
        for (Started file : started) {
            if (previous != null && file.base() <= position) {
                result.add(previous);
            }
            previous = file;
        }
        return result;
    }

    /** The position after the oldest {@code count} files and the header of the next. Requires: there is a next. */
    synchronized long headerEndAfter(int count) {
        return List.copyOf(started).get(count).base() + LogChainFormat.FILE_HEADER_BYTES;
    }

    synchronized void removeOldest(Started file) {
        assert started.getFirst().path().equals(file.path()) : "releasing " + file + " before " + started.getFirst();
        started.removeFirst();
    }

    /** Makes everything below {@code target} durable, file by file. Requires: leadership of the group commit. */
    void force(long target) {
        for (LogFile file : openFiles()) {
            if (file.base() >= target) {
                return;
            }
            long end = file.end();
            file.forceTo(Math.min(target, end));
            if (end <= target) {
                removeOpen(file);
                file.region().close();
            }
        }
    }

    /** Unmaps what is open. Requires: no appender, no leader. */
    void close() {
        for (LogFile file : openFiles()) {
            file.region().close();
        }
    }

    private synchronized List<LogFile> openFiles() {
        return List.copyOf(open);
    }

    private synchronized void removeOpen(LogFile file) {
        open.remove(file);
    }
}
