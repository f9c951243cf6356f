package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which call of a {@link FaultingStorage} fails and how, and which calls there were. Thread-safe. */
final class FaultPlan {
    private static final Set<String> TAKE_ROOM =
            Set.of("create", "createWritable", "createDirectory", "rename", "tryLock", "append", "put", "putInt");
    private static final Set<String> TAKE_NEW_ROOM =
            Set.of("create", "createWritable", "createDirectory", "tryLock", "append");
    private static final Set<String> OPEN =
            Set.of("create", "createWritable", "openForReading", "readAll", "map", "list", "tryLock", "forceDirectory");
    private static final Set<String> FORCE = Set.of("force", "forceRegion", "forceDirectory");
    private static final Set<String> WRITE = Set.of("append", "put");

    private final List<String> calls = new ArrayList<>();
    private long count;
    private boolean listing;
    private Fault fault;
    private long failAt;
    private boolean forGood;
    private long fired;

    synchronized void arm(long call, Fault kind, boolean sticky) {
        fault = kind;
        failAt = call;
        forGood = sticky;
        fired = 0;
    }

    synchronized void disarm() {
        fault = null;
    }

    synchronized void startList() {
        listing = true;
    }

    synchronized List<String> calls() {
        return new ArrayList<>(calls);
    }

    synchronized long count() {
        return count;
    }

    synchronized long fired() {
        return fired;
    }

    /** Counts a call; returns what is to go wrong with it, or null. */
    synchronized Fault next(String call, Path path) {
        count++;
        if (listing) {
            calls.add(path == null ? call : call + " " + path);
        }
        if (fault == null || !strikes(call)) {
            return null;
        }
        Fault result = fault;
        fired++;
        if (!forGood) {
            fault = null;
        }
        return result;
    }

    private boolean strikes(String call) {
        // Another force than the chosen call may be the next one.
        boolean later = forGood || fault == Fault.SYNC_FAILS;
        boolean due = later ? count >= failAt : count == failAt;
        return due && applies(fault, call);
    }

    /** True when a fault strikes calls of that name. */
    static boolean applies(Fault fault, String call) {
        return switch (fault) {
            case IO_ERROR, DONE_THEN_IO_ERROR -> true;
            case DISK_FULL -> TAKE_ROOM.contains(call);
            case NO_ROOM -> TAKE_NEW_ROOM.contains(call);
            case SHORT_WRITE -> WRITE.contains(call);
            case SYNC_FAILS -> FORCE.contains(call);
            case TOO_MANY_FILES -> OPEN.contains(call);
        };
    }

    /** What a call throws that is struck by {@code fault}. */
    static StoreException exception(Fault fault, String call, Path path) {
        String what = path + ": " + call + ": injected " + fault;
        IOException cause = new IOException("injected");
        return switch (fault) {
            case IO_ERROR, DONE_THEN_IO_ERROR, SHORT_WRITE -> new StoreException.Io(what, cause);
            case SYNC_FAILS -> new StoreException.Io(what + ": what is on the disk is unknown", cause);
            case DISK_FULL, NO_ROOM -> new StoreException.DiskFull(what, cause);
            case TOO_MANY_FILES -> new StoreException.LimitReached(what);
        };
    }
}
