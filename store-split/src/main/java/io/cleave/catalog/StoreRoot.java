package io.cleave.catalog;

import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.SystemUser;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * The directory of a store as the user names it: what the path means, whether a store is there or may be made there, and who may write. Stateless,
 * thread-safe; only {@link #create} changes anything.
 */
public final class StoreRoot {
    /** What may lie in a directory in which the creation of a store was cut short. */
    private static final Set<String> LEFT_BY_CREATION = Set.of(
            StoreLayout.LOCK_NAME,
            StoreLayout.OWNER_NAME,
            StoreLayout.OWNER_NAME + MetadataFile.TEMPORARY_SUFFIX,
            StoreCatalog.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX);

    private StoreRoot() {}

    /**
     * What the system means by the path of a store, also where there is none: links are followed, as everywhere on the way to it. Inside
     * of a store none is.
     *
     * @throws StoreException.NotAStore when something else than a directory is there
     * @throws IllegalArgumentException for a path of another file system
     */
    public static Path of(Storage storage, Path path) {
        Path real = storage.realPath(path);
        Storage.PathKind kind = storage.kind(real);
        if (kind == Storage.PathKind.FILE || kind == Storage.PathKind.OTHER) {
            String found = kind == Storage.PathKind.FILE ? "a file" : "a device, fifo or socket";
            throw new StoreException.NotAStore(path + ": expected the directory of a store, found " + found);
        }
        return real;
    }

    /**
     * Makes the directory of a store, with those above it that are missing, whose names are durable then; its own is once the one above
     * it is forced.
     *
     * @param root as {@link #of} has it
     */
    public static void create(Storage storage, Path root) {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = root; at != null && storage.kind(at) == Storage.PathKind.ABSENT; at = at.getParent()) {
            missing.push(at);
        }
        for (Path directory : missing) {
            storage.createDirectory(directory);
            if (!directory.equals(root)) {
                storage.forceDirectory(directory.getParent());
            }
        }
    }

    /**
     * True when a store is there, false when one may be made: there is nothing, but what a creation that was cut short has left, and what the file
     * system puts at the root of a volume.
     *
     * @throws StoreException.NotAStore when something else is there
     */
    public static boolean isStore(Storage storage, Path root) {
        if (storage.kind(root.resolve(StoreCatalog.FILE_NAME)) != Storage.PathKind.ABSENT) {
            return true;
        }
        for (String name : storage.list(root)) {
            boolean isOfFileSystem = name.equals(StoreLayout.LOST_AND_FOUND_NAME)
                    && storage.kind(root.resolve(name)) == Storage.PathKind.DIRECTORY;
            if (!isOfFileSystem && !LEFT_BY_CREATION.contains(name)) {
                throw new StoreException.NotAStore(root + ": expected a store (a file named " + StoreCatalog.FILE_NAME
                        + ") or an empty directory, found " + name + " and no " + StoreCatalog.FILE_NAME);
            }
        }
        return false;
    }

    /**
     * Refuses a process of another user than the owner's, root included, before it writes: what it leaves behind the owner could not open. A
     * directory of root may hold the store of somebody else, as the root of a mounted volume does.
     *
     * @throws StoreException.NotOwner naming both
     */
    public static void requireOwner(Storage storage, Path root) {
        SystemUser user = storage.user();
        SystemUser owner = storage.owner(root);
        if (owner.id() != SystemUser.ROOT) {
            requireOwner("directory " + root, owner, user);
        }
        Path catalog = root.resolve(StoreCatalog.FILE_NAME);
        if (storage.kind(catalog) == Storage.PathKind.FILE) {
            requireOwner("store " + root, storage.owner(catalog), user);
        }
    }

    private static void requireOwner(String what, SystemUser owner, SystemUser user) {
        if (owner.differs(user)) {
            throw new StoreException.NotOwner(what + " belongs to " + owner + ", and this process runs as " + user
                    + ": what it wrote there the owner could not open. Run it as " + owner);
        }
    }
}
