package io.cleave.catalog;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which indexes a store has, how each is kept, and which features the store has. Immutable; replaced whole on disk, which is
 * what makes creating, dropping, altering and upgrading atomic.
 *
 * @param level 1 for a store from before there were features, {@value #LEVEL} for one that this version writes
 * @param features names of its features with their classes; none at level 1
 * @param nextIndexId no index has had this id
 * @param indexes name to id
 * @param options id to options; none at level 1
 */
public record StoreCatalog(
        int level,
        Map<String, FeatureClass> features,
        int nextIndexId,
        Map<String, Integer> indexes,
        Map<Integer, StoredOptions> options) {
    /** Name of the file in the store's directory. */
    public static final String FILE_NAME = "catalog";

    /** The level that is written. */
    public static final int LEVEL = 2;

    /** The oldest level that is read. */
    public static final int LEVEL_OLDEST = 1;

    /** Keeps its own, sorted copies of the maps. */
    public StoreCatalog {
        features = sorted(features);
        indexes = sorted(indexes);
        options = sorted(options);
    }

    /** The catalog of a new store: no index, and every feature that this version knows. */
    public static StoreCatalog empty() {
        return new StoreCatalog(LEVEL, known(), 1, Map.of(), Map.of());
    }

    /** The catalog of a store of level 1, which has no features and no options. */
    public static StoreCatalog ofLevel1(int nextIndexId, Map<String, Integer> indexes) {
        return new StoreCatalog(LEVEL_OLDEST, Map.of(), nextIndexId, indexes, Map.of());
    }

    /** True when the store has a feature. */
    public boolean has(Feature feature) {
        return features.containsKey(feature.text());
    }

    /**
     * Refuses to write the store when it has a feature that forbids that, or lacks one that every write needs.
     *
     * @param store its directory
     * @throws StoreException.FormatVersion naming the features
     */
    public void requireWritable(Path store) {
        requireKnown(store);
        if (!isCurrent()) {
            String wanted = Stream.of(Feature.values())
                    .filter(feature -> !has(feature))
                    .map(feature -> quoted(feature.text()))
                    .collect(Collectors.joining(", "));
            throw new StoreException.FormatVersion("store " + store + ": expected the features " + wanted
                    + ", which every write needs, found a store of level " + level + " without them: \"cleave upgrade "
                    + store + "\" or StoreOptions.upgrade(true) adds them");
        }
    }

    /** Refuses to write the store when it has a feature that forbids that; those that it lacks do not matter. */
    public void requireKnown(Path store) {
        requireKnown(store.resolve(FILE_NAME), features, featureClass -> featureClass != FeatureClass.NOTE);
    }

    /** True when it has every feature that this version knows. */
    public boolean isCurrent() {
        return Stream.of(Feature.values()).allMatch(this::has);
    }

    /** Refuses features that this version does not know and that are of some class. */
    static void requireKnown(Path file, Map<String, FeatureClass> features, Predicate<FeatureClass> refused) {
        String unknown = features.entrySet().stream()
                .filter(feature -> Feature.ofText(feature.getKey()) == null && refused.test(feature.getValue()))
                .map(feature -> quoted(feature.getKey()))
                .collect(Collectors.joining(", "));
        if (!unknown.isEmpty()) {
            throw new StoreException.FormatVersion(
                    file + ": expected features that version " + Feature.LIBRARY_VERSION + " knows, found " + unknown);
        }
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
        return new StoreCatalog(level, features, nextIndexId + 1, indexes, options);
    }

    /** The catalog with one more index, whose id was taken before. */
    public StoreCatalog withIndex(String name, int id, StoredOptions kept) {
        Map<String, Integer> next = new TreeMap<>(indexes);
        next.put(name, id);
        return new StoreCatalog(level, features, nextIndexId, next, options).withOptions(id, kept);
    }

    /** The catalog with other indexes altogether. */
    public StoreCatalog withIndexes(int nextId, Map<String, Integer> named, Map<Integer, StoredOptions> kept) {
        return new StoreCatalog(level, features, nextId, named, kept);
    }

    /** The catalog with one index less. */
    public StoreCatalog withoutIndex(String name) {
        Map<String, Integer> next = new TreeMap<>(indexes);
        Map<Integer, StoredOptions> nextOptions = new TreeMap<>(options);
        Integer id = next.remove(name);
        if (id != null) {
            nextOptions.remove(id);
        }
        return new StoreCatalog(level, features, nextIndexId, next, nextOptions);
    }

    /** The catalog with other options of an index; at level 1 the same. */
    public StoreCatalog withOptions(int id, StoredOptions kept) {
        if (level == LEVEL_OLDEST) {
            return this;
        }
        Map<Integer, StoredOptions> next = new TreeMap<>(options);
        next.put(id, kept);
        return new StoreCatalog(level, features, nextIndexId, indexes, next);
    }

    /**
     * The catalog with every feature that this version knows.
     *
     * @param kept options of the indexes that have none yet
     */
    public StoreCatalog upgraded(Map<Integer, StoredOptions> kept) {
        Map<String, FeatureClass> nextFeatures = new TreeMap<>(features);
        nextFeatures.putAll(known());
        Map<Integer, StoredOptions> nextOptions = new TreeMap<>(kept);
        nextOptions.putAll(options);
        return new StoreCatalog(LEVEL, nextFeatures, nextIndexId, indexes, nextOptions);
    }

    private static Map<String, FeatureClass> known() {
        return Stream.of(Feature.values()).collect(Collectors.toMap(Feature::text, Feature::featureClass));
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }

    private static <K extends Comparable<K>, V> SortedMap<K, V> sorted(Map<K, V> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
