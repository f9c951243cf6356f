package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.DamageJudge.Case;
import io.cleave.DamageSubject.Boot;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.repair.ReadErrors;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Repairs of a store of which one file can't be read. The device may answer again in a moment, so a repair refuses and changes
 * nothing; and it may never answer again, so a repair that is told to puts the file aside.
 */
final class StoreRepairUnreadableTest {
    private static final DamageSubject SUBJECT = DamageSubject.make();

    private SimulatedStorage storage;
    private UnreadableStorage unreadable;

    /** Nobody reads the owner's word unless the store is open. */
    private static List<Path> files() {
        return SUBJECT.files().keySet().stream()
                .filter(file -> !file.endsWith("owner"))
                .toList();
    }

    private void fresh(Path file, boolean mappedOnly) {
        storage = SUBJECT.copy(Boot.OTHER).kill();
        unreadable = new UnreadableStorage(storage);
        String suffix = DamageSubject.STORE.relativize(file).toString();
        if (mappedOnly) {
            unreadable.failIn(suffix);
        } else {
            unreadable.failEverywhereIn(suffix);
        }
    }

    @Test
    void aFailedReadEndsTheRepairAndNothingIsChanged() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            for (Path file : files()) {
                for (boolean mappedOnly : mappedOnly(file)) {
                    fresh(file, mappedOnly);
                    StoreRepair repair = DamageJudge.repair(unreadable.storage());
                    StoreException.Io told = assertThrows(StoreException.Io.class, repair::repair, file::toString);
                    assertTrue(told.getMessage().contains(file.toString()), () -> file + ": " + told);
                    assertEquals(0, storage.operations(), () -> file + ": something was changed");
                    unreadable.heal();
                    assertTrue(DamageJudge.repair(storage).dryRun().nothingToDo(), file::toString);
                }
            }
        }
    }

    @Test
    void aRepairThatIsToldToPutsWhatCannotBeReadAside() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            DamageJudge judge = new DamageJudge(SUBJECT);
            for (Path file : files()) {
                for (boolean mappedOnly : mappedOnly(file)) {
                    byte[] content = SUBJECT.content(file);
                    fresh(file, mappedOnly);
                    RepairReport report = new StoreRepair(
                                    unreadable.storage(),
                                    DamageSubject.STORE,
                                    (done, total) -> {},
                                    ReadErrors.ARE_DAMAGE)
                            .repair();
                    List<Path> aside = DamageSubject.below(storage, report.setAside());
                    assertTrue(
                            aside.stream()
                                    .filter(path -> storage.kind(path) == Storage.PathKind.FILE)
                                    .anyMatch(path -> path.endsWith(file.getFileName())
                                            && Arrays.equals(content, storage.readAll(path, Integer.MAX_VALUE))),
                            () -> file + " does not lie there: " + aside);
                    // One file of the log that can't be opened hides all of it.
                    Path damaged = file.getParent().endsWith("log") ? file.getParent() : file;
                    Case one = new Case(file + " unreadable", List.of(damaged), List.of(), List.of(), none -> {});
                    judge.judgeRepaired(storage.kill(), one, report, report.lost());
                }
            }
        }
    }

    private static List<Boolean> mappedOnly(Path file) {
        return file.toString().endsWith(".run") ? List.of(true, false) : List.of(false);
    }
}
