package io.cleave.tools;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which of the names there are a mistyped one may have meant. Stateless, thread-safe. */
final class Resemblance {
    /** So many names are told at most: a store may have ten thousand indexes. */
    static final int NAMES_SHOWN = 8;

    private static final int NAME_CHARS_MAX = 64;

    private Resemblance() {}

    /** The nearest name, if it is near: one slip in a short name, two in a longer one, three in one of twelve signs and more. */
    static Optional<String> nearest(String typed, Collection<String> names) {
        int slips = typed.length() < 4 ? 1 : typed.length() < 12 ? 2 : 3;
        return names.stream()
                .filter(name -> distance(typed, name) <= slips)
                .min(Comparator.comparingInt((String name) -> distance(typed, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** {@code , did you mean "name"?}, or nothing. */
    static String question(String typed, Collection<String> names) {
        return nearest(typed, names)
                .map(name -> ", did you mean \"" + PrintableText.name(name) + "\"?")
                .orElse("");
    }

    /** The names in brackets, of many a few and how many there are besides. */
    static String few(Collection<String> names) {
        List<String> shown =
                names.stream().limit(NAMES_SHOWN).map(PrintableText::name).toList();
        int more = names.size() - shown.size();
        return shown.stream().collect(Collectors.joining(", ", "[", more == 0 ? "]" : ", and " + more + " more]"));
    }

    /** Signs that have to be put in, taken out, replaced, or exchanged with their neighbour; upper and lower case are the same. */
    private static int distance(String one, String other) {
        String a = shortened(one);
        String b = shortened(other);
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(last[j - 1] + same, Math.min(last[j], row[j - 1]) + 1);
                boolean isExchange =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (isExchange) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[b.length()];
    }

    private static String shortened(String name) {
        String folded = name.strip().toLowerCase(java.util.Locale.ROOT);
        return folded.length() <= NAME_CHARS_MAX ? folded : folded.substring(0, NAME_CHARS_MAX);
    }
}
