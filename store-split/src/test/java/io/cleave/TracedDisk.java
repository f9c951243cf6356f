package io.cleave;

import io.cleave.ProtocolTrace.Event;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What a {@link ProtocolTrace} has put on the disk so far, and what of it is durable. Not thread-safe. */
final class TracedDisk {
    /** One file. */
    static final class Content {
        private byte[] bytes;
        private final BitSet unforced = new BitSet();

        private Content(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }

        boolean isForced() {
            return unforced.isEmpty();
        }

        boolean isForced(long from, long to) {
            int next = unforced.nextSetBit((int) from);
            return next < 0 || next >= to;
        }

        private void write(long offset, byte[] source) {
            int end = (int) offset + source.length;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, end);
            }
            System.arraycopy(source, 0, bytes, (int) offset, source.length);
            unforced.set((int) offset, end);
        }
    }

    private final Map<Path, Content> files = new HashMap<>();
    private final Set<Path> directories = new HashSet<>();
    /** Paths whose name is durable as it is. */
    private final Set<Path> durableNames = new HashSet<>();
    /** Deleted paths that a power cut may bring back. */
    private final Set<Path> undeadNames = new HashSet<>();

    /** The file at a path, or null. */
    Content file(Path path) {
        return files.get(path);
    }

    /** Paths of all files. */
    Set<Path> files() {
        return files.keySet();
    }

    boolean isDirectory(Path path) {
        return directories.contains(path);
    }

    /** True when there is something whose name no power cut takes away. */
    boolean isNameDurable(Path path) {
        return durableNames.contains(path);
    }

    /** True when a deleted file of the directory may be there again after a power cut. */
    boolean hasUndead(Path directory) {
        return undeadNames.stream().anyMatch(path -> path.getParent().equals(directory));
    }

    /** Takes an event in. */
    void apply(Event event) {
        Path path = event.path();
        switch (event.kind()) {
            case BASE_DIRECTORY -> {
                directories.add(path);
                durableNames.add(path);
            }
            case BASE_FILE -> {
                files.put(path, new Content(event.bytes().clone()));
                durableNames.add(path);
            }
            case CREATE -> add(path, new byte[0]);
            case CREATE_WRITABLE -> add(path, new byte[(int) event.length()]);
            case APPEND, PUT, PUT_INT, FORCE, FORCE_RANGE -> change(files.get(path), event);
            case FORCE_DIRECTORY -> forceDirectory(path);
            case RENAME -> {
                add(event.target(), new byte[0]);
                files.put(event.target(), files.remove(path));
                durableNames.remove(path);
            }
            case DELETE -> {
                files.remove(path);
                directories.remove(path);
                durableNames.remove(path);
                undeadNames.add(path);
            }
            case CREATE_DIRECTORY -> {
                directories.add(path);
                durableNames.remove(path);
            }
            default -> {
                // Changes nothing on the disk.
            }
        }
    }

    /** An open file may have been deleted: then nothing of it matters any more. */
    private static void change(Content file, Event event) {
        if (file == null) {
            return;
        }
        switch (event.kind()) {
            case FORCE -> file.unforced.clear();
            case FORCE_RANGE -> file.unforced.clear((int) event.offset(), (int) (event.offset() + event.length()));
            default -> file.write(event.offset(), event.bytes());
        }
    }

    private void add(Path path, byte[] bytes) {
        files.put(path, new Content(bytes));
        durableNames.remove(path);
        undeadNames.remove(path);
    }

    private void forceDirectory(Path directory) {
        undeadNames.removeIf(path -> path.getParent().equals(directory));
        files.keySet().stream()
                .filter(path -> directory.equals(path.getParent()))
                .forEach(durableNames::add);
        directories.stream().filter(path -> directory.equals(path.getParent())).forEach(durableNames::add);
    }
}
