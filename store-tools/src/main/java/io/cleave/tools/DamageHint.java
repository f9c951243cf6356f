package io.cleave.tools;

import io.cleave.catalog.StoreLayout;
import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreInspection;
import java.nio.file.Path;
import java.util.Map;

/** What whoever meets damage is told besides: which index it is in, and the commands that help. Stateless, thread-safe. */
final class DamageHint {
    private DamageHint() {}

    /** The end of a message; empty for a failure that is no damage, or not of a store. */
    static String of(Throwable failure, Path store) {
        StoreException.Corrupt corrupt = corrupt(failure);
        if (corrupt == null || store == null) {
            return "";
        }
        String index = index(corrupt.file(), store);
        return (index == null ? "" : " (index " + StoreCommand.quoted(index) + ")")
                + "; \"cleave verify " + store + "\" tells all that is damaged, \"cleave repair --dry-run " + store
                + "\" what can be kept";
    }

    /** The damage behind a failure, null when there is none. */
    private static StoreException.Corrupt corrupt(Throwable failure) {
        Throwable at = failure;
        while (at != null && !(at instanceof StoreException.Corrupt)) {
            at = at.getCause();
        }
        return (StoreException.Corrupt) at;
    }

    private static String index(Path file, Path store) {
        Path root = store.toAbsolutePath().normalize();
        Path path = file.toAbsolutePath().normalize();
        String directory = path.startsWith(root) && path.getNameCount() > root.getNameCount()
                ? path.getName(root.getNameCount()).toString()
                : "";
        int id = StoreLayout.parseIndex(directory).orElse(0);
        try {
            Map<String, Integer> indexes =
                    new StoreInspection(RealStorage.open(), store).catalog().indexes();
            return indexes.entrySet().stream()
                    .filter(index -> index.getValue() == id)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        } catch (StoreException e) {
            return null;
        }
    }
}
