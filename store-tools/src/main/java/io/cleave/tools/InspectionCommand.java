package io.cleave.tools;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.inspect.StoreInspection;

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
}
