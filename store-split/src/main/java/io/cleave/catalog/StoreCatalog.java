package io.cleave.catalog;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which indexes a store has. Immutable; replaced whole on disk, which is what makes creating and dropping atomic.
 *
 * @param nextIndexId no index has had this id
 * @param indexes name to id
 */
public record StoreCatalog(int nextIndexId, Map<String, Integer> indexes) {
    /** Name of the file in the store's directory. */
    public static final String FILE_NAME = "catalog";

    /** Keeps its own, sorted copy of the map. */
    public StoreCatalog {
        indexes = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(indexes));
    }

    /** The catalog of a new store. */
    public static StoreCatalog empty() {
        return new StoreCatalog(1, Map.of());
    }

    /** Name of the index with an id, empty when there is none. */
    public String nameOf(int id) {
        for (Map.Entry<String, Integer> index : indexes.entrySet()) {
            if (index.getValue() == id) {
                return index.getKey();
            }
        }
        return "";
    }

    /** The catalog once the next index id is taken, by nobody yet. */
    public StoreCatalog withIdTaken() {
        return new StoreCatalog(nextIndexId + 1, indexes);
    }

    /** The catalog with one more index, whose id was taken before. */
    public StoreCatalog withIndex(String name, int id) {
        Map<String, Integer> next = new TreeMap<>(indexes);
        next.put(name, id);
        return new StoreCatalog(nextIndexId, next);
    }

    /** The catalog with one index less. */
    public StoreCatalog withoutIndex(String name) {
        Map<String, Integer> next = new TreeMap<>(indexes);
        next.remove(name);
        return new StoreCatalog(nextIndexId, next);
    }
}
