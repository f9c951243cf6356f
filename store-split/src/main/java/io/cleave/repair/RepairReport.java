package io.cleave.repair;

import io.cleave.inspect.Finding;
import io.cleave.inspect.Verdict;
import java.nio.file.Path;
import java.util.List;

/**
 * What a repair found, did and could not save. A dry run gives the same one. Immutable.
 *
 * @param store directory of the store
 * @param setAside where what could not be used is now; null when there was nothing to do
 * @param found what verification found before
 * @param actions what was done, in order
 * @param lost keys of which entries are lost or may be
 * @param entriesLost how many entries are lost in all of them
 * @param after what verification finds afterwards
 * @param cutShort reports of earlier repairs that did not come to their end: what those say is lost is lost, and is not said again
 */
public record RepairReport(
        Path store,
        Path setAside,
        List<Finding> found,
        List<RepairAction> actions,
        List<LostRange> lost,
        LostEntries entriesLost,
        Verdict after,
        List<Path> cutShort) {
    /** Name of the file in the directory of the repair. */
    public static final String FILE_NAME = "report.txt";

    /** Keeps its own copies of the lists. */
    public RepairReport {
        found = List.copyOf(found);
        actions = List.copyOf(actions);
        lost = List.copyOf(lost);
        cutShort = List.copyOf(cutShort);
    }

    /** True when the store was as it should be, and nothing was done. */
    public boolean nothingToDo() {
        return actions.isEmpty();
    }

    /** True when no entry is lost, and none may be. */
    public boolean nothingLost() {
        return lost.isEmpty();
    }

    /** The report for people. */
    public String text() {
        StringBuilder text = new StringBuilder("Repair of " + store + "\n");
        text.append("\nFound by verification: ").append(found.size()).append('\n');
        found.forEach(finding -> text.append("  ").append(finding).append('\n'));
        text.append("\nDone: ").append(actions.size()).append('\n');
        actions.forEach(action -> text.append("  ").append(action).append('\n'));
        text.append("\nLost, as far as neither other files nor the log hold it: ")
                .append(nothingLost() ? "nothing" : entriesLost + " in " + ranges())
                .append('\n');
        lost.forEach(range -> text.append("  ").append(range).append('\n'));
        cutShort.forEach(report -> text.append("\nAn earlier repair was cut short: what it says is lost stands in ")
                .append(report)
                .append('\n'));
        text.append("\nFound by verification afterwards: ")
                .append(after.findings().size())
                .append('\n');
        after.findings().forEach(finding -> text.append("  ").append(finding).append('\n'));
        return text.toString();
    }

    private String ranges() {
        return lost.size() == 1 ? "1 range of keys" : lost.size() + " ranges of keys";
    }
}
