package io.cleave.core.segment;

import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.NumberedName;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Names of segment directories and of what lies in them. Stateless, thread-safe. */
public final class SegmentDirectory {
    /** Name of the lock file in each segment directory. */
    public static final String LOCK_NAME = "lock";

    /** Largest segment id: the last one that has a name. */
    public static final long ID_MAX = 999_999_999_999_999_999L;

    private static final String PREFIX = "segment-";
    private static final int DIGITS_MIN = 5;
    private static final int DIGITS_MAX = 18;

    private SegmentDirectory() {}

    /** {@code segment-00001}; ids beyond 99999 widen. */
    public static String name(long segmentId) {
        return NumberedName.of(PREFIX, segmentId, DIGITS_MIN);
    }

    /** The id that a name stands for, empty when it is not the name of a segment directory. */
    public static OptionalLong parse(String name) {
        int digits = name.length() - PREFIX.length();
        if (!name.startsWith(PREFIX) || digits < DIGITS_MIN || digits > DIGITS_MAX) {
            return OptionalLong.empty();
        }
        long id = 0;
        for (int i = PREFIX.length(); i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return OptionalLong.empty();
            }
            id = id * 10 + (c - '0');
        }
        return id > 0 && name(id).equals(name) ? OptionalLong.of(id) : OptionalLong.empty();
    }

    /**
     * Deletes a segment's directory and the files in it, holding its lock; links are removed, never followed; what is neither
     * file nor link stays and fails the call. Nothing happens when the directory is absent.
     *
     * @throws StoreException.Locked when somebody else holds the segment; nothing was deleted
     */
    public static void delete(Storage storage, Path directory) {
        if (storage.kind(directory) != Storage.PathKind.DIRECTORY) {
            return;
        }
        try (StorageLock lock = storage.tryLock(directory.resolve(LOCK_NAME))) {
            if (lock == null) {
                throw new StoreException.Locked("segment directory " + directory + " is held by somebody else");
            }
            deleteWithFiles(storage, directory);
        }
    }

    /**
     * Deletes what a crash before the publish of a new manifest, or before the deletion of what an old one named, has left.
     *
     * @param runs the run files that the manifest names
     */
    static void deleteOrphans(Storage storage, Path directory, List<Shared<SharedRun>> runs) {
        deleteAllBut(
                storage,
                directory,
                runs.stream().map(run -> run.get().run().path()).toList());
    }

    /** The same in a segment that was loaded before its manifest was known to be the newest, and in which no work goes on. */
    public static void deleteOrphans(Storage storage, Path directory, SegmentView view) {
        deleteAllBut(storage, directory, view.openRuns().stream().map(Run::path).toList());
    }

    private static void deleteAllBut(Storage storage, Path directory, List<Path> named) {
        List<Path> orphans = new ArrayList<>();
        for (String name : storage.list(directory)) {
            Path file = directory.resolve(name);
            boolean temporary = name.equals(SegmentManifest.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX);
            if (temporary || (RunIdentity.isFileName(name) && !named.contains(file))) {
                orphans.add(file);
            }
        }
        if (!orphans.isEmpty()) {
            // The manifest that was read may not be durable yet, and the one before it may name them.
            storage.forceDirectory(directory);
        }
        orphans.forEach(storage::delete);
    }

    /** Deletes a directory and the files in it, whoever holds them. */
    public static void deleteWithFiles(Storage storage, Path directory) {
        for (String name : storage.list(directory)) {
            storage.delete(directory.resolve(name));
        }
        storage.delete(directory);
    }
}
