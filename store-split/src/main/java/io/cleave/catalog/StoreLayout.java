package io.cleave.catalog;

import io.cleave.core.storage.NumberedName;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names in a store's directory, and the lock that keeps a second writer out. Stateless, thread-safe.
 *
 * <pre>
 * lock            held by the writer
 * owner           who holds it, for people and for a writer that lost it
 * catalog         the indexes
 * log/            the write-ahead log
 * index-00001/    one index: key-map, segment-ids, segment-00001/ ...
 * </pre>
 */
public final class StoreLayout {
    /** Held by the writer. */
    public static final String LOCK_NAME = "lock";

    /** Says who holds the lock. */
    public static final String OWNER_NAME = "owner";

    /** Directory of the write-ahead log. */
    public static final String LOG_NAME = "log";

    /** Directory of what repairs could not use. */
    public static final String SET_ASIDE_NAME = "set-aside";

    /**
     * Directory that a file system makes at the root of a volume, which may be a store's root, too. Not the store's: never listed,
     * changed or reported. Repairs of earlier builds put there what they could not use.
     */
    public static final String LOST_AND_FOUND_NAME = "lost+found";

    private static final String INDEX_PREFIX = "index-";
    static final int OWNER_BYTES_MAX = 4096;
    private static final Pattern WORD = Pattern.compile("(pid [0-9]{1,19})(\ntoken [0-9a-f]{1,16})?");

    private StoreLayout() {}

    /** True for a name in a store's directory that no open, verification or repair looks behind. */
    public static boolean isAside(String name) {
        return name.equals(SET_ASIDE_NAME) || name.equals(LOST_AND_FOUND_NAME);
    }

    /** Directory of an index. */
    public static Path indexDirectory(Path store, int indexId) {
        return store.resolve(NumberedName.of(INDEX_PREFIX, indexId, 5));
    }

    /** The index id that a directory name stands for. */
    public static OptionalInt parseIndex(String name) {
        if (!name.startsWith(INDEX_PREFIX)) {
            return OptionalInt.empty();
        }
        try {
            int id = Integer.parseInt(name.substring(INDEX_PREFIX.length()));
            return id > 0 && NumberedName.of(INDEX_PREFIX, id, 5).equals(name)
                    ? OptionalInt.of(id)
                    : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /**
     * Takes the store's lock and leaves no word.
     *
     * @throws StoreException.Locked naming the process that holds it
     */
    public static StorageLock lockQuietly(Storage storage, Path store) {
        StorageLock lock = storage.tryLock(store.resolve(LOCK_NAME));
        if (lock == null) {
            throw locked(storage, store);
        }
        return lock;
    }

    /** What to throw when somebody holds the store's lock. */
    public static StoreException.Locked locked(Storage storage, Path store) {
        return new StoreException.Locked("store " + store + " is open for writing in " + owner(storage, store));
    }

    /**
     * Writes the owner file anew, which tells people who has the store, and the one who had it that it is no longer his. The
     * caller holds the lock.
     *
     * @return what it says, which is never the same
     */
    public static byte[] leaveWord(Storage storage, Path store) {
        byte[] text = ("pid " + storage.processId() + "\ntoken " + Long.toHexString(storage.randomLong()) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        Path temporary = store.resolve(OWNER_NAME + ".tmp");
        storage.delete(temporary);
        try (StorageFile file = storage.create(temporary)) {
            file.append(text, 0, text.length);
        }
        storage.rename(temporary, store.resolve(OWNER_NAME));
        return text;
    }

    /** Who has a store open for writing, as far as is known: words for a message. */
    public static String owner(Storage storage, Path store) {
        try {
            byte[] text = storage.readAll(store.resolve(OWNER_NAME), OWNER_BYTES_MAX);
            Matcher word = WORD.matcher(new String(text, StandardCharsets.US_ASCII).strip());
            return word.matches() ? "the process with " + word.group(1) : "another process";
        } catch (StoreException e) {
            return "another process";
        }
    }
}
