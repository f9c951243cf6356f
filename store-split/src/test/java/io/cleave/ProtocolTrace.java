package io.cleave;

import io.cleave.core.storage.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What stores did to their storage, in order, with every byte they wrote; and when writes began and were acknowledged. Filled
 * by {@link RecordingStorage} and a workload. Thread-safe; its monitor is held across each recorded call, so that the order of
 * events is the order of what happened.
 */
final class ProtocolTrace {
    /** What happened. */
    enum Kind {
        /** Was there, durable, when the trace began. */
        BASE_DIRECTORY,
        /** Was there with these bytes, durable, when the trace began. */
        BASE_FILE,
        CREATE,
        /** A file of {@code length} zeros, its length durable. */
        CREATE_WRITABLE,
        /** Bytes at the end of a file. */
        APPEND,
        /** Bytes within a file. */
        PUT,
        /** Four bytes that make what stands behind them valid. */
        PUT_INT,
        /** The whole file is durable. */
        FORCE,
        /** {@code length} bytes at {@code offset} are durable. */
        FORCE_RANGE,
        FORCE_DIRECTORY,
        RENAME,
        DELETE,
        CREATE_DIRECTORY,
        /** Somebody is about to ask for what the next acknowledgement tells. */
        BEGIN,
        /** One write was acknowledged that must survive the loss of the process. */
        ACKNOWLEDGE_PROCESS,
        /** One write was acknowledged that must survive the loss of power. */
        ACKNOWLEDGE_DEVICE,
        /** Every write before it was acknowledged as durable. */
        ACKNOWLEDGE_SYNC,
        /** The process died; another one goes on with what it left, nothing of which was lost. */
        KILLED
    }

    /**
     * One step.
     *
     * @param thread who made it
     * @param target the new name of a RENAME, else null
     * @param bytes what was written, else null
     */
    record Event(Kind kind, long thread, Path path, Path target, long offset, long length, byte[] bytes) {
        /** A step without bytes. */
        static Event of(Kind kind, Path path, Path target, long offset, long length) {
            return new Event(kind, Thread.currentThread().getId(), path, target, offset, length, null);
        }

        /** A step that writes. */
        static Event writing(Kind kind, Path path, long offset, byte[] bytes) {
            return new Event(kind, Thread.currentThread().getId(), path, null, offset, bytes.length, bytes);
        }

        @Override
        public String toString() {
            String range = length > 0 ? " " + offset + " +" + length : "";
            return kind + (path == null ? "" : " " + path) + (target == null ? "" : " " + target) + range;
        }
    }

    private final List<Event> events = new ArrayList<>();

    synchronized void add(Event event) {
        events.add(event);
    }

    synchronized List<Event> events() {
        return new ArrayList<>(events);
    }

    /** A step of the workload, or {@link Kind#KILLED}. */
    void note(Kind kind) {
        add(Event.of(kind, null, null, 0, 0));
    }

    /** Begins with all that lies in and below a directory of a storage that nobody uses. */
    ProtocolTrace startFrom(Storage storage, Path directory) {
        add(Event.of(Kind.BASE_DIRECTORY, directory, null, 0, 0));
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                startFrom(storage, path);
            } else {
                byte[] bytes = storage.readAll(path, Integer.MAX_VALUE);
                add(Event.writing(Kind.BASE_FILE, path, 0, bytes));
            }
        }
        return this;
    }
}
