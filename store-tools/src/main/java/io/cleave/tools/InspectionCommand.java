package io.cleave.tools;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.StoreInspection;
import java.util.List;

/** A command that looks at a store's files without opening it. Belongs to one thread. */
abstract class InspectionCommand extends StoreCommand {
    private final Storage storage = RealStorage.open();

    final Storage storage() {
        return storage;
    }

    /** A look at the store. */
    final StoreInspection inspection() {
        return new StoreInspection(storage, store());
    }

    /** The index of that name, all of them for null, as far as they can be read; one that a live writer drops meanwhile is left out. */
    static List<IndexLook> looks(StoreInspection inspection, String index) {
        return index == null ? inspection.readable() : List.of(inspection.readable(index));
    }
}
