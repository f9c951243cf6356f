package io.cleave.fuzz;

import io.cleave.catalog.StoreCatalog;
import io.cleave.core.bytes.Checksum;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunSeal;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.log.LogSeal;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All files below a directory as values: taken from a storage, changed, sealed, put into another. Belongs to one thread. */
public final class StoreImage {
    private static final Set<String> FRAMED = Set.of(
            StoreCatalog.FILE_NAME,
            PartsLedger.FILE_NAME,
            KeyMapFormat.FILE_NAME,
            SegmentIdAllocator.FILE_NAME,
            SegmentManifest.FILE_NAME);

    private static final int LENGTH_OFFSET = 12;

    /** Path below the root to content; null for a directory. */
    private final Map<String, byte[]> paths;

    private StoreImage(Map<String, byte[]> paths) {
        this.paths = new TreeMap<>(paths);
    }

    /** Everything below {@code root}. */
    public static StoreImage of(Storage storage, Path root) {
        StoreImage image = new StoreImage(Map.of());
        image.collect(storage, root, root);
        return image;
    }

    /** One whose contents may be changed without changing these. */
    public StoreImage copy() {
        StoreImage copy = new StoreImage(paths);
        copy.paths.replaceAll((path, content) -> content == null ? null : content.clone());
        return copy;
    }

    /** All paths, of files and directories. */
    public List<String> paths() {
        return List.copyOf(paths.keySet());
    }

    /** Paths of all files. */
    public List<String> files() {
        return paths.keySet().stream().filter(path -> paths.get(path) != null).toList();
    }

    /** Paths of all directories. */
    List<String> directories() {
        return paths.keySet().stream().filter(path -> paths.get(path) == null).toList();
    }

    /** The bytes of a file; null for a directory. */
    public byte[] content(String path) {
        return paths.get(path);
    }

    /** Adds or replaces a file, or a directory for null. */
    public void put(String path, byte[] content) {
        paths.put(path, content);
    }

    /** Takes a directory away with all that is in it. */
    public void removeBelow(String directory) {
        paths.keySet().removeIf(path -> path.equals(directory) || path.startsWith(directory + "/"));
    }

    /** Takes a path away. */
    public void remove(String path) {
        paths.remove(path);
    }

    /** The directory, with all that is in it, once more under another name. */
    void duplicate(String directory, String to) {
        for (String path : new ArrayList<>(paths.keySet())) {
            if (path.equals(directory) || path.startsWith(directory + "/")) {
                paths.put(to + path.substring(directory.length()), paths.get(path));
            }
        }
    }

    /** Makes the checksums of a file fit its bytes again, by the kind of file that its name tells. */
    public void seal(String path) {
        byte[] content = paths.get(path);
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (FRAMED.contains(name)) {
            sealFrame(content);
        } else if (RunIdentity.isFileName(name)) {
            RunSeal.seal(content);
        } else if (name.startsWith("log-")) {
            LogSeal.seal(content);
        }
    }

    /** Makes length and checksum of a framed file fit its bytes again. */
    static void sealFrame(byte[] content) {
        if (content.length >= MetadataFormat.BODY_OFFSET + MetadataFormat.TRAILER_BYTES) {
            ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(LENGTH_OFFSET, content.length);
            int crcOffset = content.length - MetadataFormat.TRAILER_BYTES;
            bytes.putInt(crcOffset, Checksum.at(bytes.getLong(0), 0, content, 0, crcOffset));
        }
    }

    /** Makes all of it below {@code root}, where nothing else is afterwards. */
    void replace(Storage storage, Path root) {
        clear(storage, root);
        write(storage, root);
    }

    private static void clear(Storage storage, Path directory) {
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                clear(storage, path);
            }
            storage.delete(path);
        }
    }

    /** Makes all of it below {@code root}, which must be there. */
    public void write(Storage storage, Path root) {
        paths.forEach((path, content) -> {
            if (content == null) {
                storage.createDirectory(root.resolve(path));
            } else {
                try (StorageFile file = storage.create(root.resolve(path))) {
                    file.append(content, 0, content.length);
                }
            }
        });
    }

    /** The same, and durable as {@code root} is. */
    public void writeDurably(Storage storage, Path root) {
        paths.forEach((path, content) -> {
            if (content == null) {
                storage.createDirectory(root.resolve(path));
            } else {
                try (StorageFile file = storage.create(root.resolve(path))) {
                    file.append(content, 0, content.length);
                    file.force();
                }
            }
            storage.forceDirectory(root.resolve(path).getParent());
        });
        storage.forceDirectory(root);
    }

    private void collect(Storage storage, Path root, Path directory) {
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                paths.put(root.relativize(path).toString(), null);
                collect(storage, root, path);
            } else {
                byte[] content = name.equals("lock") ? new byte[0] : storage.readAll(path, Integer.MAX_VALUE);
                paths.put(root.relativize(path).toString(), content);
            }
        }
    }
}
