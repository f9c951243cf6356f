package io.cleave.tools;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.StoreInspection;
import java.util.ArrayList;
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

    /** The index of that name, all of them for null; one that a live writer drops meanwhile is left out. */
    static List<IndexLook> looks(StoreInspection inspection, String index) {
        if (index != null) {
            return List.of(inspection.index(index));
        }
        List<IndexLook> looks = new ArrayList<>();
        for (String name : inspection.catalog().indexes().keySet()) {
            try {
                looks.add(inspection.index(name));
            } catch (StoreException.NotFound e) {
                if (inspection.catalog().indexes().containsKey(name)) {
                    throw e;
                }
            }
        }
        return looks;
    }
}
