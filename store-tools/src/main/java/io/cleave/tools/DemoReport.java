package io.cleave.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a demo has to tell, in the order in which it is printed: pictures, figures, failed checks. Belongs to one thread. */
final class DemoReport {
    private final Terminal terminal;
    private final List<SegmentPicture> pictures = new ArrayList<>();
    private final List<String> figures = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private int checks;

    DemoReport(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Says at once what is being done. */
    void step(String what) {
        terminal.out().println(what);
        terminal.out().flush();
    }

    void figure(String name, String value) {
        figures.add(String.format(Locale.ROOT, "%-15s %s", name, value));
    }

    void picture(SegmentPicture picture) {
        pictures.add(picture);
    }

    /** Counts a check, which fails when it has found anything. */
    void expectNone(String what, long found) {
        checks++;
        if (found != 0) {
            failures.add(what + ": " + Figures.count(found));
        }
    }

    /** Counts a check of something that must be the same as something else. */
    void expectSame(String what, Object expected, Object found) {
        checks++;
        if (!expected.equals(found)) {
            failures.add(what + ": expected " + expected + ", found " + found);
        }
    }

    boolean isRight() {
        return failures.isEmpty();
    }

    void print() {
        for (SegmentPicture picture : pictures) {
            terminal.out().println();
            picture.print(terminal);
        }
        terminal.out().println();
        figures.forEach(terminal.out()::println);
        failures.forEach(failure -> terminal.out().println("CHECK FAILED: " + failure));
        terminal.out()
                .println(
                        failures.isEmpty()
                                ? "all " + checks + " checks hold"
                                : failures.size() + " of " + checks + " checks failed");
        terminal.out().flush();
    }
}
