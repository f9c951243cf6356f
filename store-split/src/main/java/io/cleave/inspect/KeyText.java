package io.cleave.inspect;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Keys for people: in quotes where they are text that prints, else in hexadecimal digits. Stateless, thread-safe. */
public final class KeyText {
    private KeyText() {}

    /** A key. */
    public static String of(byte[] key) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
            if (!text.isEmpty() && text.codePoints().allMatch(KeyText::prints)) {
                return '"' + text + '"';
            }
        } catch (CharacterCodingException e) {
            assert key.length > 0 : e;
        }
        return "0x" + HexFormat.of().formatHex(key);
    }

    /** A name, without anything in it that a terminal or a reader would take for something else. */
    public static String ofName(String name) {
        return name.codePoints().allMatch(KeyText::prints) ? name : of(name.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean prints(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> character != '"' && character != '\\' && character != 0xFFFD;
        };
    }
}
