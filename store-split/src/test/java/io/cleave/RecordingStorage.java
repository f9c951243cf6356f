package io.cleave;

import io.cleave.ProtocolTrace.Event;
import io.cleave.ProtocolTrace.Kind;
import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.Region;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageCounters;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StorageLock;
import io.cleave.core.storage.WritableRegion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A storage that passes everything on and tells a {@link ProtocolTrace} each mutating call that succeeded, those of files and
 * regions included. Thread-safe as far as the other one is.
 */
final class RecordingStorage implements Storage {
    private final Storage storage;
    private final ProtocolTrace trace;

    RecordingStorage(Storage storage, ProtocolTrace trace) {
        this.storage = storage;
        this.trace = trace;
    }

    private void record(Runnable call, Event event) {
        synchronized (trace) {
            call.run();
            trace.add(event);
        }
    }

    private <T> T recorded(Supplier<T> call, Event event) {
        synchronized (trace) {
            T result = call.get();
            trace.add(event);
            return result;
        }
    }

    private static Event event(Kind kind, Path path) {
        return Event.of(kind, path, null, 0, 0);
    }

    private static byte[] copy(byte[] source, int from, int length) {
        return Arrays.copyOfRange(source, from, from + length);
    }

    @Override
    public StorageFile create(Path file) {
        return new RecordedFile(file, recorded(() -> storage.create(file), event(Kind.CREATE, file)));
    }

    @Override
    public StorageFile openForReading(Path file) {
        return new RecordedFile(file, storage.openForReading(file));
    }

    @Override
    public byte[] readAll(Path file, int bytesMax) {
        return storage.readAll(file, bytesMax);
    }

    @Override
    public Region map(Path file) {
        return storage.map(file);
    }

    @Override
    public WritableRegion createWritable(Path file, long length) {
        Event made = Event.of(Kind.CREATE_WRITABLE, file, null, 0, length);
        return new RecordedRegion(file, recorded(() -> storage.createWritable(file, length), made));
    }

    @Override
    public BufferRegion allocate(int bytes) {
        return storage.allocate(bytes);
    }

    @Override
    public void createDirectory(Path directory) {
        synchronized (trace) {
            boolean there = storage.kind(directory) == PathKind.DIRECTORY;
            storage.createDirectory(directory);
            if (!there) {
                trace.add(event(Kind.CREATE_DIRECTORY, directory));
            }
        }
    }

    @Override
    public void forceDirectory(Path directory) {
        record(() -> storage.forceDirectory(directory), event(Kind.FORCE_DIRECTORY, directory));
    }

    @Override
    public void rename(Path from, Path to) {
        record(() -> storage.rename(from, to), Event.of(Kind.RENAME, from, to, 0, 0));
    }

    @Override
    public void delete(Path path) {
        synchronized (trace) {
            boolean there = storage.kind(path) != PathKind.ABSENT;
            storage.delete(path);
            if (there) {
                trace.add(event(Kind.DELETE, path));
            }
        }
    }

    @Override
    public List<String> list(Path directory) {
        return storage.list(directory);
    }

    @Override
    public PathKind kind(Path path) {
        return storage.kind(path);
    }

    @Override
    public long size(Path file) {
        return storage.size(file);
    }

    @Override
    public Object identity(Path file) {
        return storage.identity(file);
    }

    @Override
    public StorageLock tryLock(Path file) {
        synchronized (trace) {
            boolean there = storage.kind(file) != PathKind.ABSENT;
            StorageLock lock = storage.tryLock(file);
            if (!there) {
                trace.add(event(Kind.CREATE, file));
            }
            return lock;
        }
    }

    @Override
    public long usableBytes(Path path) {
        return storage.usableBytes(path);
    }

    @Override
    public String fileSystemType(Path path) {
        return storage.fileSystemType(path);
    }

    @Override
    public long nanoTime() {
        return storage.nanoTime();
    }

    @Override
    public long wallMillis() {
        return storage.wallMillis();
    }

    @Override
    public long randomLong() {
        return storage.randomLong();
    }

    @Override
    public long bootId() {
        return storage.bootId();
    }

    @Override
    public long processId() {
        return storage.processId();
    }

    @Override
    public Thread newThread(String name, Runnable body) {
        return storage.newThread(name, body);
    }

    @Override
    public StorageCounters counters() {
        return storage.counters();
    }

    /** A file that tells of appends and forces. */
    private final class RecordedFile implements StorageFile {
        private final Path path;
        private final StorageFile file;
        private long written;

        RecordedFile(Path path, StorageFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public void append(byte[] source, int from, int length) {
            Event event = Event.writing(Kind.APPEND, path, written, copy(source, from, length));
            record(() -> file.append(source, from, length), event);
            written += length;
        }

        @Override
        public int read(long offset, byte[] target, int at, int length) {
            return file.read(offset, target, at, length);
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void force() {
            record(file::force, event(Kind.FORCE, path));
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** A region that tells of everything that is written to it. */
    private final class RecordedRegion implements WritableRegion {
        private final Path path;
        private final WritableRegion region;

        RecordedRegion(Path path, WritableRegion region) {
            this.path = path;
            this.region = region;
        }

        @Override
        public long length() {
            return region.length();
        }

        @Override
        public void put(long offset, byte[] source, int from, int length) {
            Event event = Event.writing(Kind.PUT, path, offset, copy(source, from, length));
            record(() -> region.put(offset, source, from, length), event);
        }

        @Override
        public void putIntRelease(long offset, int value) {
            byte[] bytes = ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array();
            record(() -> region.putIntRelease(offset, value), Event.writing(Kind.PUT_INT, path, offset, bytes));
        }

        @Override
        public void force(long offset, long length) {
            record(() -> region.force(offset, length), Event.of(Kind.FORCE_RANGE, path, null, offset, length));
        }

        @Override
        public void close() {
            region.close();
        }
    }
}
