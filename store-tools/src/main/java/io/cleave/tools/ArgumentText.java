package io.cleave.tools;

/**
 * The words of a command line, which the JVM has decoded before anybody could look at their bytes: what is no text in the
 * encoding of the locale has become U+FFFD by then, and two different keys the same. So that sign is refused wherever it
 * stands, be it a key, a value, a name or a path.
 *
 * <p>Stateless, thread-safe.
 */
final class ArgumentText {
    private static final char REPLACEMENT = '\uFFFD';

    private ArgumentText() {}

    /** @throws UsageException when one of the words is not what was typed */
    static void require(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!isText(words[i])) {
                throw new UsageException("argument " + (i + 1) + ", \"" + PrintableText.of(words[i])
                        + "\": not text: expected UTF-8; keys and values of other bytes, and U+FFFD itself, go in with"
                        + " --hex");
            }
        }
    }

    private static boolean isText(String word) {
        return word.indexOf(REPLACEMENT) < 0
                && word.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
    }
}
