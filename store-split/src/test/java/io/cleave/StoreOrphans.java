package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cleave.catalog.StoreLayout;
import io.cleave.core.run.Run;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.Storage;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import java.util.Set;
import java.util.TreeSet;

/** Looks in a store that was recovered, and in which nothing is under way, for what no file of it names. */
final class StoreOrphans {
    private StoreOrphans() {}

    /** Every directory is that of an index of the catalog or a segment of a key map, every run that of a manifest. */
    static void requireNone(SegmentStore store) {
        Storage storage = store.engine().storage();
        Set<String> indexes = new TreeSet<>();
        for (RoutedIndex index : store.engine().indexes()) {
            indexes.add(index.directory().getFileName().toString());
            requireNone(storage, index);
        }
        Set<String> found = new TreeSet<>(storage.list(store.directory()));
        found.removeIf(name -> StoreLayout.parseIndex(name).isEmpty());
        assertEquals(indexes, found, "directories of indexes");
    }

    private static void requireNone(Storage storage, RoutedIndex index) {
        Route route = index.route();
        Set<String> segments = new TreeSet<>();
        for (int i = 0; i < route.size(); i++) {
            segments.add(SegmentDirectory.name(route.slot(i).segmentId()));
            Set<String> runs = new TreeSet<>();
            for (Run run : index.load(route.slot(i)).view().openRuns()) {
                runs.add(run.path().getFileName().toString());
            }
            Set<String> found = new TreeSet<>(
                    storage.list(index.segmentDirectory(route.slot(i).segmentId())));
            found.removeIf(name -> !name.startsWith("run-"));
            assertEquals(runs, found, "runs of segment " + route.slot(i).segmentId() + " in " + index.directory());
        }
        Set<String> found = new TreeSet<>(storage.list(index.directory()));
        found.removeIf(name -> SegmentDirectory.parse(name).isEmpty());
        assertEquals(segments, found, "directories of segments in " + index.directory());
    }
}
